#include "mcp/calls/CallTask.h"

#include "mcp/revisions/TaskShape.h"

#include <string>

namespace tenon::mcp
{

using base::JsonDocument;

void CallTask::start(const std::shared_ptr<TaskWork>& work)
{
    std::int64_t ttlMs = 0;
    JsonDocument::Element task, ttl;
    if (!_context.modern() && _context.param("task", task) && base::findMember(task, "ttl", ttl))
        if (ttl.get_int64().get(ttlMs))
            ttlMs = 0;
    const auto record = _services.tasks.begin(work, *_context.principal, _context.holder, _context.limits, ttlMs);
    // Tasks have their own life: only what the tool itself declares bounds them before their TTL does.
    if (_target.tool && _target.tool->timeoutMs < 0)
        _life.setTimeout(0);
    std::string result;
    if (_context.modern())
        result = "{\"resultType\":\"task\",\"_meta\":{" + _services.meta.serverInfo() + "}," +
                 taskMembers(record, false) + '}';
    else
        result = "{\"task\":{" + legacyTaskMembers(record) + "}}";
    _stream.becomeTask(record, result);
    if (_life.ended()) // by somebody who did not yet know of the task
        _services.tasks.cancelled(record.id);
}

bool CallTask::wanted() const
{
    JsonDocument::Element task;
    return _context.modern() ? _context.client.tasks
                             : _context.version == ProtocolVersion::V2025_11_25 && _context.param("task", task);
}

tenon_status CallTask::begin(const std::shared_ptr<TaskWork>& work)
{
    if (_life.ended())
        return TENON_ERROR_STATE;
    if (_stream.isTask() || !_target.tool || _target.tool->taskSupport == plugin::TaskSupport::FORBIDDEN)
        return TENON_OK;
    if (!wanted())
    {
        if (_target.tool->taskSupport != plugin::TaskSupport::REQUIRED)
            return TENON_OK;
        const std::string required = R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})";
        _questions.refuse({"Missing required client capability: " + required, required});
        return TENON_ERROR_UNSUPPORTED;
    }
    try
    {
        start(work);
    }
    catch (const jsonrpc::RpcException&)
    {
        return TENON_ERROR_RESOURCES;
    }
    return TENON_OK;
}

} // namespace tenon::mcp
