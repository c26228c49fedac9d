#pragma once

#include "base/settings/Settings.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon::net
{

/// The settings of this room, read once. Defaults are said here and nowhere else.
struct Settings
{
    // http.*
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    std::string mcpPath = "/mcp";
    std::string ssePath = "/sse";
    std::string messagePath = "/messages";
    bool webSocket = false;
    std::size_t threads = 0; ///< 0: as many as there are processors
    std::size_t maxThreads = 64;
    std::size_t queue = 1024;
    std::uint32_t queueMs = 10000;
    std::uint32_t keepAliveMs = 75000;
    std::uint32_t keepAliveMax = 0;
    std::uint32_t maxConnectionAgeMs = 0;
    std::size_t maxHeaderBytes = 16384;
    std::size_t gzipMinBytes = 8192;
    int backlog = 1024;

    // limits.*
    std::size_t maxMessageBytes = 4 * 1024 * 1024;
    std::size_t maxConnections = 20000;
    std::size_t maxStreams = 15000;
    std::size_t streamQueueBytes = 1024 * 1024;

    // timeouts.*
    std::uint32_t idleMs = 300000;
    std::uint32_t heartbeatMs = 15000;
    std::uint32_t headMs = 10000;
    std::uint32_t bodyMs = 30000;
    std::uint32_t sendMs = 30000;

    // sse.*
    std::vector<std::string> sseProfiles = {"standard"};
    int acceptedStatus = 0; ///< of a message; 0: the profile's own
    std::uint32_t resumeMs = 30000;
    std::uint32_t batchMs = 0;

    // tls.*
    bool tls = false;
    std::string tlsCertificate;
    std::string tlsKey;
    std::string tlsClientAuthorities;
    std::string tlsClients = "none"; ///< none, optional, required
    std::string tlsMinVersion = "1.2";
    std::string tlsCiphers;

    [[nodiscard]] static Settings read(const base::Settings& settings);
};

/// The keys of this room, with the defaults of `Settings`.
[[nodiscard]] std::vector<base::SettingSpec> settings();

} // namespace tenon::net
