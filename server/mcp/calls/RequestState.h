#pragma once

#include "base/json/JsonDocument.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What a call learnt so far, to be carried by the client from one round trip to the next.
struct RequestState
{
    std::map<std::string, std::string> answers;  ///< key to JSON of the client's result
    std::map<std::string, std::string> memories; ///< what the plugin remembered
    std::map<std::string, unsigned> asked;       ///< what is to be answered: key to answers so far that did not fit
    std::int64_t elapsedMs = 0;                  ///< since the call first entered its plugin
};

/// Seals `requestState` so that a client can carry it but neither read, change nor use it elsewhere: AES-256-GCM over the
/// state, its time, and, as associated data, the principal and a digest of the request it belongs to.
///
/// The age of a state is told by the steady clock where it comes back to the process that sealed it, so that it does not
/// expire because somebody sets the clock; elsewhere by the time of day, which is to be the same for all.
///
/// Threading: any thread, immutable.
/// Spec:      2026-07-28, Multi Round-Trip Requests, Server Requirements.
class StateSealer
{
public:
    /// Shape: `keyHex` is 64 hex digits, or empty: a key is made, good for this process only. `timeOfDayMs` is a clock that all
    ///        who have the key read; null: this machine's.
    StateSealer(const std::string& keyHex, std::int64_t validMs, std::function<std::int64_t()> timeOfDayMs = nullptr);

    /// Shape: `binding` names principal, method and parameters, see `bindingOf`; the result is base64url text.
    [[nodiscard]] std::string seal(const RequestState& state, std::string_view binding) const;

    /// Shape:  its `elapsedMs` has grown by the time since it was sealed.
    /// Errors: jsonrpc::RpcException (INVALID_PARAMS) if it was not sealed here for this binding, was changed or has
    ///         expired; nothing tells which.
    [[nodiscard]] RequestState open(std::string_view sealed, std::string_view binding) const;

    /// Digest of what a state belongs to: SHA-256 over principal, method, and the parameters that decide the outcome.
    [[nodiscard]] static std::string bindingOf(std::string_view principal, std::string_view method,
                                               std::string_view subject, const base::JsonDocument::Element* arguments);

private:
    [[nodiscard]] std::int64_t ageOf(const base::JsonDocument::Element& sealed) const;

    std::string _key;           ///< 32 bytes
    const std::string _process; ///< whose steady clock a state was sealed by
    const std::int64_t _validMs;
    const std::function<std::int64_t()> _timeOfDayMs;
};

} // namespace tenon::mcp
