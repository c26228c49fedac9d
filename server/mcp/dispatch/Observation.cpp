#include "mcp/dispatch/Observation.h"

#include "base/threads/SteadyClock.h"
#include "mcp/sessions/Session.h"

namespace tenon::mcp
{

std::shared_ptr<ObservedSink> observe(OperationListener& listener, const IncomingMessage& incoming,
                                      RequestContext& context)
{
    auto observed = std::make_shared<ObservedSink>(context.sink, listener, context.sinceUs);
    Operation& operation = observed->operation();
    operation.method = context.method;
    operation.requestId = context.id;
    operation.principal = incoming.principal->name;
    operation.clientAddress = incoming.clientAddress;
    operation.transport = incoming.transport;
    operation.began -= base::steadyUs() - context.sinceUs; // it began when it was read
    context.sink = observed;
    return observed;
}

void identify(OperationListener& listener, Operation& operation, const Method* method, RequestContext& context)
{
    constexpr std::size_t TRACE_AT = 3, TRACE_DIGITS = 32;
    if (context.session || context.modern()) // initialize has yet to agree on one
        operation.protocolVersion = textOf(context.version);
    if (context.session)
        operation.sessionId = context.session->id;
    if (std::string_view name; method && context.params.find(method->nameParam, name))
        operation.name = name;
    if (!context.trace)
        context.trace = std::make_shared<TraceContext>(); // the listener may begin one
    if (!context.trace->traceparent.empty())
        operation.traceId = context.trace->traceparent.substr(TRACE_AT, TRACE_DIGITS);
    listener.begins(operation, *context.trace);
}

} // namespace tenon::mcp
