#pragma once

#include <Poco/Exception.h>

#include <string>

namespace tenon::client
{

/// Why a server could not be used. One kind is one thing that a caller does about it.
enum class Fault
{
    UNREACHABLE,  ///< nobody answers, the child does not start, the connection breaks
    PROTOCOL,     ///< who answers does not speak MCP, or breaks its rules
    NOT_ALLOWED,  ///< credentials are missing or refused, or do not suffice
    TIMEOUT,      ///< the deadline passed
    CANCELLED,    ///< the caller gave up
    SESSION_GONE, ///< the server no longer knows the session: a new one may be opened
    RPC           ///< the server answered with a JSON-RPC error: see `code` and `data`
};

/// Codes that servers answer with (JSON-RPC 2.0, section 5.1, and MCP).
namespace code
{
inline constexpr int METHOD_NOT_FOUND = -32601;
inline constexpr int INVALID_PARAMS = -32602;
inline constexpr int INTERNAL_ERROR = -32603;
inline constexpr int RESOURCE_NOT_FOUND = -32002; ///< up to 2025-11-25
} // namespace code

/// Thrown by everything in this room.
///
/// Shape: the message is for a user: what failed and, where that is known, what to change. `httpStatus` is 0 where no
///        HTTP answer was involved; `code` and `data` (JSON text or empty) are those of a JSON-RPC error.
class ClientException : public Poco::Exception
{
public:
    ClientException(Fault fault, const std::string& message, int httpStatus = 0);
    ClientException(int code, const std::string& message, std::string data, int httpStatus = 0);

    [[nodiscard]] Fault fault() const noexcept { return _fault; }
    [[nodiscard]] int httpStatus() const noexcept { return _httpStatus; }
    [[nodiscard]] const std::string& data() const noexcept { return _data; }

    const char* name() const noexcept override;
    const char* className() const noexcept override;
    Poco::Exception* clone() const override;
    void rethrow() const override;

private:
    Fault _fault;
    int _httpStatus;
    std::string _data;
};

} // namespace tenon::client
