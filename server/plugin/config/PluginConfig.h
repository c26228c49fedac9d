#pragma once

#include "base/settings/Settings.h"
#include "plugin/config/OwnSettings.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tenon::plugin
{

enum class Isolation
{
    NONE,
    PROCESS
};

/// What a worker may use of the machine; 0 is unlimited.
struct WorkerLimits
{
    std::uint64_t memoryBytes = 0;
    std::uint64_t cpuSeconds = 0;
    std::uint64_t descriptors = 0;
    std::uint64_t processes = 0;
    std::uint64_t residentBytes = 0; ///< memory that it really holds: it is killed above
};

/// What a worker may reach; nothing else, but for the system's libraries.
struct Sandbox
{
    bool enabled = false;
    std::vector<std::string> read, write; ///< absolute
    bool network = false;
    bool processes = false;
};

/// How many processes a plugin in workers has.
struct WorkerCount
{
    std::size_t processes = 1;
    bool fresh = false; ///< each call gets one that has had none before; `processes` are kept ready
};

/// What the settings say instead of the plugin, of one tool.
struct ToolOverride
{
    std::optional<std::string> title, description;
    std::map<std::string, std::string> annotations; ///< name to JSON text
    std::optional<std::int64_t> timeoutMs;
    std::optional<std::size_t> maxConcurrent;
    std::optional<std::size_t> maxResultBytes;
};

/// The settings of one plugin, read.
struct PluginConfig
{
    /// Errors: Poco::DataFormatException for an override that is none.
    [[nodiscard]] static PluginConfig read(const base::Settings& settings, const std::string& name,
                                           std::size_t defaultMaxConcurrent);

    /// What holds for everything that offers tools, wherever it runs; the rest has its defaults.
    ///
    /// Shape:  `at` is where its keys begin: "upstream.docs.".
    /// Errors: as `read`.
    [[nodiscard]] static PluginConfig readOffered(const base::Settings& settings, const std::string& at,
                                                  const std::string& name, std::size_t defaultMaxConcurrent);

    /// As much as may come in one message: the largest result that the keys from `at` on ("plugin.", or "plugin.echo.")
    /// or `limits.maxResultBytes` allow, and an offer.
    ///
    /// Units: bytes.
    [[nodiscard]] static std::size_t largestMessage(const base::Settings& settings, const std::string& at);

    /// What an order of a client about a resource has from its arrival.
    [[nodiscard]] std::chrono::milliseconds orderTimeout() const;

    /// Whether the tool `name`, as the plugin calls it, is offered.
    [[nodiscard]] bool offersTool(const std::string& name) const;

    std::string name;
    bool enabled = true;
    Isolation isolation = Isolation::NONE;
    std::string prefix;
    std::vector<std::string> allow, deny;
    std::map<std::string, ToolOverride> overrides; ///< by the plugin's own name of the tool
    std::optional<std::int64_t> timeoutMs;
    std::size_t maxConcurrent = 0;
    std::size_t maxQueued = 0;
    std::size_t maxCrashes = 5;
    std::int64_t crashWindowMs = 60000;
    std::int64_t graceMs = 2000;
    std::int64_t loadTimeoutMs = 10000;
    std::string sha256; ///< lower case; empty: any
    WorkerCount workers;
    std::map<std::string, std::string> environment; ///< of workers, beside what all have
    WorkerLimits limits;
    Sandbox sandbox;
    OwnSettings settings; ///< all of "plugin.<name>."
};

} // namespace tenon::plugin
