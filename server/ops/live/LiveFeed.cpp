#include "ops/live/LiveFeed.h"

#include "base/json/JsonWriter.h"
#include "base/text/LogLevels.h"
#include "ops/Answers.h"

#include <algorithm>
#include <string>

namespace tenon::ops
{

namespace
{

constexpr std::size_t MAX_TEXT = 500;    ///< of a log line or a name
constexpr std::size_t SHOWN_SESSION = 8; ///< an id is as good as a password

constexpr double US_PER_MS = 1000;

std::int64_t milliseconds(const Poco::Timestamp& time)
{
    return time.epochMicroseconds() / 1000;
}

std::string_view shortened(std::string_view text)
{
    if (text.size() <= MAX_TEXT)
        return text;
    std::size_t end = MAX_TEXT;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
        --end;
    return text.substr(0, end);
}

std::string_view wordFor(mcp::Operation::Outcome outcome)
{
    switch (outcome)
    {
    case mcp::Operation::Outcome::RESULT:
        return "ok";
    case mcp::Operation::Outcome::TOOL_ERROR:
        return "tool_error";
    case mcp::Operation::Outcome::ERROR:
        return "error";
    case mcp::Operation::Outcome::NOTHING:
        return "nothing";
    }
    return {};
}

void optional(base::JsonWriter& writer, std::string_view name, std::string_view text)
{
    if (!text.empty())
        writer.member(name, shortened(text));
}

} // namespace

bool LiveFeed::watch(net::ExchangePtr stream)
{
    const std::lock_guard lock(_mutex);
    std::erase_if(_watchers, [](const auto& watcher) { return watcher->closed(); });
    if (_watchers.size() >= MAX_WATCHERS)
        return false;
    _watchers.push_back(std::move(stream));
    _count = _watchers.size();
    return true;
}

void LiveFeed::request(const mcp::Operation& operation)
{
    std::string line;
    base::JsonWriter writer(line);
    writer.beginObject().member("at", milliseconds(operation.began)).member("method", shortened(operation.method));
    optional(writer, "name", operation.name);
    writer.member("principal", shortened(operation.principal));
    optional(writer, "session", std::string_view(operation.sessionId).substr(0, SHOWN_SESSION));
    writer.member("transport", nameOf(operation.transport));
    optional(writer, "version", operation.protocolVersion);
    writer.member("durationMs", static_cast<double>(operation.durationUs) / US_PER_MS)
        .member("outcome", wordFor(operation.outcome));
    if (operation.errorCode != 0)
        writer.member("code", operation.errorCode);
    optional(writer, "plugin", operation.plugin);
    optional(writer, "trace", operation.traceId);
    writer.endObject();
    _requests.add(line);
}

void LiveFeed::refused(const net::AccessEntry& entry)
{
    constexpr int FIRST_ERROR = 400;
    if (entry.status < FIRST_ERROR || !(entry.principal.empty() || entry.rpcMethod.empty()))
        return;
    std::string line;
    base::JsonWriter writer(line);
    // The query may hold a token.
    writer.beginObject()
        .member("at", milliseconds(entry.began))
        .member("method", entry.method + ' ' + entry.target.substr(0, entry.target.find('?')))
        .member("principal", shortened(entry.principal))
        .member("transport", "http")
        .member("durationMs", static_cast<double>(entry.durationUs) / US_PER_MS)
        .member("outcome", "refused")
        .member("code", entry.status)
        .endObject();
    _requests.add(line);
}

void LiveFeed::logged(const Poco::Message& message)
{
    if (!watched() || !_logs.hasRoom())
        return;
    const auto level = static_cast<std::size_t>(message.getPriority());
    std::string line;
    base::JsonWriter(line)
        .beginObject()
        .member("at", milliseconds(message.getTime()))
        .member("level", base::PRIORITY_NAMES[std::min(level, base::PRIORITY_NAMES.size() - 1)])
        .member("source", shortened(message.getSource()))
        .member("text", shortened(message.getText()))
        .endObject();
    _logs.add(line);
}

void LiveFeed::send(std::string_view event, std::string_view data)
{
    if (!watched())
        return;
    const std::lock_guard lock(_mutex);
    std::erase_if(_watchers, [&](const auto& watcher) { return !watcher->sendEvent(event, {}, data); });
    _count = _watchers.size();
}

void LiveFeed::turn()
{
    if (!watched())
        return;
    if (const std::string lines = _requests.take(); !lines.empty())
        send("requests", lines);
    if (const std::string lines = _logs.take(); !lines.empty())
        send("log", lines);
}

void LiveFeed::end()
{
    const std::lock_guard lock(_mutex);
    for (const auto& watcher : _watchers)
        watcher->close(0);
    _watchers.clear();
    _count = 0;
}

} // namespace tenon::ops
