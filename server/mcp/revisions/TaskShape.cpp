#include "mcp/revisions/TaskShape.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>

namespace tenon::mcp
{

using store::TaskRecord;
using store::TaskStatus;

namespace
{

std::string_view nameOf(TaskStatus status)
{
    switch (status)
    {
    case TaskStatus::WORKING:
        return "working";
    case TaskStatus::INPUT_REQUIRED:
        return "input_required";
    case TaskStatus::COMPLETED:
        return "completed";
    case TaskStatus::FAILED:
        return "failed";
    case TaskStatus::CANCELLED:
        return "cancelled";
    }
    return "failed";
}

/// The first text of a tool's result: what went wrong, if it failed.
std::string textOf(const base::JsonDocument::Element& result)
{
    base::JsonDocument::Element content;
    simdjson::dom::array blocks;
    if (base::findMember(result, "content", content) && !content.get_array().get(blocks))
        for (const auto block : blocks)
            if (base::textMember(block, "type") == "text")
                return std::string(base::textMember(block, "text"));
    return {};
}

std::string textOf(const Poco::Timestamp& time)
{
    return Poco::DateTimeFormatter::format(time, Poco::DateTimeFormat::ISO8601_FRAC_FORMAT);
}

void writeCommon(base::JsonWriter& writer, const TaskRecord& task, TaskStatus status, std::string_view message,
                 std::string_view ttlName, std::string_view pollName)
{
    writer.member("taskId", task.id).member("status", nameOf(status));
    if (!message.empty())
        writer.member("statusMessage", message);
    writer.member("createdAt", textOf(task.createdAt)).member("lastUpdatedAt", textOf(task.updatedAt));
    writer.key(ttlName);
    if (task.ttlMs)
        writer.value(*task.ttlMs);
    else
        writer.null();
    writer.member(pollName, task.pollIntervalMs);
}

} // namespace

std::string taskMembers(const TaskRecord& task, bool detailed)
{
    std::string members;
    base::JsonWriter writer(members);
    writeCommon(writer, task, task.status, task.statusMessage, "ttlMs", "pollIntervalMs");
    if (!detailed)
        return members;
    if (task.status == TaskStatus::INPUT_REQUIRED)
    {
        writer.key("inputRequests").beginObject();
        for (const auto& [key, request] : task.inputRequests)
            writer.rawMember(key, request);
        writer.endObject();
    }
    else if (task.status == TaskStatus::COMPLETED)
        writer.rawMember("result", task.result);
    else if (task.status == TaskStatus::FAILED)
        writer.rawMember("error", task.error);
    return members;
}

std::string legacyTaskMembers(const TaskRecord& task)
{
    TaskStatus status = task.status;
    std::string message = task.statusMessage;
    base::JsonDocument::Element member;
    if (status == TaskStatus::COMPLETED)
    {
        const auto document = base::JsonDocument::parse(task.result);
        bool isError = false;
        if (base::findMember(document->root(), "isError", member) && !member.get_bool().get(isError) && isError)
        {
            status = TaskStatus::FAILED;
            message = textOf(document->root());
        }
    }
    else if (status == TaskStatus::FAILED)
        message = base::textMember(base::JsonDocument::parse(task.error)->root(), "message");
    std::string members;
    base::JsonWriter writer(members);
    writeCommon(writer, task, status, message, "ttl", "pollInterval");
    return members;
}

} // namespace tenon::mcp
