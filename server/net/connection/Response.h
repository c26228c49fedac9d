#pragma once

#include "guard/Admission.h"
#include "mcp/messages/ResponseSink.h"
#include "net/connection/ConnectionOutput.h"
#include "net/connection/ResponseWriter.h"
#include "net/route/ExchangeRecord.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// What one request has been answered with so far: nothing, an event stream or what a WebSocket carries, or all of it.
///
/// Objects are used again, as their exchanges are.
///
/// Errors:    std::bad_alloc, and whatever else a listener or a compression throws: the connection is to fail then.
/// Threading: within a turn of the connection's output.
class Response
{
public:
    using Turn = ConnectionOutput::Turn;

    enum class Phase : std::uint8_t
    {
        FRESH,
        STREAM,
        PACKING, ///< answered; another thread compresses the answer
        DONE
    };

    /// Why a stream closes, if nobody says. Why it was closed whose peer does not take what it is sent.
    static constexpr std::string_view SERVER = "server", SLOW_READER = "slow reader";

    /// Begins. Shape: `headers` are finished lines for every response. Ownership: borrows the front.
    void begin(FrontState& front, const ResponseForm& form, std::string headers)
    {
        _front = &front;
        _writer.form = form;
        _writer.headers = std::move(headers);
        why = SERVER;
        phase = Phase::FRESH;
    }
    /// Forgets everything, for the next.
    void reset()
    {
        _writer.reset();
        _wasStream = false;
        _beatMs = 0;
        _heartbeat = {};
        _challenge.reset();
        beganUs = 0;
        record.reset();
    }

    /// A whole response of any kind, unless a stream is open. Shape: as Exchange::respond.
    void whole(Turn& turn, int status, std::string_view contentType, std::span<const std::string_view> body,
               std::string_view headers);

    /// The answer: JSON, or the last event of a stream. Shape: `packed` is its compressed text; empty: it is not compressed.
    void answer(Turn& turn, const mcp::Answer& answer, std::string_view packed);

    /// Opens the stream if that is not open; false if there is none.
    bool open(Turn& turn);
    /// The same, with an event that has an id and no data.
    bool open(Turn& turn, std::string_view primingId, std::uint32_t retryMs);

    // One event, data of any lines; several finished ones; one that other streams send too. False: it did not leave.
    bool event(Turn& turn, std::string_view name, std::string_view id, std::string_view data);
    bool events(Turn& turn, std::string_view finished, std::size_t count);
    bool event(Turn& turn, std::string_view id, const std::shared_ptr<const std::string>& data);

    // Of a WebSocket: text in one piece; a whole frame.
    bool text(Turn& turn, std::span<const std::string_view> parts);
    bool frame(Turn& turn, std::string_view finished);
    void lastFrame(Turn& turn, std::string_view finished); ///< which has room in any case

    /// Ends the stream, or what could have been one, without an answer.
    void close(Turn& turn, std::uint32_t retryMs);

    /// Sends what keeps the stream alive, if it is time.
    void heartbeat(Turn& turn, std::uint32_t nowMs, std::uint32_t everyMs, std::uint32_t heardMs);
    void setHeartbeat(std::string_view event) { _heartbeat = event; }

    [[nodiscard]] ResponseForm& form() { return _writer.form; }
    [[nodiscard]] const ResponseForm& form() const { return _writer.form; }
    void addHeaders(std::string_view lines) { _writer.headers.append(lines); }
    void setChallenge(std::unique_ptr<std::string> lines) { _challenge = std::move(lines); }
    /// Whether more is likely to be sent at once: most calls take no longer.
    [[nodiscard]] bool isYoung() const;
    [[nodiscard]] bool wasStream() const { return _wasStream; }

    Phase phase = Phase::DONE;
    std::string_view why;                   ///< the stream closes. Shape: a literal
    std::int64_t beganUs = 0;               ///< base::steadyUs; 0: nobody measures
    std::unique_ptr<ExchangeRecord> record; ///< null: nobody wants to know. Constant once it is answered

private:
    bool hasRoom(Turn& turn, std::size_t bytes);
    bool send(Turn& turn, std::string_view head, std::span<const std::string_view> data);

    FrontState* _front = nullptr;
    ResponseWriter _writer;
    bool _wasStream = false;
    std::uint32_t _beatMs = 0; ///< of the last heartbeat; 0: none yet
    std::string_view _heartbeat;
    std::unique_ptr<std::string> _challenge; ///< finished lines for an answer of kind FORBIDDEN
};

} // namespace tenon::net
