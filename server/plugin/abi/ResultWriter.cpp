#include "plugin/abi/ResultWriter.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/GiveBack.h"

#include <Poco/Exception.h>

#include <cmath>

namespace tenon::plugin
{

namespace
{
constexpr std::size_t SHORT = 24; // a number, a word
} // namespace

/// From the first on that does not fit, nothing is kept.
void ResultWriter::turnDown(std::size_t bytes) noexcept
{
    _next = Next::FAILED;
    if (_tooLarge == 0 && fits(bytes))
        return;
    _tooLarge += (_tooLarge == 0 ? _out.size() : 0) + bytes;
    base::giveBack(_out);
}

void ResultWriter::key(std::string_view name)
{
    if (!may(Next::NAME, name.size()))
        return;
    base::JsonWriter::appendKey(_out, _comma, name);
    _next = Next::VALUE;
    _comma = false;
    _survey.key(name);
}

void ResultWriter::text(std::string_view value)
{
    if (!may(Next::VALUE, value.size()))
        return;
    separate();
    const std::size_t begin = _out.size();
    base::JsonWriter::appendString(_out, value);
    _survey.text(value, begin, _out.size());
    ended();
}

void ResultWriter::boolean(bool value)
{
    if (!may(Next::VALUE, SHORT))
        return;
    separate();
    _out += value ? "true" : "false";
    _survey.boolean(value);
    ended();
}

/// A value of a kind that no member of a plain result has, but for `structuredContent`.
template <typename Write>
void ResultWriter::other(bool object, std::size_t bytes, Write write)
{
    if (!may(Next::VALUE, bytes))
        return;
    separate();
    if (_depth == 0)
        _topIsObject = object;
    const std::size_t begin = _out.size();
    write();
    _survey.other(object, begin, _out.size());
    ended();
}

void ResultWriter::null()
{
    other(false, SHORT, [this] { _out += "null"; });
}

void ResultWriter::integer(std::int64_t value)
{
    other(false, SHORT, [&] { base::JsonWriter(_out).value(value); });
}

void ResultWriter::number(double value)
{
    if (!std::isfinite(value))
    {
        if (_notRepresentable.empty())
            _notRepresentable = std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
        _next = Next::FAILED;
        return;
    }
    other(false, SHORT, [&] { base::JsonWriter(_out).value(value); });
}

void ResultWriter::base64(const void* data, std::size_t size)
{
    other(false, size / 3 * 4, [&] { base::JsonWriter(_out).base64(data, size); });
}

void ResultWriter::value(const simdjson::dom::element& element)
{
    other(element.is_object(), SHORT, [&] { base::JsonWriter(_out).value(element); });
}

void ResultWriter::json(std::string_view json)
{
    if (_next == Next::FAILED && _tooLarge == 0)
        return;
    if (!may(Next::VALUE, json.size()))
        return;
    try
    {
        const auto document = base::JsonDocument::parse(json);
        // What is nested may pass what readers accept: the whole is parsed again by nobody before the client.
        if (json.find_first_of("\r\n") != std::string_view::npos)
            value(document->root());
        else
            other(document->root().is_object(), json.size(), [&] { _out += json; });
    }
    catch (const Poco::DataFormatException&)
    {
        _next = Next::FAILED;
    }
}

void ResultWriter::reset()
{
    _out.clear();
    _survey.reset();
    _depth = 0;
    _next = Next::VALUE;
    _after = Next::NOTHING;
    _comma = _topIsObject = _lacksMemory = false;
    _notRepresentable = {};
    _tooLarge = 0;
}

void ResultWriter::open(char bracket, bool object)
{
    if (_depth >= MAX_DEPTH)
        _next = Next::FAILED;
    if (!may(Next::VALUE, 1))
        return;
    separate();
    if (_depth == 0)
        _topIsObject = object;
    _survey.opened(object, _out.size());
    _out += bracket;
    _objects[_depth++] = object;
    _next = _after = object ? Next::NAME : Next::VALUE;
    _comma = false;
}

void ResultWriter::close(char bracket, bool object)
{
    const Next inside = object ? Next::NAME : Next::VALUE;
    if (_next != inside || _after != inside)
    {
        _next = Next::FAILED;
        return;
    }
    --_depth;
    _out += bracket;
    _survey.closed(_depth, _out.size());
    _after = _depth == 0 ? Next::NOTHING : _objects[_depth - 1] ? Next::NAME : Next::VALUE;
    ended();
}

} // namespace tenon::plugin
