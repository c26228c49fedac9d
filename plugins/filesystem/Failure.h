#pragma once

#include <stdexcept>
#include <string>

namespace tenon::filesystem
{

/// Why a request was not carried out.
enum class Reason
{
    NOT_FOUND,
    NOT_ALLOWED, ///< outside the roots, read-only, or the operating system refuses
    WRONG_KIND,  ///< a directory where a file was wanted, a pipe, a device
    INVALID,     ///< the request itself makes no sense
    LIMIT,       ///< a limit of the settings
    CANCELLED,
    FAILED ///< the disk is full, and whatever else goes wrong
};

/// A request that could not be carried out; what() is a sentence or two for a model, and names nothing that lies outside
/// the roots but what the request itself named.
class Failure : public std::runtime_error
{
public:
    Failure(Reason reason, const std::string& message) : std::runtime_error(message), _reason(reason) {}

    Reason reason() const noexcept { return _reason; }

private:
    Reason _reason;
};

} // namespace tenon::filesystem
