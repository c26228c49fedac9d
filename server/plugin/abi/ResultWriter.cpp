#include "plugin/abi/ResultWriter.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/GiveBack.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <cmath>

namespace tenon::plugin
{

namespace
{
constexpr std::size_t SHORT = 24; // a number, a word
} // namespace

/// Whether so much more finds room. From the first on that does not, nothing is kept.
bool ResultWriter::fits(std::size_t bytes) noexcept
{
    if (_tooLarge == 0 && bytes <= _most - std::min(_most, _out.size()))
        return true;
    _tooLarge += (_tooLarge == 0 ? _out.size() : 0) + bytes;
    _failed = true;
    base::giveBack(_out);
    return false;
}

void ResultWriter::key(std::string_view name)
{
    if (!fits(name.size()) || _failed || !inObject() || _named)
    {
        _failed = true;
        return;
    }
    base::JsonWriter::appendKey(_out, _comma, name);
    _named = true;
    _comma = false;
    _survey.key(name);
}

void ResultWriter::text(std::string_view value)
{
    if (!beginValue(value.size()))
        return;
    const std::size_t begin = _out.size();
    base::JsonWriter::appendString(_out, value);
    _survey.text(value, begin, _out.size());
    endValue();
}

void ResultWriter::boolean(bool value)
{
    if (!beginValue(SHORT))
        return;
    _out += value ? "true" : "false";
    _survey.boolean(value);
    endValue();
}

/// A value of a kind that no member of a plain result has, but for `structuredContent`.
template <typename Write>
void ResultWriter::other(bool object, std::size_t bytes, Write write)
{
    if (!beginValue(bytes))
        return;
    if (_depth == 0)
        _topIsObject = object;
    const std::size_t begin = _out.size();
    write();
    _survey.other(object, begin, _out.size());
    endValue();
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
        _failed = true;
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
    if (_failed && _tooLarge == 0)
        return;
    if (!fits(json.size()))
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
        _failed = true;
    }
}

void ResultWriter::reset()
{
    _out.clear();
    _survey.reset();
    _depth = 0;
    _comma = _named = _complete = _topIsObject = _failed = _lacksMemory = false;
    _notRepresentable = {};
    _tooLarge = 0;
}

/// Whether a value may stand here, and finds room; writes what goes before it.
bool ResultWriter::beginValue(std::size_t bytes)
{
    if (!fits(bytes) || _failed || _complete || (inObject() && !_named))
    {
        _failed = true;
        return false;
    }
    if (_comma)
        _out += ',';
    _named = false;
    return true;
}

void ResultWriter::endValue()
{
    _comma = true;
    _complete = _depth == 0;
}

void ResultWriter::open(char bracket, bool object)
{
    if (_depth >= MAX_DEPTH)
        _failed = true;
    if (!beginValue(1))
        return;
    if (_depth == 0)
        _topIsObject = object;
    _survey.opened(object, _out.size());
    _out += bracket;
    _objects[_depth++] = object;
    _comma = false;
}

void ResultWriter::close(char bracket, bool object)
{
    if (_failed || _depth == 0 || inObject() != object || _named)
    {
        _failed = true;
        return;
    }
    --_depth;
    _out += bracket;
    _survey.closed(_depth, _out.size());
    endValue();
}

} // namespace tenon::plugin
