#pragma once

#include "support/RawConnection.h"

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tenon::tests
{

using Headers = std::map<std::string, std::string>;

/// Errors: fails the running test if `text` is not one JSON object.
[[nodiscard]] Poco::JSON::Object::Ptr parseObject(const std::string& text);

/// The JSON-RPC error code of an answer; 0 if it is not an error.
[[nodiscard]] int errorCode(const std::string& answer);

/// The text of the first content block of the answer to a `tools/call`, "error: " before it if `isError` is true.
[[nodiscard]] std::string toolText(const std::string& answer);

/// A request of the modern era, with `_meta` added to `params` (the members of an object, without its braces).
[[nodiscard]] std::string modernBody(std::string_view id, std::string_view method, std::string_view params = {});
[[nodiscard]] Headers modernHeaders(std::string_view method, std::string_view name = {});

/// Sends a request of the modern era and gives the answer; an event stream is read up to its last message.
[[nodiscard]] HttpReply modernRequest(std::uint16_t port, std::string_view method, std::string_view params = {},
                                      std::string_view name = {});

/// A request of the handshake revisions.
[[nodiscard]] std::string legacyBody(std::string_view id, std::string_view method, std::string_view params = {});

/// A session over Streamable HTTP, initialized.
class LegacySession
{
public:
    explicit LegacySession(std::uint16_t port, const std::string& revision = "2025-11-25");

    [[nodiscard]] const std::string& id() const { return _id; }
    [[nodiscard]] const Poco::JSON::Object::Ptr& initializeResult() const { return _result; }

    /// Headers of a POST that belongs to the session.
    [[nodiscard]] Headers headers() const;

    /// The answer to a request; an event stream is read up to its last message.
    [[nodiscard]] HttpReply request(std::string_view method, std::string_view params = {}) const;
    [[nodiscard]] HttpReply post(std::string_view body) const;

private:
    std::uint16_t _port;
    std::string _revision;
    std::string _id;
    Poco::JSON::Object::Ptr _result;
};

/// Fails the running test unless the server answers a well-behaved client of each era.
void assertServes(std::uint16_t port);

} // namespace tenon::tests
