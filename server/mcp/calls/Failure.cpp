#include "mcp/calls/Failure.h"

namespace tenon::mcp
{

using jsonrpc::ErrorKind;

namespace
{

Failure refused(const CallTarget& target, bool modern, const Questions::Refusal& refusal)
{
    Failure failure;
    failure.text = refusal.text;
    failure.kind = ErrorKind::INVALID_PARAMS;
    if (modern && !refusal.capability.empty())
    {
        failure.kind = ErrorKind::MISSING_CAPABILITY;
        failure.data = "{\"requiredCapabilities\":" + refusal.capability + '}';
    }
    else
        failure.asResult = target.tool != nullptr;
    return failure;
}

std::string wordsFor(const std::string& subject, tenon_status status)
{
    if (status == TENON_ERROR_INVALID_ANSWER)
        return "the client's answers did not fit what '" + subject + "' asked";
    if (status == TENON_ERROR_UNAVAILABLE)
        return "the client could not answer what '" + subject + "' asked";
    if (status == TENON_ERROR_NOT_REPRESENTABLE)
        return "the result of '" + subject + "' has a value that JSON cannot hold";
    return "'" + subject + "' failed (status " + std::to_string(status) + ")";
}

} // namespace

Failure failureOf(const CallTarget& target, bool modern, tenon_status status, std::string_view message,
                  const std::optional<Questions::Refusal>& refusal)
{
    if (status == TENON_ERROR_UNSUPPORTED && refusal)
        return refused(target, modern, *refusal);
    Failure failure;
    failure.text = message.empty() ? wordsFor(target.subject, status) : std::string(message);
    failure.asResult = target.tool && status != TENON_ERROR_INTERNAL;
    if (status == TENON_ERROR_NOT_FOUND && target.kind == plugin::Target::RESOURCE)
    {
        failure.kind = ErrorKind::RESOURCE_NOT_FOUND;
        failure.text = "Resource not found: " + target.subject;
        if (!message.empty())
            failure.text += " (" + std::string(message) + ")";
        failure.data = uriData(target.subject);
    }
    else if (status == TENON_ERROR_INVALID || status == TENON_ERROR_NOT_FOUND || status == TENON_ERROR_INVALID_ANSWER ||
             status == TENON_ERROR_UNAVAILABLE)
        failure.kind = ErrorKind::INVALID_PARAMS; // the caller's fault, or its client's
    else if (status == TENON_ERROR_FAILED && target.filledIn)
        failure.kind = ErrorKind::INVALID_PARAMS; // most plugins say no more than that of what is not there
    return failure;
}

} // namespace tenon::mcp
