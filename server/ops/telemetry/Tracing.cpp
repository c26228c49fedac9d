#include "ops/telemetry/Tracing.h"

#include "base/text/Hex.h"
#include "base/text/RandomId.h"

#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <string>

namespace tenon::ops
{

namespace
{

// A traceparent: 00-<32 digits of the trace>-<16 digits of the span>-<two digits of flags>.
constexpr std::size_t SPAN_AT = 36, SPAN_DIGITS = 16, FLAGS_AT = 53;
constexpr unsigned SAMPLED = 1;
constexpr double RANGE = 9223372036854775808.0; // 2^63

/// Ids only have to differ; each thread has a source of its own, begun with true chance.
std::uint64_t random()
{
    thread_local const auto engine = []
    {
        const std::string bytes = base::randomBytes(sizeof(std::uint64_t) * 4);
        std::array<std::uint32_t, 8> words{};
        std::memcpy(words.data(), bytes.data(), sizeof words);
        std::seed_seq seed(words.begin(), words.end());
        return std::make_unique<std::mt19937_64>(seed);
    }();
    std::uint64_t number = 0;
    while (number == 0) // is no id
        number = (*engine)();
    return number;
}

std::string digits(std::uint64_t number)
{
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8)
        base::appendHex(text, static_cast<char>(number >> shift & 0xFF));
    return text;
}

bool sampled(const std::string& traceparent)
{
    return (static_cast<unsigned>(base::hexValue(traceparent[FLAGS_AT + 1])) & SAMPLED) != 0;
}

} // namespace

Tracing::Tracing(SpanExporter& exporter, double ratio)
    : _exporter(exporter), _below(ratio < 1 ? static_cast<std::uint64_t>(ratio * RANGE) : 0), _all(ratio >= 1)
{
}

void Tracing::begins(mcp::Operation& operation, mcp::TraceContext& trace) const
{
    if (!trace.traceparent.empty())
    {
        if (!sampled(trace.traceparent))
            return;
        operation.parentSpanId = trace.traceparent.substr(SPAN_AT, SPAN_DIGITS);
        operation.traceState = trace.tracestate;
    }
    else
    {
        const std::uint64_t last = random();
        if (!_all && last >> 1 >= _below)
            return;
        operation.traceId = digits(random()) + digits(last);
    }
    operation.spanId = digits(random());
    operation.pluginSpanId = digits(random());
    trace.traceparent = "00-" + operation.traceId + '-' + operation.pluginSpanId + "-01";
}

void Tracing::ended(const mcp::Operation& operation) const
{
    if (!operation.spanId.empty())
        _exporter.add(operation);
}

} // namespace tenon::ops
