#include "plugin/abi/ResultWriter.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"

#include <Poco/Exception.h>

#include <cmath>

namespace tenon::plugin
{

void ResultWriter::key(std::string_view name)
{
    if (_failed || _objects.empty() || !_objects.back() || _named)
    {
        _failed = true;
        return;
    }
    if (_comma)
        _out += ',';
    base::JsonWriter::appendString(_out, name);
    _out += ':';
    _named = true;
    _comma = false;
}

void ResultWriter::text(std::string_view value)
{
    if (!beginValue())
        return;
    base::JsonWriter::appendString(_out, value);
    endValue();
}

void ResultWriter::integer(std::int64_t value)
{
    if (!beginValue())
        return;
    base::JsonWriter(_out).value(value);
    endValue();
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
    if (!beginValue())
        return;
    base::JsonWriter(_out).value(value);
    endValue();
}

void ResultWriter::base64(const void* data, std::size_t size)
{
    if (!beginValue())
        return;
    base::JsonWriter(_out).base64(data, size);
    endValue();
}

void ResultWriter::value(const simdjson::dom::element& element)
{
    if (!beginValue())
        return;
    if (_out.empty())
        _topIsObject = element.is_object();
    base::JsonWriter(_out).value(element);
    endValue();
}

void ResultWriter::json(std::string_view json)
{
    if (_failed)
        return;
    try
    {
        const auto document = base::JsonDocument::parse(json);
        // What is nested may pass what readers accept: the whole is parsed again by nobody before the client.
        if (json.find_first_of("\r\n") != std::string_view::npos)
            value(document->root());
        else if (beginValue())
        {
            if (_out.empty())
                _topIsObject = document->root().is_object();
            _out += json;
            endValue();
        }
    }
    catch (const Poco::DataFormatException&)
    {
        _failed = true;
    }
}

void ResultWriter::reset()
{
    _out.clear();
    _objects.clear();
    _comma = _named = _complete = _topIsObject = _failed = false;
    _notRepresentable = {};
}

/// Whether a value may stand here; writes what goes before it.
bool ResultWriter::beginValue()
{
    if (_failed || _complete || (!_objects.empty() && _objects.back() && !_named))
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
    if (_objects.empty())
        _complete = true;
}

void ResultWriter::open(char bracket, bool object)
{
    if (_objects.size() >= MAX_DEPTH)
        _failed = true;
    if (!beginValue())
        return;
    if (_objects.empty())
        _topIsObject = object;
    _out += bracket;
    _objects.push_back(object);
    _comma = false;
}

void ResultWriter::close(char bracket, bool object)
{
    if (_failed || _objects.empty() || _objects.back() != object || _named)
    {
        _failed = true;
        return;
    }
    _objects.pop_back();
    _out += bracket;
    endValue();
}

void ResultWriter::word(std::string_view text)
{
    if (!beginValue())
        return;
    _out += text;
    endValue();
}

} // namespace tenon::plugin
