#include "ops/live/OperationFan.h"

#include <exception>

namespace tenon::ops
{

void OperationFan::begins(mcp::Operation& operation, mcp::TraceContext& trace) noexcept
{
    try
    {
        if (_tracing)
            _tracing->begins(operation, trace);
    }
    catch (const std::exception&)
    {
        operation.spanId.clear(); // no memory: this one is not traced
    }
}

void OperationFan::ended(const mcp::Operation& operation) noexcept
{
    try
    {
        if (_tracing)
            _tracing->ended(operation);
        if (_feed.watched())
            _feed.request(operation);
    }
    catch (const std::exception&)
    {
        return; // no memory: nobody sees this one
    }
}

} // namespace tenon::ops
