#include "client/protocol/Rounds.h"

#include "base/json/JsonWriter.h"
#include "client/protocol/ClientSession.h"
#include "client/protocol/ToolHeaders.h"

#include <algorithm>
#include <thread>

namespace tenon::client
{

namespace
{

using base::JsonDocument;

constexpr int MAX_ROUNDS = 32;
constexpr int DEFAULT_POLL_MS = 1000;
constexpr int MAX_POLL_MS = 60'000;

/// `params` with what a round adds.
std::string withInput(const std::string& params, const std::string& responses, const JsonDocument::Element* state)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    base::JsonDocumentPtr document;
    simdjson::dom::object members;
    if (!params.empty())
    {
        document = JsonDocument::parse(params);
        if (!document->root().get(members))
            for (const auto& [name, value] : members)
                writer.member(name, value);
    }
    if (!responses.empty())
        writer.rawMember("inputResponses", responses);
    if (state)
        writer.member("requestState", *state);
    writer.endObject();
    return text;
}

int pollMs(const JsonDocument::Element& task, std::string_view name)
{
    JsonDocument::Element member;
    std::int64_t ms = DEFAULT_POLL_MS;
    if (base::findMember(task, name, member) && member.get(ms))
        ms = DEFAULT_POLL_MS;
    return static_cast<int>(std::clamp<std::int64_t>(ms, 20, MAX_POLL_MS));
}

ClientException failureOf(const JsonDocument::Element& task)
{
    JsonDocument::Element error, member;
    std::int64_t code = code::INTERNAL_ERROR;
    if (!base::findMember(task, "error", error))
        return ClientException(code::INTERNAL_ERROR,
                               "the task failed: " + std::string(base::textMember(task, "statusMessage")), "");
    if (base::findMember(error, "code", member) && member.get(code))
        code = code::INTERNAL_ERROR;
    return ClientException(static_cast<int>(code), std::string(base::textMember(error, "message")), "");
}

} // namespace

Reply Rounds::run(std::string_view method, const std::string& params, const RequestOptions& options)
{
    std::string sent = params;
    for (int round = 0; round < MAX_ROUNDS; ++round)
    {
        Reply reply = _session.request(method, sent, options);
        if (!_session.modern())
        {
            JsonDocument::Element task;
            if (method == "tools/call" && base::findMember(reply.result, "task", task) && task.is_object())
                return followLegacyTask(std::string(base::textMember(task, "taskId")), options);
            return reply;
        }
        const std::string_view type = base::textMember(reply.result, "resultType");
        if (type == "task")
            return followTask(std::string(base::textMember(reply.result, "taskId")), options);
        if (type != "input_required")
            return reply; // without a type it is complete
        JsonDocument::Element requests, state;
        const bool asks = base::findMember(reply.result, "inputRequests", requests);
        const bool hasState = base::findMember(reply.result, "requestState", state);
        if (!asks && !hasState)
            throw ClientException(Fault::PROTOCOL, "the server asks for input but does not say which");
        sent = withInput(params, asks ? answers(requests) : std::string(), hasState ? &state : nullptr);
    }
    throw ClientException(Fault::PROTOCOL, "the server keeps asking for input");
}

std::string Rounds::answers(const JsonDocument::Element& inputRequests)
{
    std::string text;
    base::JsonWriter writer(text);
    writer.beginObject();
    simdjson::dom::object members;
    if (!inputRequests.get(members))
        for (const auto& [key, request] : members)
        {
            JsonDocument::Element params;
            const bool has = base::findMember(request, "params", params);
            writer.rawMember(key, _handler.answer(base::textMember(request, "method"), has ? &params : nullptr));
        }
    writer.endObject();
    return text;
}

Reply Rounds::askTask(std::string_view method, const std::string& taskId, const std::string& more)
{
    std::string params;
    base::JsonWriter writer(params);
    writer.beginObject().member("taskId", taskId);
    if (!more.empty())
        writer.rawMember("inputResponses", more);
    writer.endObject();
    RequestOptions options;
    options.headers.emplace_back("Mcp-Name", headerValue(taskId));
    return _session.request(method, params, options);
}

void Rounds::wait(int ms, const std::string& taskId, const RequestOptions& options)
{
    // In small steps: a user who gives up does not wait for the next look at the task.
    for (int waited = 0; waited < ms; waited += 50)
    {
        if (options.cancellation && options.cancellation->cancelled())
        {
            (void)askTask("tasks/cancel", taskId, "");
            throw ClientException(Fault::CANCELLED, "cancelled");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(50, ms - waited)));
    }
}

Reply Rounds::followTask(const std::string& taskId, const RequestOptions& options)
{
    while (true)
    {
        Reply reply = askTask("tasks/get", taskId, "");
        const std::string_view status = base::textMember(reply.result, "status");
        JsonDocument::Element member;
        if (status == "completed" && base::findMember(reply.result, "result", member))
            return {reply.document, member};
        if (status == "failed")
            throw failureOf(reply.result);
        if (status == "cancelled")
            throw ClientException(Fault::CANCELLED, "the task was cancelled");
        if (status == "input_required" && base::findMember(reply.result, "inputRequests", member))
        {
            (void)askTask("tasks/update", taskId, answers(member));
            continue;
        }
        if (options.onProgress)
            options.onProgress({0, std::nullopt, std::string(base::textMember(reply.result, "statusMessage"))});
        wait(pollMs(reply.result, "pollIntervalMs"), taskId, options);
    }
}

Reply Rounds::followLegacyTask(const std::string& taskId, const RequestOptions& options)
{
    while (true)
    {
        const Reply reply = askTask("tasks/get", taskId, "");
        const std::string_view status = base::textMember(reply.result, "status");
        // The result is asked for when a question waits, too: questions come on the stream of that request.
        if (status != "working")
        {
            RequestOptions last = options;
            last.timeoutMs = 0;
            std::string params;
            base::JsonWriter(params).beginObject().member("taskId", taskId).endObject();
            return _session.request("tasks/result", params, last);
        }
        if (options.onProgress)
            options.onProgress({0, std::nullopt, std::string(base::textMember(reply.result, "statusMessage"))});
        wait(pollMs(reply.result, "pollInterval"), taskId, options);
    }
}

} // namespace tenon::client
