#pragma once

#include "jsonrpc/Error.h"
#include "mcp/calls/CallLife.h"
#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallStream.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/calls/Questions.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/offer/CatalogueView.h"
#include "mcp/revisions/Results.h"
#include "plugin/call/ResultShape.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What becomes of a call in the end: whether its plugin's result may go out, and how; its one answer, or the end of its
/// task's record; what the figures count, and what the log tells. The figures come first: who looks at them after the answer
/// finds the call in them.
///
/// Threading: `check`: any thread; all else by whoever has claimed the end of the call.
/// Ownership: borrows parts of the same call.
class CallOutcome
{
public:
    /// Shape: `metrics` null: the target is no tool.
    CallOutcome(const CallServices& services, const RequestContext& context, const ToolMetrics* metrics,
                const CallTarget& target, CallLife& life, CallStream& stream)
        : _services(services), _context(context), _metrics(metrics), _target(target), _life(life), _stream(stream)
    {
    }

    /// A result as its client gets it.
    struct Result
    {
        ShapedResult shaped;  ///< borrows the text
        bool isError = false; ///< of a tool
        std::string fault;    ///< why it cannot go out; empty: it can. For the caller, and for the author's log
        std::string flaw;     ///< what is wrong with it though it goes out, for the log alone
    };

    /// Holds a plugin's result against the specification, shapes it for the client, and tells the log what is wrong with it.
    /// Nothing if it is not one JSON object of its kind.
    ///
    /// Shape:  `text` is JSON in the shape of the newest revision, of `mostBytes` at most; `shape` is what a writer of this
    ///         process noted of it, null if nobody has looked at it. It may be changed, and must stay as long as the result.
    /// Errors: std::bad_alloc.
    [[nodiscard]] std::optional<Result> check(std::string& text, std::size_t mostBytes,
                                              const plugin::ResultShape* shape) const;

    /// A result, the plugin's or this server's; what cannot go out is a tool's error.
    void result(const Result& checked);

    /// The call ends with a result that asks its client. Shape: a JSON object.
    void questions(std::string_view result);

    /// The plugin's failure. Shape: as Failure.h says.
    void failure(tenon_status status, std::string_view message,
                 const std::optional<Questions::Refusal>& refusal = std::nullopt);

    /// The plugin could not be entered, or not again: there is no room, or no thread.
    void refused(std::string_view why);

    /// Its time is over. Shape: `asking`: while its client was waited for.
    void late(bool asking);

    /// A tool's result with `isError`, for a model to correct itself; `otherwise` is the kind of error where the target is no
    /// tool.
    void toolError(std::string_view text, jsonrpc::ErrorKind otherwise = jsonrpc::ErrorKind::INTERNAL);

    void error(jsonrpc::ErrorKind kind, std::string_view message, std::string_view data = {});

    /// Nobody wants it any more.
    void cancelled(std::string_view reason);

    /// The one there was could not be given: one that needs no memory.
    void lost() noexcept;

private:
    void record(std::string_view error);

    const CallServices& _services;
    const RequestContext& _context;
    const ToolMetrics* const _metrics;
    const CallTarget& _target;
    CallLife& _life;
    CallStream& _stream;
};

} // namespace tenon::mcp
