#include "plugin/abi/HostCall.h"

#include "base/limits/LargeTurn.h"
#include "base/text/GiveBack.h"
#include "plugin/abi/HostCallPool.h"
#include "plugin/abi/ValueApi.h"

#include <Poco/Exception.h>

#include <new>
#include <utility>

namespace tenon::plugin
{

namespace
{

constexpr std::size_t MAX_KEPT_OUTPUT = 64 * 1024;
constexpr const char* NO_MEMORY = "there was no memory for the plugin's result";

/// An address that is this thread's alone.
const void* markOfThisThread() noexcept
{
    thread_local const char mark = 0;
    return &mark;
}

/// Runs `work` with the backend of a call that has not ended; nothing thrown gets into the plugin.
template <typename Work>
tenon_status guarded(tenon_call* call, Work work)
{
    CallBackend* backend = HostCall::of(call).backend();
    if (!backend)
        return TENON_ERROR_STATE;
    try
    {
        return work(*backend);
    }
    catch (const std::bad_alloc&)
    {
        return TENON_ERROR_RESOURCES;
    }
    catch (...)
    {
        return TENON_ERROR_FAILED;
    }
}

template <typename Work>
tenon_status guarded(Work work)
{
    try
    {
        return work();
    }
    catch (...)
    {
        return TENON_ERROR_FAILED;
    }
}

tenon_status TENON_ABI finish(tenon_call* call, tenon_text result)
{
    return guarded([&] { return HostCall::of(call).finish(toView(result)); });
}

tenon_status TENON_ABI fail(tenon_call* call, tenon_status status, tenon_text message)
{
    return guarded([&] { return HostCall::of(call).fail(status, toView(message)); });
}

tenon_status TENON_ABI progress(tenon_call* call, double done, double total, tenon_text message)
{
    return guarded(call, [&](CallBackend& backend) { return backend.progress(done, total, toView(message)); });
}

tenon_status TENON_ABI log(tenon_call* call, tenon_log_level level, tenon_text logger, tenon_text data)
{
    if (level < TENON_LOG_DEBUG || level > TENON_LOG_EMERGENCY)
        return TENON_ERROR_INVALID;
    return guarded(call, [&](CallBackend& backend) { return backend.log(level, toView(logger), toView(data)); });
}

bool TENON_ABI isCancelled(const tenon_call* call)
{
    const CallBackend* backend = HostCall::of(call).backend();
    return !backend || backend->isCancelled();
}

bool TENON_ABI clientHas(const tenon_call* call, tenon_client_feature feature)
{
    const CallBackend* backend = HostCall::of(call).backend();
    return backend && backend->clientHas(feature);
}

tenon_status TENON_ABI requestInput(tenon_call* call, tenon_text key, tenon_text request, tenon_value* answer)
{
    return guarded(call,
                   [&](CallBackend&) { return HostCall::of(call).requestInput(toView(key), toView(request), answer); });
}

tenon_status TENON_ABI remember(tenon_call* call, tenon_text key, tenon_text value)
{
    return guarded(call, [&](CallBackend& backend) { return backend.remember(toView(key), toView(value)); });
}

bool TENON_ABI recall(tenon_call* call, tenon_text key, tenon_text* value)
{
    bool found = false;
    (void)guarded(call,
                  [&](CallBackend& backend)
                  {
                      std::string_view text;
                      found = backend.recall(toView(key), text);
                      if (found && value)
                          *value = toText(text);
                      return TENON_OK;
                  });
    return found;
}

tenon_status TENON_ABI releaseStream(tenon_call* call, std::uint32_t retryMs)
{
    return guarded(call, [&](CallBackend& backend) { return backend.releaseStream(retryMs); });
}

tenon_status TENON_ABI beginTask(tenon_call* call)
{
    return guarded(call, [](CallBackend& backend) { return backend.beginTask(); });
}

tenon_status TENON_ABI emit(tenon_call* call, tenon_text type, tenon_text data)
{
    return guarded(call, [&](CallBackend& backend) { return backend.emit(toView(type), toView(data)); });
}

constexpr tenon_call_api API = {
    sizeof(tenon_call_api), 0,        finish, fail,          progress,  log, isCancelled, clientHas,
    requestInput,           remember, recall, releaseStream, beginTask, emit};

} // namespace

HostCall::HostCall()
{
    _call.struct_size = sizeof _call;
    _call.host_data = this;
    _call.api = &API;
}

HostCall* HostCall::begin(CallBackend& backend)
{
    HostCall* call = HostCallPool::take();
    call->_enterer = markOfThisThread();
    call->_backend = &backend;
    tenon_call& abi = call->_call;
    abi.arguments = toValue(backend.arguments());
    const CallOrigin origin = backend.origin();
    abi.meta = origin.hasMeta ? toValue(origin.meta) : tenon_value{nullptr, 0};
    abi.principal = toOptionalText(origin.principal);
    abi.session = toOptionalText(origin.session);
    abi.traceparent = toOptionalText(origin.traceparent);
    abi.tracestate = toOptionalText(origin.tracestate);
    abi.baggage = toOptionalText(origin.baggage);
    abi.deadline_ms = backend.deadlineMs();
    call->_writer.limit(backend.maxResultBytes());
    call->_marks.store(0, std::memory_order_release);
    return call;
}

tenon_status HostCall::returned(tenon_status status, const CallBackendPtr& backend, const Keep& keep)
{
    const bool asynchronous = status == TENON_ASYNC;
    unsigned before = _marks.load(std::memory_order_acquire);
    if (before & ENDED) // nobody else changes it any more
    {
        release(asynchronous);
        return TENON_OK;
    }
    unsigned after = 0;
    bool unanswered = false;
    do
    {
        if (!_kept && (asynchronous || before & ENDING)) // whoever ends it needs it after this function
        {
            _kept = backend;
            if (keep)
                _plugin = keep();
        }
        after = before | RETURNED;
        unanswered = asynchronous && (before & REFUSED) && !(before & (ENDING | ENDED));
        if (asynchronous)
            after |= ASYNCHRONOUS | (unanswered ? ENDED : 0U);
        else if (!(before & (ENDING | ENDED)))
            after |= ENDED; // a late end must find the call ended
    } while (!_marks.compare_exchange_weak(before, after, std::memory_order_acq_rel));

    if (before & ENDED)
    {
        release(asynchronous);
        return TENON_OK;
    }
    if (unanswered)
    {
        failAsUnfinished(_unfit);
        release(true);
        return TENON_OK;
    }
    if (asynchronous || before & ENDING)
        return TENON_ASYNC; // whoever ends it releases it

    const bool notRepresentable = status == TENON_ERROR_NOT_REPRESENTABLE && !_writer.notRepresentable().empty();
    if (status == TENON_OK || status > TENON_INPUT_PENDING || notRepresentable)
    {
        failAsUnfinished(_writer.notRepresentable());
        status = TENON_OK;
    }
    release(true);
    return status;
}

/// Ends the call with what `give` hands over, unless somebody else does. If there is no memory for it, the call ends with
/// that: a plugin may not look at what it is told, and its caller must not wait for the deadline. `this` may be dead
/// afterwards.
template <typename Give>
tenon_status HostCall::end(Give give)
{
    unsigned before = _marks.load(std::memory_order_acquire);
    do
    {
        if (before & (ENDING | ENDED))
            return TENON_ERROR_STATE;
    } while (!_marks.compare_exchange_weak(before, before | ENDING, std::memory_order_acq_rel));
    tenon_status status = TENON_ERROR_FAILED;
    try
    {
        status = give();
    }
    catch (const std::bad_alloc&)
    {
        status = guarded([&] { return _backend->fail(TENON_ERROR_RESOURCES, NO_MEMORY); });
    }
    catch (...)
    {
        status = TENON_ERROR_FAILED;
    }
    if (status == TENON_ERROR_INVALID)
        return refused(status, true);
    before = _marks.load(std::memory_order_relaxed);
    if (_enterer == markOfThisThread()) // `returned` cannot come meanwhile, and nobody else changes what is ending
        _marks.store(before | ENDED, std::memory_order_release);
    else
        before = _marks.fetch_or(ENDED, std::memory_order_acq_rel);
    if (before & RETURNED)
        release(true);
    return status;
}

/// While the plugin's function runs, a refused end leaves the call to it, and what it returns tells whether it cared. Nothing
/// tells that afterwards: the call ends, or its caller would wait for the deadline if the plugin did not look at `why`.
/// `claimed`: the caller has begun to end it, which is taken back.
tenon_status HostCall::refused(tenon_status why, bool claimed)
{
    const std::string_view number = _writer.notRepresentable();
    unsigned before = _marks.load(std::memory_order_acquire);
    if (!(before & REFUSED))
        _unfit = number;
    unsigned after = 0;
    do
    {
        if (!claimed && (before & (ENDING | ENDED)))
            return why;
        after = (before & ~static_cast<unsigned>(ENDING)) | (before & RETURNED ? ENDED : REFUSED);
    } while (!_marks.compare_exchange_weak(before, after, std::memory_order_acq_rel));
    if (before & RETURNED)
    {
        failAsUnfinished(number);
        release(true);
    }
    return why;
}

void HostCall::failAsUnfinished(std::string_view number)
{
    // A plugin need not look at what the writer's `finish` returned: the number is the reason, whatever it returned itself.
    if (!number.empty())
        _backend->fail(TENON_ERROR_NOT_REPRESENTABLE,
                       "The plugin's result has a number that is " + std::string(number) + ", which JSON cannot hold.");
    else
        _backend->fail(FAILED_BY_HOST, "the plugin ended the call without a result");
}

tenon_status HostCall::finish(std::string_view result)
{
    return end(
        [&]
        {
            if (result.size() > _backend->maxResultBytes())
                return _backend->tooLarge(result.size());
            const base::LargeTurn turn(result.size()); // before it is copied: until then it is the plugin's alone
            std::string text;
            text.reserve(result.size() + base::JsonDocument::PADDING); // it is parsed: to grow for that would double it
            return _backend->finish(std::move(text.assign(result)), nullptr);
        });
}

tenon_status HostCall::finishWritten()
{
    if (!_writer.notRepresentable().empty())
        return refused(TENON_ERROR_NOT_REPRESENTABLE, false);
    if (_writer.lacksMemory())
        return fail(TENON_ERROR_RESOURCES, NO_MEMORY);
    if (const std::size_t bytes = _writer.tooLarge(); bytes != 0)
        return end([&] { return _backend->tooLarge(bytes); });
    if (!_writer.completeObject())
        return refused(TENON_ERROR_INVALID, false);
    return end([&] { return _backend->finish(std::move(_writer.output()), &_writer.shape()); });
}

tenon_status HostCall::fail(tenon_status status, std::string_view message)
{
    if (status >= TENON_OK)
        return TENON_ERROR_INVALID;
    return end(
        [&]
        {
            const auto answer = guarded([&] { return _backend->fail(status, message); });
            return answer == TENON_ERROR_INVALID ? TENON_ERROR_FAILED : answer;
        });
}

tenon_status HostCall::requestInput(std::string_view key, std::string_view request, tenon_value* answer)
{
    InputOutcome outcome = _backend->requestInput(key, request);
    if (outcome.status != TENON_OK)
        return outcome.status;
    if (answer)
        *answer = toValue(outcome.answer->root());
    _documents.push_back(std::move(outcome.answer));
    return TENON_OK;
}

tenon_text HostCall::jsonOf(tenon_value value)
{
    if (!value.document)
        return {nullptr, 0};
    try
    {
        _texts.push_front(base::toJson(toElement(value)));
        return toText(_texts.front());
    }
    catch (...)
    {
        return {nullptr, 0};
    }
}

tenon_value HostCall::parse(std::string_view text)
{
    try
    {
        _documents.push_back(base::JsonDocument::parse(text));
        return toValue(_documents.back()->root());
    }
    catch (...)
    {
        return {nullptr, 0};
    }
}

/// Nothing of the call is needed any more. What it kept alive goes last: that may end the plugin.
void HostCall::release(bool suspicious)
{
    const auto plugin = std::move(_plugin);
    const auto backend = std::move(_kept);
    _documents.clear();
    _texts.clear();
    if (_writer.output().capacity() > MAX_KEPT_OUTPUT)
        base::giveBack(_writer.output());
    _writer.reset();
    HostCallPool::give(this, suspicious);
}

} // namespace tenon::plugin
