#pragma once

#include "net/connection/ByteTaker.h"
#include "net/connection/ConnectionOutput.h"
#include "net/connection/ExchangeSlot.h"
#include "net/connection/RequestReader.h"

#include <cstdint>

namespace tenon::net
{

struct FrontState;

/// What the clock says about a connection that waits: a stream whose peer reads too slowly, says nothing or may stay no
/// longer, an answer that nobody will give any more, a request that does not arrive, a peer that sends none.
///
/// Threading: the owner of the connection.
/// Ownership: borrows everything.
class PatienceCheck
{
public:
    enum class Verdict : std::uint8_t
    {
        KEEP,
        CLOSE,
        ADVANCE, ///< something has ended: the connection goes on
        REFUSE   ///< what is being sent comes too late: `fault`
    };

    PatienceCheck(FrontState& front, ConnectionOutput& output, ExchangeSlot& slot, const RequestReader& reader)
        : _front(front), _output(output), _slot(slot), _reader(reader)
    {
    }

    /// Sends heartbeats, too. Shape: `activeMs` is when the peer last sent something; `served` whether it has ever been
    /// answered; `taker` null: it is HTTP.
    [[nodiscard]] Verdict look(std::uint32_t activeMs, bool served, ByteTaker* taker);
    [[nodiscard]] const RequestReader::Fault& fault() const { return _fault; }

private:
    [[nodiscard]] Verdict lookAtSocket(std::uint32_t now, std::uint32_t activeMs, ByteTaker& taker) const;
    [[nodiscard]] Verdict lookAtRequest(std::uint32_t now, std::uint32_t activeMs);

    FrontState& _front;
    ConnectionOutput& _output;
    ExchangeSlot& _slot;
    const RequestReader& _reader;
    RequestReader::Fault _fault;
};

/// Whether `limit` has passed since then. Units: the front's milliseconds; `limit` 0: it never does.
[[nodiscard]] constexpr bool elapsed(std::uint32_t now, std::uint32_t since, std::uint32_t limit)
{
    return limit != 0 && now - since >= limit;
}

} // namespace tenon::net
