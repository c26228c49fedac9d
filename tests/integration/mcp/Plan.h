#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenon::tests
{

/// What one thread of an interleaving does next.
struct Step
{
    enum class Kind
    {
        CALL,       ///< tools/call, in any era
        CANCEL,     ///< notifications/cancelled
        DISCONNECT, ///< the connection of a request breaks
        RESUME,     ///< the client comes back with Last-Event-ID
        DELETE_SESSION,
        LISTEN, ///< subscriptions/listen, resources/subscribe or a GET stream
        LIST_CHANGE,
        RESOURCE_UPDATE,
        FINISH,      ///< the plugin ends a call that it kept
        REPORT,      ///< the plugin reports progress, or lets the stream go
        ANSWER,      ///< the client answers what it was asked
        UPDATE_TASK, ///< tasks/get, tasks/update or tasks/cancel
        TURN_CLOCK   ///< all deadlines pass
    };
    Kind kind = Kind::CALL;
    std::uint32_t which = 0;  ///< chooses among what there is
    std::uint32_t detail = 0; ///< chooses among ways
    bool pause = false;       ///< lets another thread go first
};

/// The steps of all threads of one interleaving; the same for the same seed.
[[nodiscard]] std::vector<std::vector<Step>> planOf(std::uint64_t seed, std::size_t threads);

} // namespace tenon::tests
