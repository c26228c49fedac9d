#include "ops/metrics/PrometheusText.h"

#include "mcp/offer/OperationFigures.h"

#include <charconv>
#include <cmath>

namespace tenon::ops
{

namespace
{

constexpr double US_PER_SECOND = 1e6;
constexpr double EXACT_INTEGERS = 9007199254740992.0; // 2^53

const char* nameOf(PrometheusText::Type type)
{
    switch (type)
    {
    case PrometheusText::Type::COUNTER:
        return "counter";
    case PrometheusText::Type::GAUGE:
        return "gauge";
    case PrometheusText::Type::HISTOGRAM:
        return "histogram";
    }
    return "untyped";
}

PrometheusText::Type typeOf(base::MetricsRegistry::Kind kind)
{
    switch (kind)
    {
    case base::MetricsRegistry::Kind::COUNTER:
        return PrometheusText::Type::COUNTER;
    case base::MetricsRegistry::Kind::GAUGE:
        return PrometheusText::Type::GAUGE;
    case base::MetricsRegistry::Kind::HISTOGRAM:
        return PrometheusText::Type::HISTOGRAM;
    }
    return PrometheusText::Type::GAUGE;
}

/// The same text whatever the locale is: a plugin may have changed it.
std::string numberText(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    if (value == std::floor(value) && std::abs(value) < EXACT_INTEGERS)
        return std::to_string(static_cast<std::int64_t>(value));
    char buffer[64];
    const auto written = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 15);
    return {buffer, written.ptr};
}

void appendEscaped(std::string& out, std::string_view text, bool quoted)
{
    for (const char letter : text)
        if (letter == '\\')
            out += "\\\\";
        else if (letter == '\n')
            out += "\\n";
        else if (letter == '"' && quoted)
            out += "\\\"";
        else
            out += letter;
}

} // namespace

void PrometheusText::family(std::string_view name, std::string_view help, Type type)
{
    _name = name;
    _head = "# HELP " + _name + ' ';
    appendEscaped(_head, help, false);
    _head += "\n# TYPE " + _name + ' ' + nameOf(type) + '\n';
}

void PrometheusText::line(std::string_view suffix, const base::Labels& labels, std::string_view le, double value)
{
    _text += _head;
    _head.clear();
    _text.append(_name).append(suffix);
    char before = '{';
    const auto label = [&](std::string_view name, std::string_view of)
    {
        _text += before;
        before = ',';
        _text.append(name).append("=\"");
        appendEscaped(_text, of, true);
        _text += '"';
    };
    for (const auto& [name, of] : labels)
        label(name, of);
    if (!le.empty())
        label("le", le);
    if (before == ',')
        _text += '}';
    _text.append(" ").append(numberText(value)).append("\n");
}

void PrometheusText::sample(double value, const base::Labels& labels)
{
    line("", labels, "", value);
}

PrometheusText::Distribution::Distribution(const base::Histogram& histogram)
    : boundsUs(histogram.bounds()), sumUs(histogram.sumUs())
{
    for (std::size_t at = 0; at <= boundsUs.size(); ++at)
        buckets.push_back(histogram.bucket(at));
}

void PrometheusText::sample(const base::Histogram& histogram, const base::Labels& labels)
{
    sample(Distribution(histogram), labels);
}

void PrometheusText::sample(const Distribution& distribution, const base::Labels& labels)
{
    // The count is made of the buckets: an observation that comes in while they are read must not make the sum of the
    // parts differ from the whole.
    std::uint64_t count = 0;
    for (std::size_t at = 0; at < distribution.buckets.size(); ++at)
    {
        count += distribution.buckets[at];
        const bool last = at == distribution.boundsUs.size();
        const std::string bound =
            last ? "+Inf" : numberText(static_cast<double>(distribution.boundsUs[at]) / US_PER_SECOND);
        line("_bucket", labels, bound, static_cast<double>(count));
    }
    line("_sum", labels, "", static_cast<double>(distribution.sumUs) / US_PER_SECOND);
    line("_count", labels, "", static_cast<double>(count));
}

void PrometheusText::add(const base::MetricsRegistry& registry)
{
    for (const base::MetricsRegistry::Family& made : registry.snapshot())
    {
        if (made.name == mcp::OperationFigures::NAME)
            continue;
        family(made.name, made.help, typeOf(made.kind));
        for (const base::MetricsRegistry::Metric& metric : made.metrics)
            if (metric.histogram)
                sample(*metric.histogram, metric.labels);
            else
                sample(metric.counter ? static_cast<double>(metric.counter->value())
                       : metric.gauge ? static_cast<double>(metric.gauge->value())
                       : metric.read  ? metric.read()
                                      : 0,
                       metric.labels);
    }
}

} // namespace tenon::ops
