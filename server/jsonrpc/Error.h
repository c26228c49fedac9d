#pragma once

#include <Poco/Exception.h>

#include <array>
#include <string>
#include <string_view>

namespace tenon::jsonrpc
{

/// What went wrong with a message, before it is a code or an HTTP status. One table turns kinds into JSON-RPC codes
/// (`codeOf`), one in the room net turns them into HTTP statuses.
enum class ErrorKind
{
    NONE, ///< no error: a result
    PARSE,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    INVALID_PARAMS,
    MISSING_META, ///< a modern request without its required `_meta` fields
    INTERNAL,
    RESOURCE_NOT_FOUND,  ///< -32002 for legacy clients, -32602 for modern ones
    HEADER_MISMATCH,     ///< -32020
    MISSING_CAPABILITY,  ///< -32021
    UNSUPPORTED_VERSION, ///< -32022
    BAD_VERSION_HEADER,  ///< a legacy request whose MCP-Protocol-Version header names no known revision
    SESSION_REQUIRED,    ///< a legacy request without Mcp-Session-Id
    SESSION_NOT_FOUND,
    FORBIDDEN,     ///< the principal may not
    LIMIT,         ///< a limit of sessions, streams or calls is reached; worth another try later
    QUOTA,         ///< the principal has as many of these as it may have; worth another try later
    NOT_ACCEPTABLE ///< the client accepts no form the answer could have
};

/// The JSON-RPC code of `kind`; `modern` is whether the client speaks 2026-07-28 or later.
[[nodiscard]] int codeOf(ErrorKind kind, bool modern) noexcept;

/// Appends an error response.
///
/// Shape: `id` is JSON text, empty if it could not be read: then there is no "id" (the schema allows no null); `data` is
///        JSON text or empty.
void appendError(std::string& out, std::string_view id, ErrorKind kind, bool modern, std::string_view message,
                 std::string_view data = {});

/// The error object itself, `{"code":…,"message":…}`: for a task, which keeps it, and for `appendErrorResponse`.
[[nodiscard]] std::string errorObject(ErrorKind kind, bool modern, std::string_view message,
                                      std::string_view data = {});

/// Appends an error response around a finished error object.
void appendErrorResponse(std::string& out, std::string_view id, std::string_view error);

/// The error message for an answer that could not be sent, mostly because memory ran out.
inline constexpr std::string_view ANSWER_LOST = "Internal error: the answer could not be given; try again later";

/// A response that says so, of kind INTERNAL, in pieces that need no memory. Shape: as for `appendError`. Borrows `id`.
[[nodiscard]] std::array<std::string_view, 5> lostResponseParts(std::string_view id) noexcept;

/// Thrown by methods; caught in one place, the dispatcher.
///
/// Shape: `message` is for the client: short, says what to change, without paths or causes. `data` is JSON text or empty.
class RpcException : public Poco::Exception
{
public:
    RpcException(ErrorKind kind, const std::string& message, std::string data = {});

    [[nodiscard]] ErrorKind kind() const noexcept { return _kind; }
    [[nodiscard]] const std::string& data() const noexcept { return _data; }

    const char* name() const noexcept override;
    const char* className() const noexcept override;
    Poco::Exception* clone() const override;
    void rethrow() const override;

private:
    ErrorKind _kind;
    std::string _data;
};

} // namespace tenon::jsonrpc
