#include "net/http/WebSocketHandshake.h"

#include "base/text/Ascii.h"
#include "base/text/Base64.h"
#include "base/websocket/WebSocketFrame.h"

namespace tenon::net
{

namespace
{

constexpr std::size_t KEY_BYTES = 16;
constexpr std::string_view SUBPROTOCOL = "mcp";

bool lists(std::string_view list, std::string_view wanted)
{
    bool found = false;
    base::forEachItem(list,
                      [&](std::string_view item)
                      {
                          found = base::equalsIgnoringCase(item, wanted);
                          return !found;
                      });
    return found;
}

bool isKey(std::string_view key)
{
    std::string bytes;
    return base::fromBase64(key, bytes) && bytes.size() == KEY_BYTES;
}

} // namespace

bool asksForWebSocket(const RequestHead& head)
{
    return head.method == "GET" && lists(head.header("Upgrade"), "websocket");
}

WebSocketHandshake WebSocketHandshake::read(const RequestHead& head)
{
    const auto refuse = [](int status, std::string_view message, std::string headers = {}) {
        return WebSocketHandshake{status, message, std::move(headers)};
    };
    if (head.minorVersion < 1 || !lists(head.header(base::Field::CONNECTION), "upgrade"))
        return refuse(400, "a WebSocket is opened over HTTP/1.1, with 'Connection: Upgrade'");
    if (head.chunked || head.contentLength != 0)
        return refuse(400, "the request that opens a WebSocket has no body");
    if (head.header("Sec-WebSocket-Version") != "13")
        return refuse(426, "the version of the WebSocket protocol is 13", "Sec-WebSocket-Version: 13\r\n");
    const std::string_view key = head.header("Sec-WebSocket-Key");
    if (!isKey(key))
        return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64");
    WebSocketHandshake answer;
    answer.headers.append("Sec-WebSocket-Accept: ").append(base::webSocketAccept(key)).append("\r\n");
    if (head.has("Sec-WebSocket-Protocol"))
    {
        if (!lists(head.header("Sec-WebSocket-Protocol"), SUBPROTOCOL))
            return refuse(400, "the subprotocol is 'mcp'");
        answer.headers.append("Sec-WebSocket-Protocol: ").append(SUBPROTOCOL).append("\r\n");
    }
    return answer;
}

} // namespace tenon::net
