#include "plugin/worker/WorkerCalls.h"

#include "base/json/JsonWriter.h"
#include "plugin/call/PluginLog.h"
#include "plugin/worker/channel/CallFields.h"
#include "plugin/worker/channel/FrameBody.h"

#include <exception>
#include <utility>
#include <vector>

namespace tenon::plugin
{

void WorkerCalls::send(Target target, std::uint32_t index, const CallBackendPtr& call, std::uint64_t id,
                       const std::string* arguments)
{
    auto& body = freshBody();
    writeCall(body, target, index, *call, arguments);
    _channel.send(FrameType::CALL, id, body);
}

void WorkerCalls::handle(const Frame& frame)
{
    const bool ends =
        frame.type == FrameType::FINISH || frame.type == FrameType::FAIL || frame.type == FrameType::RETURNED;
    std::shared_ptr<void> keep;
    const CallBackendPtr call = ends ? _inFlight.take(frame.id, keep) : _inFlight.find(frame.id);
    if (!call)
        return;
    try
    {
        dispatch(*call, frame);
    }
    catch (const std::exception& exc)
    {
        if (ends)
            call->fail(TENON_ERROR_RESOURCES, {});
        logOfPlugin(_plugin, TENON_LOG_ERROR, std::string("a message of its worker was dropped: ") + exc.what());
    }
}

void WorkerCalls::dispatch(CallBackend& call, const Frame& frame)
{
    if (frame.droppedBytes > 0)
        return dispatchDropped(call, frame);
    FieldReader in(frame.body);
    switch (frame.type)
    {
    case FrameType::FINISH:
        finish(call, frame);
        break;
    case FrameType::FAIL:
    {
        const auto status = static_cast<tenon_status>(in.signedNumber());
        call.fail(status < TENON_OK ? status : TENON_ERROR_FAILED, in.text());
        break;
    }
    case FrameType::RETURNED:
    {
        const auto status = static_cast<tenon_status>(in.signedNumber());
        if (status == TENON_INPUT_PENDING)
            call.inputPending();
        else
            call.fail(status < TENON_OK ? status : TENON_ERROR_FAILED, {});
        break;
    }
    case FrameType::PROGRESS:
    {
        const double done = in.real(), total = in.real();
        call.progress(done, total, in.text());
        break;
    }
    case FrameType::LOG:
    {
        const auto level = static_cast<tenon_log_level>(in.signedNumber());
        const auto logger = in.text();
        call.log(level, logger, in.text());
        break;
    }
    case FrameType::REMEMBER:
    {
        const auto key = in.text();
        call.remember(key, in.text());
        break;
    }
    case FrameType::RELEASE:
        call.releaseStream(static_cast<std::uint32_t>(in.number()));
        break;
    case FrameType::ASK:
        answer(call, frame);
        break;
    default:
        break;
    }
}

void WorkerCalls::finish(CallBackend& call, const Frame& frame)
{
    // Checked again: the plugin may have damaged the memory of the worker that checked it.
    if (call.finish(std::string(frame.body), nullptr) == TENON_ERROR_INVALID)
        call.fail(FAILED_BY_HOST, "the plugin '" + _plugin + "' gave a result that is not a JSON object");
}

void WorkerCalls::dispatchDropped(CallBackend& call, const Frame& frame)
{
    switch (frame.type)
    {
    case FrameType::FINISH:
    case FrameType::FAIL:
    case FrameType::RETURNED:
        if (frame.droppedBytes > call.maxResultBytes())
            call.tooLarge(frame.droppedBytes);
        else
            call.fail(TENON_ERROR_RESOURCES,
                      "the server had no memory left for the result: try again later, or ask for less");
        break;
    case FrameType::ASK:
        sendAnswer(frame.id, TENON_ERROR_RESOURCES, {});
        break;
    default:
        logOfPlugin(_plugin, TENON_LOG_WARNING,
                    "a message of " + std::to_string(frame.droppedBytes) + " bytes about a call was dropped");
        break;
    }
}

void WorkerCalls::answer(CallBackend& call, const Frame& frame)
{
    FieldReader in(frame.body);
    const auto question = static_cast<Question>(in.number());
    const auto key = in.text();
    const auto text = in.text();
    tenon_status status = TENON_ERROR_FAILED;
    std::string answer;
    if (question == Question::INPUT)
    {
        const InputOutcome outcome = call.requestInput(key, text);
        status = outcome.status;
        if (status == TENON_OK)
            answer = base::toJson(outcome.answer->root());
    }
    else if (question == Question::RECALL)
    {
        std::string_view value;
        status = call.recall(key, value) ? TENON_OK : TENON_ERROR_NOT_FOUND;
        answer = value;
    }
    else if (question == Question::BEGIN_TASK)
        status = call.beginTask();
    else if (question == Question::EMIT)
        status = call.emit(key, text);
    sendAnswer(frame.id, status, answer);
}

void WorkerCalls::sendAnswer(std::uint64_t id, tenon_status status, std::string_view answer)
{
    auto& body = freshBody();
    FieldWriter(body).signedNumber(status).text(answer);
    _channel.send(FrameType::ANSWER, id, body);
}

bool WorkerCalls::sweep(std::chrono::milliseconds grace)
{
    const auto overdue = _inFlight.overdue(InFlightCalls::Clock::now(), grace);
    for (const auto id : overdue.cancelled)
        _channel.send(FrameType::CANCEL, id);
    return overdue.hopeless;
}

void WorkerCalls::fail(std::uint64_t id, const std::string& message)
{
    std::shared_ptr<void> keep;
    if (const auto call = _inFlight.take(id, keep))
        call->fail(FAILED_BY_HOST, message);
}

std::size_t WorkerCalls::failAll(const std::string& message)
{
    std::vector<std::shared_ptr<void>> kept;
    const auto calls = _inFlight.takeAll(kept);
    for (const auto& call : calls)
        call->fail(FAILED_BY_HOST, message);
    return calls.size();
}

} // namespace tenon::plugin
