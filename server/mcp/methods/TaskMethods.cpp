#include "base/json/JsonWriter.h"
#include "mcp/methods/Methods.h"
#include "mcp/revisions/TaskShape.h"

#include <array>

namespace tenon::mcp
{

using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

/// What tasks/result of 2025-11-25 gives: the answer that the call itself would have had, marked with its task.
void answerPayload(const RequestContext& context, const ResultMeta& meta, const store::TaskRecord& task)
{
    if (task.status == store::TaskStatus::CANCELLED)
        return answerError(context, ErrorKind::INVALID_PARAMS, "the task was cancelled");
    if (task.status == store::TaskStatus::FAILED)
    {
        std::string text;
        jsonrpc::appendErrorResponse(text, context.id, task.error);
        const std::array<std::string_view, 1> parts = {text};
        Answer same;
        same.parts = parts;
        same.error = ErrorKind::INTERNAL;
        return context.sink->finish(same);
    }
    const auto document = JsonDocument::parse(task.result);
    const auto shaped = shapeResult(ResultKind::CALL_TOOL, context.version, task.result, document->root(), meta, {});
    const auto legacy = JsonDocument::parse(std::string(shaped.head()).append(shaped.rest));
    std::string members;
    base::JsonWriter writer(members);
    for (const auto& [name, value] : simdjson::dom::object(legacy->root()))
        if (name != "_meta")
            writer.member(name, value);
    writer.key("_meta").beginObject();
    JsonDocument::Element own;
    if (base::findMember(legacy->root(), "_meta", own) && own.is_object())
        for (const auto& [name, value] : simdjson::dom::object(own))
            if (name != SERVER_INFO) // legacy results do not carry it
                writer.member(name, value);
    writer.key(RELATED_TASK).beginObject().member("taskId", task.id).endObject().endObject();
    answer(context, meta, members);
}

void answerTasks(const RequestContext& context, const Protocol& protocol, const std::vector<store::TaskRecord>& tasks)
{
    std::string members;
    base::JsonWriter writer(members);
    writer.key("tasks").beginArray();
    for (const auto& task : tasks)
        writer.raw('{' + legacyTaskMembers(task) + '}');
    writer.endArray();
    if (tasks.size() == protocol.options.pageSize)
        writer.member("nextCursor", tasks.back().id);
    answer(context, protocol.meta, members);
}

} // namespace

namespace methods
{

void getTask(Protocol& protocol, RequestContext& context)
{
    const auto task = protocol.tasks.get(context.requireText("taskId"), *context.principal);
    answer(context, protocol.meta, taskMembers(task, true));
}

void updateTask(Protocol& protocol, RequestContext& context)
{
    const auto id = context.requireText("taskId");
    JsonDocument::Element responses;
    if (!context.param(RequestParams::INPUT_RESPONSES, responses) || !responses.is_object())
        throw RpcException(ErrorKind::INVALID_PARAMS, "tasks/update needs the object \"inputResponses\" in its params");
    protocol.tasks.answer(id, *context.principal, responses);
    answer(context, protocol.meta, {});
}

void cancelTask(Protocol& protocol, RequestContext& context)
{
    protocol.tasks.cancel(context.requireText("taskId"), *context.principal);
    answer(context, protocol.meta, {});
}

void legacyGetTask(Protocol& protocol, RequestContext& context)
{
    const auto task = protocol.tasks.get(context.requireText("taskId"), *context.principal);
    answer(context, protocol.meta, legacyTaskMembers(task));
}

void legacyTaskResult(Protocol& protocol, RequestContext& context)
{
    const auto id = context.requireText("taskId");
    const auto work = protocol.tasks.running(id, *context.principal);
    RequestContext waiting = context;
    waiting.headers = nullptr; // borrowed for the dispatcher only
    // What the task asks the client goes out here, so the stream has to be there before the answer.
    if (work && context.transport == Transport::STREAMABLE_HTTP && context.sink->streams())
        waiting.sink = context.session->openStream(protocol.services.events, protocol.options.streamRetryMs,
                                                   context.sink, context.id);
    try
    {
        const auto tell = [waiting, &meta = protocol.meta](const store::TaskRecord& task)
        { answerPayload(waiting, meta, task); };
        protocol.tasks.whenEnded(id, *context.principal,
                                 [tell, &cluster = protocol.cluster](const store::TaskRecord& task)
                                 {
                                     if (!cluster || !cluster->tasks().settles(task.id, [tell, task] { tell(task); }))
                                         tell(task);
                                 });
    }
    catch (const RpcException& exc) // it expired just now, and the stream has taken over the answer
    {
        return answerError(waiting, exc.kind(), exc.message(), exc.data());
    }
    if (work && waiting.sink != context.sink)
        work->listenOn(context.session, waiting.sink);
}

void legacyListTasks(Protocol& protocol, RequestContext& context)
{
    // Listed, tasks of all who cannot be told apart would lie open, however hard their ids are to guess.
    if (!context.identified())
        throw RpcException(
            ErrorKind::METHOD_NOT_FOUND,
            "tasks/list needs authentication, so that clients can be told apart; this server asks for no credentials");
    std::string after;
    JsonDocument::Element cursor;
    if (context.param("cursor", cursor))
    {
        std::string_view text;
        if (cursor.get_string().get(text))
            throw RpcException(ErrorKind::INVALID_PARAMS, "\"cursor\" must be a string");
        after = text;
    }
    if (!protocol.cluster)
        return answerTasks(context, protocol,
                           protocol.tasks.list(*context.principal, after, protocol.options.pageSize));
    RequestContext waiting = context;
    waiting.headers = nullptr; // borrowed for the dispatcher only
    protocol.cluster->tasks().list(context.principal->id, after, protocol.options.pageSize,
                                   [waiting, &protocol, cursor = !after.empty()](
                                       store::Outcome outcome, const std::vector<store::TaskRecord>& tasks)
                                   {
                                       if (outcome == store::Outcome::AWAY)
                                           return answerError(waiting, ErrorKind::LIMIT,
                                                              "tasks cannot be looked up now; try again");
                                       if (outcome == store::Outcome::UNKNOWN && cursor)
                                           return answerError(waiting, ErrorKind::INVALID_PARAMS, Tasks::STALE_CURSOR);
                                       answerTasks(waiting, protocol, tasks);
                                   });
}

void legacyCancelTask(Protocol& protocol, RequestContext& context)
{
    const auto id = context.requireText("taskId");
    if (store::isTerminal(protocol.tasks.get(id, *context.principal).status))
        throw RpcException(ErrorKind::INVALID_PARAMS, "the task has ended already and cannot be cancelled");
    protocol.tasks.cancel(id, *context.principal);
    answer(context, protocol.meta, legacyTaskMembers(protocol.tasks.get(id, *context.principal)));
}

} // namespace methods

} // namespace tenon::mcp
