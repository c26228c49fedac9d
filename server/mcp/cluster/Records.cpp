#include "mcp/cluster/Records.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"

#include <Poco/Logger.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using store::Outcome;

namespace
{

/// Of what is kept. A member more needs no other: it is passed over. What an instance of before would read wrongly does.
constexpr std::int64_t FORM = 1;

constexpr bool ClientCapabilities::*CAPABILITIES[] = {
    &ClientCapabilities::elicitation,   &ClientCapabilities::elicitationUrl,  &ClientCapabilities::sampling,
    &ClientCapabilities::samplingTools, &ClientCapabilities::samplingContext, &ClientCapabilities::roots,
    &ClientCapabilities::tasks};

/// How long a task without a TTL of its own is kept behind its last change.
constexpr std::int64_t UNLIMITED_MS = 24LL * 3600 * 1000;

/// What is kept may be read a little after the task's own time: whoever reads it says that it has expired.
constexpr std::int64_t SHORTEST_MS = 1000;

std::int64_t integerOf(const JsonDocument::Element& object, std::string_view name, std::int64_t otherwise)
{
    JsonDocument::Element value;
    std::int64_t number = otherwise;
    if (findMember(object, name, value) && value.get_int64().get(number))
        number = otherwise;
    return number;
}

bool isLater(const JsonDocument::Element& root)
{
    return integerOf(root, "form", FORM) > FORM;
}

Outcome later()
{
    static std::atomic<bool> said{false};
    if (!said.exchange(true))
        Poco::Logger::get("tenon.mcp")
            .warning("an instance of a later version keeps sessions or tasks in a form that this one cannot read; it "
                     "answers 503 to whoever comes with one of them until it is updated, too");
    return Outcome::AWAY;
}

template <typename Set>
void readTexts(const JsonDocument::Element& object, std::string_view name, Set& texts)
{
    JsonDocument::Element value;
    simdjson::dom::array items;
    if (!findMember(object, name, value) || value.get_array().get(items))
        return;
    for (const auto item : items)
    {
        std::string_view text;
        if (!item.get_string().get(text))
            texts.emplace(text);
    }
}

} // namespace

std::string recordText(const Session& session, const std::string& self)
{
    std::string text;
    base::JsonWriter writer(text);
    std::string capabilities;
    const auto client = session.client();
    for (const auto capability : CAPABILITIES)
        capabilities += client.*capability ? '1' : '0';
    writer.beginObject()
        .member("form", FORM)
        .member("principal", session.principal->id)
        .member("version", textOf(session.version()))
        .member("capabilities", capabilities)
        .member("client", session.clientName())
        .member("level", session.logLevel.load());
    std::set<std::string> subscriptions;
    for (const auto& held : {session.subscriptions(), session.subscriptionsElsewhere()})
        subscriptions.insert(held.begin(), held.end());
    if (!subscriptions.empty())
    {
        writer.key("subscriptions").beginArray();
        for (const auto& uri : subscriptions)
            writer.value(uri);
        writer.endArray();
    }
    if (const auto elsewhere = session.hasStandalone() ? self : session.listensAt(); !elsewhere.empty())
        writer.member("listensAt", elsewhere);
    writer.endObject();
    return text;
}

Outcome readRecord(const std::string& text, SessionRecord& record)
{
    try
    {
        const auto document = JsonDocument::parse(text);
        const auto root = document->root();
        const auto revision = base::textMember(root, "version");
        const auto version = versionOf(revision);
        if (isLater(root) || (!version && !revision.empty()))
            return later();
        if (!version)
            return Outcome::UNKNOWN;
        record.version = *version;
        record.principal = base::textMember(root, "principal");
        record.clientName = base::textMember(root, "client");
        record.listensAt = base::textMember(root, "listensAt");
        record.logLevel = static_cast<int>(integerOf(root, "level", 1));
        const auto capabilities = base::textMember(root, "capabilities");
        for (std::size_t at = 0; at < std::min(capabilities.size(), std::size(CAPABILITIES)); ++at)
            record.client.*CAPABILITIES[at] = capabilities[at] == '1';
        readTexts(root, "subscriptions", record.subscriptions);
        return Outcome::FOUND;
    }
    catch (const base::JsonException&)
    {
        return Outcome::UNKNOWN;
    }
}

store::Record recordOf(const store::TaskRecord& task)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject()
        .member("form", FORM)
        .member("status", static_cast<int>(task.status))
        .member("createdAt", static_cast<std::int64_t>(task.createdAt.epochMicroseconds()))
        .member("updatedAt", static_cast<std::int64_t>(task.updatedAt.epochMicroseconds()))
        .member("ageMs", task.ageMs())
        .member("pollMs", task.pollIntervalMs)
        .member("message", task.statusMessage);
    if (task.ttlMs)
        writer.member("ttlMs", *task.ttlMs);
    if (!task.inputRequests.empty())
    {
        writer.key("inputRequests").beginObject();
        for (const auto& [key, request] : task.inputRequests)
            writer.member(key, request);
        writer.endObject();
    }
    if (!task.result.empty())
        writer.member("result", task.result);
    if (!task.error.empty())
        writer.member("error", task.error);
    writer.endObject();
    const auto left = task.ttlMs ? *task.ttlMs - task.ageMs() : UNLIMITED_MS;
    return {store::RecordKind::TASK, task.id, task.principal, task.version, text, std::max(left, SHORTEST_MS)};
}

Outcome readRecord(const store::Record& record, store::TaskRecord& task)
{
    try
    {
        const auto document = JsonDocument::parse(record.text);
        const auto root = document->root();
        const auto status = integerOf(root, "status", 0);
        if (isLater(root) || status > static_cast<std::int64_t>(store::TaskStatus::CANCELLED))
            return later();
        task.id = record.id;
        task.principal = record.owner;
        task.version = record.version;
        task.status = static_cast<store::TaskStatus>(std::max<std::int64_t>(status, 0));
        task.createdAt = Poco::Timestamp(integerOf(root, "createdAt", 0));
        task.updatedAt = Poco::Timestamp(integerOf(root, "updatedAt", 0));
        task.bornMs -= integerOf(root, "ageMs", 0); // by no clock of the one that wrote it
        task.pollIntervalMs = integerOf(root, "pollMs", 1000);
        task.statusMessage = base::textMember(root, "message");
        task.result = base::textMember(root, "result");
        task.error = base::textMember(root, "error");
        task.archived = true;
        JsonDocument::Element requests;
        if (const auto ttlMs = integerOf(root, "ttlMs", -1); ttlMs >= 0)
            task.ttlMs = ttlMs;
        simdjson::dom::object members;
        if (findMember(root, "inputRequests", requests) && !requests.get_object().get(members))
            for (const auto& [key, request] : members)
            {
                std::string_view text;
                if (!request.get_string().get(text))
                    task.inputRequests.emplace(key, text);
            }
        return Outcome::FOUND;
    }
    catch (const base::JsonException&)
    {
        return Outcome::UNKNOWN;
    }
}

} // namespace tenon::mcp
