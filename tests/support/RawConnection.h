#pragma once

#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tenon::tests
{

/// An answer as it came over the wire.
struct HttpReply
{
    int status = 0;                             ///< 0: the connection ended before an answer
    std::map<std::string, std::string> headers; ///< names in lower case
    std::string body;                           ///< without chunking

    [[nodiscard]] std::string header(const std::string& lowerCaseName) const;
};

/// A connection on which a test sends exactly the bytes it wants, right or wrong.
///
/// Errors:    Poco::TimeoutException when nothing comes in time.
/// Threading: one thread.
class RawConnection
{
public:
    /// Shape: `from` is the address it comes from, 127.0.0.2 for example.
    explicit RawConnection(std::uint16_t port, const std::string& from = {});

    void send(std::string_view bytes);
    void shutdownSend();

    /// Ends it with a reset, not in order.
    void reset();

    /// The next answer, whole.
    [[nodiscard]] HttpReply receive();

    /// The head of the next answer only; the body follows with `receiveBody` or, of an event stream, `receiveEvent`.
    [[nodiscard]] HttpReply receiveHead();
    void receiveBody(HttpReply& reply);

    /// The data of the next event of an event stream that is not empty; empty if the stream ended.
    [[nodiscard]] std::string receiveEvent();

    /// The bytes of the next chunk of an event stream as they are; and how many chunks came so far.
    [[nodiscard]] std::string receiveChunk();
    [[nodiscard]] std::size_t chunks() const { return _chunks; }

    /// What comes with one read; empty: the stream ended.
    [[nodiscard]] std::string receiveSome();

    /// Whether the server closes within the time limit; what it still sends is thrown away.
    [[nodiscard]] bool closedByServer();

    void setTimeout(std::chrono::milliseconds timeout);

private:
    bool fill();        // false: end of the stream
    std::string line(); // up to LF, without CR LF
    std::string exactly(std::size_t count);
    std::string streamLine(bool& end); // a line of the body, through the chunks

    Poco::Net::StreamSocket _socket;
    std::string _pending;   // received, not yet consumed
    bool _chunked = false;  // of the stream being read
    std::string _unchunked; // received of it
    std::size_t _chunks = 0;
};

/// One request, with what HTTP needs added: Host, Content-Length if there is a body.
[[nodiscard]] std::string request(std::string_view method, std::string_view path,
                                  const std::map<std::string, std::string>& headers = {}, std::string_view body = {});

/// Sends one request on a connection of its own and gives the answer.
[[nodiscard]] HttpReply exchange(std::uint16_t port, std::string_view method, std::string_view path,
                                 const std::map<std::string, std::string>& headers = {}, std::string_view body = {});

} // namespace tenon::tests
