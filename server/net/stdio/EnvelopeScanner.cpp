#include "net/stdio/EnvelopeScanner.h"

namespace tenon::net
{

namespace
{

/// One character more than is used says that there were too many.
void keep(std::string& text, char c)
{
    if (text.size() <= EnvelopeScanner::MAX_ID_BYTES)
        text.push_back(c);
}

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// A string, or an integer.
bool isId(std::string_view text)
{
    if (text.empty() || text.size() > EnvelopeScanner::MAX_ID_BYTES)
        return false;
    if (text.front() == '"')
        return text.size() >= 2 && text.back() == '"';
    if (text.front() == '-')
        text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

void EnvelopeScanner::feed(std::string_view bytes)
{
    for (const char c : bytes)
        character(c);
}

void EnvelopeScanner::character(char c)
{
    if (_text)
        return inText(c);
    if (c == '"')
    {
        _text = true;
        if (_depth == 1 && !_inValue)
            _key.clear();
        else if (_depth == 1)
            keep(_value, c);
    }
    else if (c == '{' || c == '[')
        ++_depth;
    else if (c == '}' || c == ']')
    {
        if (_depth == 1)
            endMember();
        if (_depth > 0)
            --_depth;
    }
    else if (_depth == 1)
        atTop(c);
}

void EnvelopeScanner::inText(char c)
{
    const bool ends = c == '"' && !_escaped;
    _escaped = c == '\\' && !_escaped;
    if (_depth == 1 && _inValue)
        keep(_value, c);
    else if (_depth == 1 && !ends)
        keep(_key, c);
    if (ends)
        _text = false;
}

void EnvelopeScanner::atTop(char c)
{
    if (c == ',')
        endMember();
    else if (c == ':' && !_inValue)
        _inValue = true;
    else if (_inValue && !isSpace(c))
        keep(_value, c);
}

void EnvelopeScanner::endMember()
{
    if (_key == "id" && isId(_value))
        _id = _value;
    else if (_key == "method")
        _hasMethod = true;
    _key.clear();
    _value.clear();
    _inValue = false;
}

std::string_view EnvelopeScanner::requestId() const
{
    return _hasMethod ? std::string_view(_id) : std::string_view();
}

} // namespace tenon::net
