#pragma once

#include <string>

namespace tenon::mcp
{

/// W3C Trace Context and Baggage of a request, empty where it has none.
struct TraceContext
{
    std::string traceparent, tracestate, baggage;
};

} // namespace tenon::mcp
