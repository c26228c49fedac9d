#pragma once

#include <stdexcept>
#include <string>

namespace tenon::sqlite
{

/// Why a request was not carried out.
enum class Reason
{
    NOT_FOUND,   ///< no such table, no database
    NOT_ALLOWED, ///< read-only, or a kind of statement that is never run
    INVALID,     ///< the SQL or its parameters are wrong
    LIMIT,       ///< it ran too long, or a value is too large
    CANCELLED,
    FAILED
};

/// A request that could not be carried out; what() is a sentence or two for a model, without paths.
class Failure : public std::runtime_error
{
public:
    Failure(Reason reason, const std::string& message) : std::runtime_error(message), _reason(reason) {}

    Reason reason() const noexcept { return _reason; }

private:
    Reason _reason;
};

} // namespace tenon::sqlite
