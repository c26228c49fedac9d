#include "base/json/JsonWriter.h"
#include "base/settings/SettingsException.h"
#include "base/text/Hex.h"
#include "mcp/Services.h"

#include <algorithm>

namespace tenon::mcp
{

using base::SettingType;

std::vector<base::SettingSpec> settings()
{
    return {
        {"mcp.name", SettingType::TEXT, "tenon", "", "Name of this server, as clients see it in serverInfo."},
        {"mcp.title", SettingType::TEXT, "Tenon", "", "Name of this server for people."},
        {"mcp.instructions", SettingType::TEXT, "", "",
         "What a model should know about using this server; empty: nothing."},
        {"mcp.pageSize", SettingType::INTEGER, "200", "1..10000", "Items on one page of a list."},
        {"mcp.listTtlMs", SettingType::INTEGER, "60000", "0..",
         "Milliseconds for which clients may take a list as fresh (ttlMs, 2026-07-28)."},
        {"mcp.requestStateKey", SettingType::TEXT, "", "",
         "Key that seals requestState, 64 hex digits, the same on all machines of one service; empty: made at each "
         "start, or agreed on through cluster.redis."},
        {"mcp.requestStateMs", SettingType::INTEGER, "3600000", "1000..",
         "Milliseconds for which a requestState is good."},
        {"mcp.taskTtlMs", SettingType::INTEGER, "3600000", "1000..",
         "Milliseconds for which a task is kept after its creation."},
        {"mcp.taskPollMs", SettingType::INTEGER, "500", "1..",
         "Milliseconds between polls of a task, as told to clients."},
        {"mcp.streamRetryMs", SettingType::INTEGER, "1000", "0..3600000",
         "Milliseconds after which a client comes back to a stream that was closed (retry:)."},
        {"mcp.maxBatch", SettingType::INTEGER, "100", "1..10000", "Messages in one batch (2025-03-26)."},
        {"mcp.maxQuestionRounds", SettingType::INTEGER, "3", "1..100",
         "How often a question is repeated to a client whose answers do not fit, before the tool is told so."},
        {"mcp.strictOutput", SettingType::BOOLEAN, "true", "",
         "Answer with an error, instead of a log line, when a result breaks its tool's outputSchema."},
        {"limits.maxSessions", SettingType::INTEGER, "10000", "1..", "Sessions of legacy clients at a time."},
        {"limits.maxSessionsPerPrincipal", SettingType::INTEGER, "0", "0..",
         "Sessions of one principal, or one anonymous address, at a time; 0: no limit."},
        {"limits.maxCalls", SettingType::INTEGER, "10000", "0..",
         "Calls of tools, resources and prompts in flight at a time; 0: no limit."},
        {"limits.maxSubscriptions", SettingType::INTEGER, "1000", "1..",
         "Resources that one session, or one listening stream, may be subscribed to."},
        {"limits.maxResultBytes", SettingType::INTEGER, "16777216", "1024..",
         "Bytes of one result; a larger one becomes an error that tells a model to ask for less."},
        {"limits.maxTasks", SettingType::INTEGER, "10000", "1..", "Tasks kept at a time."},
        {"limits.streamEvents", SettingType::INTEGER, "256", "1..",
         "Events kept of one stream, for clients that resume it."},
        {"limits.streamEventBytes", SettingType::INTEGER, "1048576", "1024..", "Bytes of events kept of one stream."},
        {"timeouts.sessionMs", SettingType::INTEGER, "3600000", "1000..",
         "Milliseconds after which a session that sent nothing and has no open stream ends."},
        {"timeouts.requestMs", SettingType::INTEGER, "120000", "0..",
         "Milliseconds that a call may take, unless its tool says otherwise; 0: no limit."},
    };
}

Options Options::read(const base::Settings& settings)
{
    Options options;
    base::JsonWriter writer(options.implementation);
    writer.beginObject()
        .member("name", settings.text("mcp.name"))
        .member("title", settings.text("mcp.title"))
        .member("version", TENON_VERSION)
        .endObject();
    options.instructions = settings.text("mcp.instructions");
    options.pageSize = static_cast<std::size_t>(settings.integer("mcp.pageSize"));
    options.listTtlMs = settings.integer("mcp.listTtlMs");
    options.maxSessions = static_cast<std::size_t>(settings.integer("limits.maxSessions"));
    options.maxSessionsPerPrincipal = static_cast<std::size_t>(settings.integer("limits.maxSessionsPerPrincipal"));
    options.maxTasks = static_cast<std::size_t>(settings.integer("limits.maxTasks"));
    options.maxCalls = static_cast<std::size_t>(settings.integer("limits.maxCalls"));
    options.maxSubscriptions = static_cast<std::size_t>(settings.integer("limits.maxSubscriptions"));
    options.maxResultBytes = static_cast<std::size_t>(settings.integer("limits.maxResultBytes"));
    options.sessionMs = settings.integer("timeouts.sessionMs");
    options.requestMs = settings.integer("timeouts.requestMs");
    options.requestStateMs = settings.integer("mcp.requestStateMs");
    options.requestStateKey = settings.text("mcp.requestStateKey");
    options.taskTtlMs = settings.integer("mcp.taskTtlMs");
    options.taskPollMs = settings.integer("mcp.taskPollMs");
    options.streamRetryMs = static_cast<std::uint32_t>(settings.integer("mcp.streamRetryMs"));
    options.maxBatch = static_cast<std::size_t>(settings.integer("mcp.maxBatch"));
    options.maxQuestionRounds = static_cast<unsigned>(settings.integer("mcp.maxQuestionRounds"));
    options.strictOutput = settings.boolean("mcp.strictOutput");

    const auto& key = options.requestStateKey;
    if (!key.empty() && (key.size() != 64 || !std::all_of(key.begin(), key.end(), base::isHex)))
        settings.refuse("mcp.requestStateKey", "must be 64 hex digits (openssl rand -hex 32 makes them)");
    return options;
}

} // namespace tenon::mcp
