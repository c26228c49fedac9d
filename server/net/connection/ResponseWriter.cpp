#include "net/connection/ResponseWriter.h"

#include "base/text/GiveBack.h"
#include "base/websocket/WebSocketFrame.h"
#include "net/http/SseFrame.h"
#include "net/http/StreamFraming.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace tenon::net
{

namespace
{

constexpr std::size_t ONE_PIECE_BYTES = 16384; // head and body up to here leave as one text
constexpr std::size_t KEPT_TEXT_BYTES = 65536;

/// One text a thread, used again for every head; it does not stay large.
std::string& reusedText()
{
    thread_local std::string text;
    base::reuse(text, KEPT_TEXT_BYTES);
    return text;
}

bool sendText(ConnectionOutput::Turn& turn, std::string_view text)
{
    return turn.transmit(std::span(&text, 1));
}

bool sendParts(ConnectionOutput::Turn& turn, std::string& head, std::span<const std::string_view> body,
               std::string_view end)
{
    const std::size_t begin = head.size();
    if (const std::size_t whole = begin + sizeOf(body) + end.size(); whole <= ONE_PIECE_BYTES)
    {
        head.resize(whole);
        char* to = head.data() + begin;
        for (const std::string_view& part : body)
            to = std::copy(part.begin(), part.end(), to);
        std::copy(end.begin(), end.end(), to);
        return sendText(turn, head);
    }
    std::vector<std::string_view> parts;
    parts.reserve(body.size() + 2);
    parts.push_back(head);
    parts.insert(parts.end(), body.begin(), body.end());
    if (!end.empty())
        parts.push_back(end);
    return turn.transmit(parts);
}

void appendFrameHead(std::string& out, std::size_t payloadBytes)
{
    base::WebSocketFrame frame;
    frame.payloadBytes = payloadBytes;
    frame.append(out);
}

} // namespace

void ResponseWriter::whole(Turn& turn, int status, std::string_view contentType, std::span<const std::string_view> body,
                           std::string_view more) const
{
    if (status == 200 && contentType == "application/json" && !form.headOnly)
    {
        const std::string_view all = jsonMessage(body, headers, more, form.keepAlive, form.minorVersion);
        if (!all.empty())
        {
            sendText(turn, all);
            return;
        }
    }
    std::string& text = reusedText();
    ResponseHead head(text, status);
    if (!contentType.empty())
        head.field("Content-Type", contentType);
    if (status != 204 && status >= 200)
        head.contentLength(sizeOf(body));
    head.lines(headers).lines(more).end(form.keepAlive, form.minorVersion);
    if (body.empty() || form.headOnly)
        sendText(turn, text);
    else
        sendParts(turn, text, body, {});
}

bool ResponseWriter::openStream(Turn& turn)
{
    std::string& text = reusedText();
    if (form.webSocket)
    {
        form.keepAlive = false; // it serves no other request
        ResponseHead(text, 101)
            .field("Upgrade", "websocket")
            .field("Connection", "Upgrade")
            .lines(headers)
            .end(true, 1);
        return sendText(turn, text);
    }
    ResponseHead head(text, 200);
    head.field("Content-Type", "text/event-stream").field("Cache-Control", "no-cache").field("X-Accel-Buffering", "no");
    if (form.minorVersion == 0)
        form.keepAlive = false;
    else
        head.field("Transfer-Encoding", "chunked");
    if (form.gzipEventsFrom != 0)
        head.field("Content-Encoding", "gzip").field("Vary", "Accept-Encoding");
    head.lines(headers).end(form.keepAlive, form.minorVersion);
    if (form.gzipEventsFrom != 0)
    {
        _gzip = std::make_unique<GzipStream>(form.gzipEventsFrom);
        const StreamFraming framing(form.minorVersion == 1);
        std::string begin;
        GzipStream::begin(begin);
        framing.begin(text, begin.size());
        text.append(begin).append(framing.end());
    }
    return sendText(turn, text);
}

/// The parts as a text of the gzip stream.
bool ResponseWriter::pack(Turn& turn, std::span<const std::string_view> parts)
{
    std::string packed;
    _gzip->append(packed, parts);
    const StreamFraming framing(form.minorVersion == 1);
    std::string& text = reusedText();
    framing.begin(text, packed.size());
    const std::string_view part = packed;
    return sendParts(turn, text, std::span(&part, 1), framing.end());
}

bool ResponseWriter::event(Turn& turn, std::string_view head, std::span<const std::string_view> data)
{
    if (_gzip)
    {
        std::vector<std::string_view> parts{head};
        parts.insert(parts.end(), data.begin(), data.end());
        parts.push_back(SSE_END);
        return pack(turn, parts);
    }
    std::string& text = reusedText();
    if (form.webSocket)
    {
        appendFrameHead(text, sizeOf(data));
        return sendParts(turn, text, data, {});
    }
    const bool chunked = form.minorVersion == 1;
    StreamFraming(chunked).begin(text, head.size() + sizeOf(data) + SSE_END.size());
    text.append(head);
    return sendParts(turn, text, data, chunked ? std::string_view("\n\n\r\n") : SSE_END);
}

bool ResponseWriter::sharedEvent(Turn& turn, std::string_view head, const std::shared_ptr<const std::string>& data)
{
    if (const std::string_view whole = *data; _gzip)
        return event(turn, head, std::span(&whole, 1));
    std::string before;
    if (form.webSocket)
    {
        appendFrameHead(before, data->size());
        return turn.share(before, data, {});
    }
    const bool chunked = form.minorVersion == 1;
    StreamFraming(chunked).begin(before, head.size() + data->size() + SSE_END.size());
    before.append(head);
    return turn.share(before, data, chunked ? std::string_view("\n\n\r\n") : SSE_END);
}

void ResponseWriter::piece(Turn& turn, std::string_view piece)
{
    if (_gzip)
    {
        (void)pack(turn, std::span(&piece, 1));
        return;
    }
    if (form.webSocket)
    {
        sendText(turn, piece);
        return;
    }
    const StreamFraming framing(form.minorVersion == 1);
    std::string& text = reusedText();
    framing.begin(text, piece.size());
    text.append(piece).append(framing.end());
    sendText(turn, text);
}

void ResponseWriter::endStream(Turn& turn)
{
    if (_gzip)
    {
        std::string last;
        _gzip->end(last);
        const StreamFraming framing(form.minorVersion == 1);
        std::string text;
        framing.begin(text, last.size());
        sendText(turn, text.append(last).append(framing.end()));
    }
    if (form.minorVersion == 1 && !form.webSocket)
        sendText(turn, StreamFraming(true).last());
}

} // namespace tenon::net
