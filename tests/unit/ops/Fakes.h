#pragma once

#include "guard/Gate.h"
#include "ops/Operations.h"
#include "ops/SessionsView.h"
#include "ops/StatusSource.h"

#include <algorithm>
#include <string>
#include <vector>

namespace tenon::test
{

class FakeStatus : public ops::StatusSource
{
public:
    Phase phase() const override { return now; }
    std::vector<std::string> missingPlugins() const override { return missing; }
    Offer offer() const override { return {2, 7, 3, 1}; }
    std::vector<Endpoint> endpoints() const override { return {{"/mcp", "Streamable HTTP"}, {"/sse", "HTTP+SSE"}}; }
    Poco::Timestamp startedAt() const override { return Poco::Timestamp::fromEpochTime(1'800'000'000); }

    std::vector<Plugin> plugins() const override { return files; }
    std::vector<std::pair<std::string, std::size_t>> queues() const override { return {{"echo", 3}}; }

    Phase now = Phase::RUNNING;
    std::vector<Plugin> files;
    std::vector<std::string> missing;
};

class FakeSessions : public ops::SessionsView
{
public:
    std::vector<ops::SessionInfo> sessions() const override { return all; }
    std::size_t callsInFlight() const override { return 4; }

    bool end(std::string_view id) override
    {
        const auto at =
            std::find_if(all.begin(), all.end(), [&](const ops::SessionInfo& info) { return info.id == id; });
        if (at == all.end())
            return false;
        all.erase(at);
        return true;
    }

    std::size_t broadcast(const ops::Broadcast& message) override
    {
        sent.push_back(*message.notification);
        std::size_t count = 0;
        for (const ops::SessionInfo& info : all)
            count += message.accepts(info) ? 1 : 0;
        return count;
    }

    /// Seconds: of the fake start of the server.
    void add(std::string id, std::string type, std::int64_t openedAfterSeconds,
             std::shared_ptr<const base::Permissions> permissions = nullptr)
    {
        auto principal = std::make_shared<base::Principal>();
        principal->id = "token:" + type;
        principal->name = "name of " + type;
        principal->type = std::move(type);
        principal->permissions = std::move(permissions);
        ops::SessionInfo info;
        info.id = std::move(id);
        info.principal = std::move(principal);
        info.transport = "streamable-http";
        info.protocolVersion = "2025-11-25";
        info.openedAt = Poco::Timestamp::fromEpochTime(1'800'000'000 + openedAfterSeconds);
        info.idleMs = 1500;
        info.eventsSent = 3;
        info.streaming = true;
        all.push_back(std::move(info));
    }

    std::vector<ops::SessionInfo> all;
    std::vector<std::string> sent;
};

/// The settings of this room and of guard, on which it stands.
inline base::SettingsPtr settingsOf(std::map<std::string, std::string> values)
{
    std::vector<base::SettingSpec> specs = ops::settings();
    for (const base::SettingSpec& spec : guard::settings())
        specs.push_back(spec);
    return base::Settings::of(std::move(values), std::move(specs));
}

} // namespace tenon::test
