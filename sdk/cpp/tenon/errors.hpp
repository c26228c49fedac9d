#ifndef TENON_ERRORS_HPP
#define TENON_ERRORS_HPP

#include <tenon/abi.h>

#include <stdexcept>
#include <string>
#include <utility>

/// What a handler may throw. Any `std::exception` that leaves a handler ends its call: for a tool as a result with
/// `isError: true` and what() as its text, so word it for a model that is to correct itself. The types below say more.

namespace tenon
{

/// A failure with the status that the host shall see.
class Error : public std::runtime_error
{
public:
    Error(tenon_status status, const std::string& message) : std::runtime_error(message), _status(status) {}

    tenon_status status() const noexcept { return _status; }

private:
    tenon_status _status;
};

/// The tool could not do what it was asked to.
class ToolError : public Error
{
public:
    explicit ToolError(const std::string& message) : Error(TENON_ERROR_FAILED, message) {}
};

/// The arguments are wrong. From a prompt or a resource the client gets -32602.
class InvalidParams : public Error
{
public:
    explicit InvalidParams(const std::string& message) : Error(TENON_ERROR_INVALID, message) {}
};

/// There is no such resource.
class NotFound : public Error
{
public:
    explicit NotFound(const std::string& message) : Error(TENON_ERROR_NOT_FOUND, message) {}
};

/// The request itself fails, as the protocol's internal error (-32603), instead of giving a result with `isError`: for
/// what no model could mend.
class ProtocolError : public Error
{
public:
    explicit ProtocolError(const std::string& message) : Error(TENON_ERROR_INTERNAL, message) {}
};

/// The client behind the call cannot be asked this. Left alone, the client learns which capability it lacks.
class Unsupported : public Error
{
public:
    explicit Unsupported(const std::string& message) : Error(TENON_ERROR_UNSUPPORTED, message) {}
};

/// The client answered the question again and again with what does not fit it.
class InvalidAnswer : public Error
{
public:
    explicit InvalidAnswer(const std::string& message) : Error(TENON_ERROR_INVALID_ANSWER, message) {}
};

/// The client could be asked, and failed to answer.
class Unavailable : public Error
{
public:
    explicit Unavailable(const std::string& message) : Error(TENON_ERROR_UNAVAILABLE, message) {}
};

/// The answer is no longer wanted.
class CallCancelled : public Error
{
public:
    CallCancelled() : Error(TENON_ERROR_CANCELLED, "The call was cancelled.") {}
};

/// A setting of the plugin is missing or does not fit.
class SettingError : public Error
{
public:
    explicit SettingError(const std::string& message) : Error(TENON_ERROR_FAILED, message) {}
};

/// A value that JSON cannot hold: NaN, an infinity, an enumerator without a name. Never replaced by another one: the tool
/// fails and says which member it was.
class NotRepresentable : public Error
{
public:
    explicit NotRepresentable(std::string what) : NotRepresentable({}, std::move(what)) {}

    /// The same, found within the member (or element) `outer`.
    NotRepresentable within(const std::string& outer) const
    {
        return {_path.empty() || _path.front() == '[' ? outer + _path : outer + '.' + _path, _what};
    }

private:
    NotRepresentable(std::string path, std::string what)
        : Error(TENON_ERROR_NOT_REPRESENTABLE,
                (path.empty() ? "The result" : "The result's " + path) + " is " + what + ", which JSON cannot hold."),
          _path(std::move(path)), _what(std::move(what))
    {
    }

    std::string _path;
    std::string _what;
};

namespace detail
{

/// Unwinds a handler whose question has no answer yet; the handler is entered again with it. No `std::exception`, so
/// that `catch (const std::exception&)` lets it pass.
struct InputPending
{
};

} // namespace detail

} // namespace tenon

#endif
