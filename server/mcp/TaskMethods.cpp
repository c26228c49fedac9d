#include "base/JsonWriter.h"
#include "mcp/Definitions.h"
#include "mcp/Methods.h"

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
        const auto document = JsonDocument::parse(task.error);
        const auto message = base::textMember(document->root(), "message");
        return answerError(context, ErrorKind::INTERNAL, message);
    }
    const auto document = JsonDocument::parse(task.result);
    auto shaped = shapeResult(ResultKind::CALL_TOOL, context.version, task.result, document->root(), meta, {});
    std::string members = shaped.head.substr(1).append(shaped.rest); // without the brace in front
    members.pop_back();                                              // and the one behind
    // Whatever `_meta` the result had carried this server's name, which legacy results do not.
    const auto shapedDocument = JsonDocument::parse('{' + members + '}');
    std::string marked;
    base::JsonWriter writer(marked);
    for (const auto& [name, value] : simdjson::dom::object(shapedDocument->root()))
        if (name != "_meta")
            writer.member(name, value);
    writer.key("_meta").beginObject().key("io.modelcontextprotocol/related-task").beginObject();
    writer.member("taskId", task.id).endObject().endObject();
    answer(context, meta, marked);
}

} // namespace

namespace methods
{

void getTask(Protocol& protocol, const RequestContext& context)
{
    const auto task = protocol.tasks.get(context.requireText("taskId"), *context.principal);
    answer(context, protocol.meta, taskMembers(task, true));
}

void updateTask(Protocol& protocol, const RequestContext& context)
{
    const auto id = context.requireText("taskId");
    JsonDocument::Element responses;
    if (!context.param("inputResponses", responses) || !responses.is_object())
        throw RpcException(ErrorKind::INVALID_PARAMS, "tasks/update needs the object \"inputResponses\" in its params");
    protocol.tasks.answer(id, *context.principal, responses);
    answer(context, protocol.meta, {});
}

void cancelTask(Protocol& protocol, const RequestContext& context)
{
    protocol.tasks.cancel(context.requireText("taskId"), *context.principal);
    answer(context, protocol.meta, {});
}

void legacyGetTask(Protocol& protocol, const RequestContext& context)
{
    const auto task = protocol.tasks.get(context.requireText("taskId"), *context.principal);
    answer(context, protocol.meta, legacyTaskMembers(task));
}

void legacyTaskResult(Protocol& protocol, const RequestContext& context)
{
    protocol.tasks.whenEnded(context.requireText("taskId"), *context.principal,
                             [context, &meta = protocol.meta](const store::TaskRecord& task)
                             { answerPayload(context, meta, task); });
}

void legacyListTasks(Protocol& protocol, const RequestContext& context)
{
    std::string after;
    JsonDocument::Element cursor;
    if (context.param("cursor", cursor) && cursor.is_string())
        after = cursor.get_string().value_unsafe();
    const auto tasks = protocol.tasks.list(*context.principal, after, protocol.options.pageSize);
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

void legacyCancelTask(Protocol& protocol, const RequestContext& context)
{
    const auto id = context.requireText("taskId");
    if (store::isTerminal(protocol.tasks.get(id, *context.principal).status))
        throw RpcException(ErrorKind::INVALID_PARAMS, "the task has ended already and cannot be cancelled");
    protocol.tasks.cancel(id, *context.principal);
    answer(context, protocol.meta, legacyTaskMembers(protocol.tasks.get(id, *context.principal)));
}

} // namespace methods

} // namespace tenon::mcp
