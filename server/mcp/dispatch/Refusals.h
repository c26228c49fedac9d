#pragma once

#include "base/json/JsonDocument.h"
#include "base/metrics/Metrics.h"
#include "jsonrpc/Error.h"
#include "jsonrpc/Message.h"
#include "mcp/messages/IncomingMessage.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/messages/ResponseSink.h"
#include "mcp/offer/OperationFigures.h"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace tenon::mcp
{

/// What senders are told of messages that are not taken, or whose methods fail: the one place that turns exceptions into
/// JSON-RPC errors.
///
/// Whoever waits for an answer gets one under its id; a notification is never answered, but for HTTP, which has to say
/// something; what is wrong with a response is told without the id, which is one of ours.
///
/// Threading: any thread.
/// Ownership: borrows the figures and the counter.
class Refusals
{
public:
    /// Shape: `errors` counts them all.
    Refusals(OperationFigures& figures, base::Counter& errors) : _figures(figures), _errors(errors) {}

    /// A message that was read. All is borrowed.
    struct Subject
    {
        const IncomingMessage& incoming;
        const jsonrpc::Message& message;
        const RequestContext& context; ///< as far as it is known
        const ResponseSinkPtr& sink;   ///< of the transport; whoever watches stands before it in the context
        std::int64_t sinceUs;          ///< base::steadyUs, when it came
    };

    /// The method, or who sees to the message before it, refuses it.
    void refused(const Subject& subject, const jsonrpc::RpcException& why) const noexcept;

    /// Something else went wrong, which the log tells under the id that the sender gets.
    void failed(const Subject& subject, const std::exception& why) const noexcept;

    /// What is no message that could be read.
    void unreadable(const IncomingMessage& incoming, const base::JsonException& why, const ResponseSinkPtr& sink) const;

    /// A batch as a whole.
    void batch(const ResponseSinkPtr& sink, jsonrpc::ErrorKind kind, std::string_view why) const;

private:
    template <typename Refuse>
    void orLost(const Subject& subject, Refuse refuse) const noexcept;
    void refuse(const Subject& subject, const ResponseSinkPtr& to, jsonrpc::ErrorKind kind, std::string_view why,
                bool modern, std::string_view data = {}) const;

    OperationFigures& _figures;
    base::Counter& _errors;
};

/// Finishes with an error. Shape: `id` is JSON text; empty: none.
void finishError(const ResponseSinkPtr& sink, jsonrpc::ErrorKind kind, std::string_view id, std::string_view message,
                 bool modern = false, std::string_view data = {});

} // namespace tenon::mcp
