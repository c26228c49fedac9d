#include "ops/log/StreamLine.h"

#include "ops/log/LogMembers.h"

namespace tenon::ops
{

namespace
{

constexpr std::int64_t US_PER_MS = 1000;

Poco::Message message(const char* text)
{
    return {"tenon.net", text, Poco::Message::PRIO_INFORMATION};
}

LogMembers membersOf(const net::StreamEntry& entry)
{
    LogMembers members;
    members.add("session", entry.sessionId)
        .add("client", entry.clientAddress)
        .add("principal", entry.principal)
        .add("target", withoutSecrets(entry.target));
    return members;
}

} // namespace

Poco::Message streamOpened(const net::StreamEntry& entry)
{
    Poco::Message line = message("stream opened");
    membersOf(entry).attachTo(line);
    return line;
}

Poco::Message streamClosed(const net::StreamEntry& entry)
{
    Poco::Message line = message("stream closed");
    membersOf(entry)
        .add("why", entry.why)
        .add("duration_ms", entry.durationUs / US_PER_MS)
        .add("events", static_cast<std::int64_t>(entry.events))
        .add("bytes", static_cast<std::int64_t>(entry.bytes))
        .attachTo(line);
    return line;
}

} // namespace tenon::ops
