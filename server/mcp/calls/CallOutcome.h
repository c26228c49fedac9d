#pragma once

#include "jsonrpc/Error.h"
#include "mcp/calls/CallLife.h"
#include "mcp/calls/CallReply.h"
#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/calls/CheckedResult.h"
#include "mcp/calls/Questions.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/offer/CatalogueView.h"

#include <optional>
#include <string_view>

namespace tenon::mcp
{

/// What becomes of a call in the end: as its client gets it, as the figures count it, and as the log tells it. The figures
/// come first: who looks at them after the answer finds the call in them.
///
/// Threading: by whoever has claimed the end of the call.
/// Ownership: borrows parts of the same call.
class CallOutcome
{
public:
    /// Shape: `metrics` null: the target is no tool.
    CallOutcome(const CallServices& services, const RequestContext& context, const ToolMetrics* metrics,
                const CallTarget& target, CallLife& life, CallReply& reply)
        : _services(services), _context(context), _metrics(metrics), _target(target), _life(life), _reply(reply)
    {
    }

    /// What the plugin gave; what cannot go out is a tool's error.
    void result(const CheckedResult& checked);

    /// The call ends with a result that asks its client. Shape: a JSON object.
    void questions(std::string_view result);

    /// The plugin's failure. Shape: as Failure.h says.
    void failure(tenon_status status, std::string_view message,
                 const std::optional<Questions::Refusal>& refusal = std::nullopt);

    /// Its time is over. Shape: `asking`: while its client was waited for.
    void late(bool asking);

    /// A tool's result with `isError`, for a model to correct itself; `otherwise` is the kind of error where the target is no
    /// tool.
    void toolError(std::string_view text, jsonrpc::ErrorKind otherwise = jsonrpc::ErrorKind::INTERNAL);

    void error(jsonrpc::ErrorKind kind, std::string_view message, std::string_view data = {});

    /// Nobody wants it any more.
    void cancelled(std::string_view reason);

private:
    void record(std::string_view error);

    const CallServices& _services;
    const RequestContext& _context;
    const ToolMetrics* const _metrics;
    const CallTarget& _target;
    CallLife& _life;
    CallReply& _reply;
};

} // namespace tenon::mcp
