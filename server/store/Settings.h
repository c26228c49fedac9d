#pragma once

#include "base/settings/Settings.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon::store
{

/// The settings of this room, read once.
struct Settings
{
    std::string file;     ///< of `store = sqlite:FILE`; empty: memory only
    std::string redis;    ///< URL; empty: one instance
    std::string instance; ///< name of this one; empty: made up
    std::string prefix;
    std::string authorities, certificate, key; ///< PEM files for TLS to Redis; empty: the system's, none
    std::int64_t leaseMs = 5'000;
    std::int64_t patienceMs = 1'000;
    bool required = false;
    std::size_t streamEvents = 256;
    std::int64_t sealedMs = 3'600'000; ///< how long what is sealed for clients is good

    /// Whether anything outlives this process or is shared.
    [[nodiscard]] bool backed() const { return !file.empty() || !redis.empty(); }

    /// Errors: base's SettingsException for what contradicts itself, or is not built in.
    [[nodiscard]] static Settings read(const base::Settings& settings);
};

struct RedisAddress;

/// The address in `cluster.redis`, with what TLS to it needs. Only where Redis is built in.
///
/// Errors: Poco::InvalidArgumentException, worded for the operator.
[[nodiscard]] RedisAddress addressOf(const Settings& settings);

/// The settings of this room.
[[nodiscard]] std::vector<base::SettingSpec> settings();

} // namespace tenon::store
