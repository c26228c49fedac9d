#pragma once

#include "base/Principal.h"
#include "base/json/JsonDocument.h"
#include "plugin/call/ResultShape.h"
#include "plugin/call/TooLarge.h"

#include <tenon/call_api.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::plugin
{

/// With which the host fails a call of which the plugin said nothing: it crashed, is gone, gave no result. None of the ABI's.
constexpr tenon_status FAILED_BY_HOST = -100;

/// What a plugin asked of the client, and what there is of an answer.
struct InputOutcome
{
    tenon_status status = TENON_INPUT_PENDING; ///< as `tenon_call_api.request_input` returns it
    base::JsonDocumentPtr answer;              ///< set with TENON_OK; its root is the client's result
};

/// Who sent a call, and what came with it; all empty for what nobody has sent.
///
/// Ownership: borrows the call's backend.
struct CallOrigin
{
    std::string_view principal; ///< its name; empty without authentication
    std::string_view session;   ///< its id; empty on modern revisions
    std::string_view traceparent, tracestate, baggage;
    bool hasMeta = false;
    simdjson::dom::element meta; ///< an object; only if `hasMeta`
};

/// The far end of a `tenon_call`: what the protocol does with what a plugin says during a call. The room mcp implements
/// it; the instance (in process or worker) calls it.
///
/// Threading: any thread, several at once; `requestInput`, `remember` and `recall` only on the thread that runs the call.
/// Ownership: held by the instance through a shared pointer until the call has ended and its function has returned.
class CallBackend
{
public:
    virtual ~CallBackend() = default;

    // Constant while the call lives.
    [[nodiscard]] virtual simdjson::dom::element arguments() const = 0; ///< an object; see the ABI's extensions
    [[nodiscard]] virtual CallOrigin origin() const { return {}; }
    /// Tells principals apart that have the same name.
    [[nodiscard]] virtual std::string_view principalId() const { return origin().principal; }
    /// For servers behind this one that it is made out to; null: there is none.
    [[nodiscard]] virtual base::ForwardedTokenPtr token() const { return nullptr; }
    [[nodiscard]] virtual std::uint64_t deadlineMs() const { return 0; } ///< 0: none

    /// Ends the call with its result, a JSON object in the shape of the newest revision.
    ///
    /// Shape:  `shape` is that of a result that a writer of this process made; null: it is checked here.
    /// Errors: TENON_ERROR_STATE if the call has ended, TENON_ERROR_INVALID if it is not one JSON object.
    virtual tenon_status finish(std::string&& result, const ResultShape* shape) = 0;

    /// Ends the call as a failure; see `tenon_call_api.fail`.
    virtual tenon_status fail(tenon_status status, std::string_view message) = 0;

    /// The function has returned TENON_INPUT_PENDING somewhere else than in `Instance::enter` (in a worker).
    virtual void inputPending() = 0;

    virtual tenon_status progress(double done, double total, std::string_view message) = 0;
    virtual tenon_status log(tenon_log_level level, std::string_view logger, std::string_view dataJson) = 0;
    /// See `tenon_call_api.emit`; where there is no client, nothing is emitted.
    virtual tenon_status emit(std::string_view, std::string_view) { return TENON_ERROR_UNSUPPORTED; }
    [[nodiscard]] virtual bool isCancelled() const = 0;
    [[nodiscard]] virtual bool clientHas(tenon_client_feature feature) const = 0;
    virtual InputOutcome requestInput(std::string_view key, std::string_view request) = 0;
    virtual tenon_status remember(std::string_view key, std::string_view value) = 0;

    /// What was remembered; false if nothing was. `value` borrows the backend.
    virtual bool recall(std::string_view key, std::string_view& value) = 0;
    virtual tenon_status releaseStream(std::uint32_t retryMs) = 0;
    virtual tenon_status beginTask() = 0;

    /// How large its result may be, as JSON text. What is larger need not be built whole: `tooLarge` ends the call.
    [[nodiscard]] virtual std::size_t maxResultBytes() const { return std::numeric_limits<std::size_t>::max(); }

    /// Ends the call, whose result has, or would have, `bytes`. Errors: as `fail`.
    tenon_status tooLarge(std::size_t bytes)
    {
        return fail(TENON_ERROR_RESOURCES, resultTooLarge(bytes, maxResultBytes()));
    }
};

using CallBackendPtr = std::shared_ptr<CallBackend>;

} // namespace tenon::plugin
