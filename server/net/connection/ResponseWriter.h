#pragma once

#include "net/connection/ConnectionOutput.h"
#include "net/http/GzipStream.h"
#include "net/http/ResponseHead.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tenon::net
{

/// How a response may look; fixed before it begins.
struct ResponseForm
{
    int minorVersion = 1;
    bool keepAlive = true;
    bool headOnly = false; ///< answers HEAD
    bool acceptsJson = true;
    bool acceptsStream = false;
    bool acceptsGzip = false;
    bool webSocket = false;             ///< the connection leaves HTTP: events are text frames
    std::size_t gzipEventsFrom = 0;     ///< an event stream is gzip, with events of this size compressed; 0: plain
    int emptyStatus = 202;              ///< of an answer without error and without body
    std::string_view event = "message"; ///< name of events; static
};

/// Turns an answer into the bytes of HTTP/1.x: one body, or the events of a stream in chunks; after an upgrade, into the
/// frames of a WebSocket.
///
/// Threading: within a turn of the output it writes to.
class ResponseWriter
{
public:
    using Turn = ConnectionOutput::Turn;

    ResponseForm form;
    std::string headers; ///< finished lines for every response: CORS

    /// Forgets what a stream needs.
    void reset() { _gzip.reset(); }

    /// Head and body leave in one call. Shape: as Exchange::respond.
    void whole(Turn& turn, int status, std::string_view contentType, std::span<const std::string_view> body,
               std::string_view more) const;

    /// The head of an event stream, or of the upgrade.
    bool openStream(Turn& turn);

    /// One event. Shape: `head` is that of an SseFrame, `data` one line. A WebSocket has no use for `head`.
    bool event(Turn& turn, std::string_view head, std::span<const std::string_view> data);

    /// An event whose data other streams send too.
    bool sharedEvent(Turn& turn, std::string_view head, const std::shared_ptr<const std::string>& data);

    /// Text between events: a comment, `retry:`; on a WebSocket, whole frames.
    void piece(Turn& turn, std::string_view text);

    void endStream(Turn& turn);

private:
    [[nodiscard]] bool pack(Turn& turn, std::span<const std::string_view> parts);

    std::unique_ptr<GzipStream> _gzip; ///< of a stream that is one
};

} // namespace tenon::net
