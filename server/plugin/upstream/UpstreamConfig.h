#pragma once

#include "base/settings/Settings.h"
#include "client/Target.h"
#include "client/auth/AuthOptions.h"
#include "client/http/Credentials.h"
#include "plugin/config/PluginConfig.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// The settings of one server behind this one ("upstream.<name>."), read.
struct UpstreamConfig
{
    /// Whose calls go over which session.
    enum class Sessions
    {
        SHARED, ///< everybody's over one
        EACH    ///< each session of a client, else each principal, has one of its own
    };

    /// Errors: SettingsException naming the key, file and line.
    [[nodiscard]] static UpstreamConfig read(const base::Settings& settings, const std::string& name,
                                             std::size_t defaultMaxConcurrent);

    /// All that is set for it, for comparing: a server is brought up anew if this has changed.
    [[nodiscard]] static std::string fingerprint(const base::Settings& settings, const std::string& name);

    PluginConfig offer; ///< name, prefix, selection, texts, limits, sandbox, environment
    bool stdio = false;
    client::Target target; ///< STDIO: the command as it is typed, before anything confines it
    client::FixedCredentials::Headers headers;
    std::optional<client::AuthOptions> login; ///< OAuth, if that is how it is let in
    std::string forwardTo; ///< the callers' own tokens let them in, if they are made out to this; empty: they stay here
    std::string authorities, certificate, key; ///< see client::HttpOptions
    std::string revision;                      ///< see client::ClientSession::Options
    Sessions sessions = Sessions::SHARED;
    std::size_t maxSessions = 64;
    std::chrono::milliseconds idle{300000};   ///< after which a session ends; 0: never
    std::chrono::milliseconds start{30000};   ///< for a session to be opened
    std::chrono::milliseconds answer{600000}; ///< for a client to answer what the server asks
    int healthMs = 0;
    std::string logLevel;           ///< that the server is asked to log at; empty: it is not asked
    bool rootsOfClient = true;      ///< else `roots` are what it is told
    std::vector<std::string> roots; ///< absolute
    std::string pins;               ///< file with the digests of the tools as they were accepted; empty: none
};

/// The keys, for `plugin::settings()`.
[[nodiscard]] std::vector<base::SettingSpec> upstreamSettings();

} // namespace tenon::plugin
