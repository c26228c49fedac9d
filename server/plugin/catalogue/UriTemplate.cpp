#include "plugin/catalogue/UriTemplate.h"

#include "base/text/PercentCoding.h"

#include <Poco/Ascii.h>
#include <Poco/Exception.h>

#include <algorithm>

namespace tenon::plugin
{

namespace
{

bool isNameLetter(char letter)
{
    return Poco::Ascii::isAlphaNumeric(static_cast<unsigned char>(letter)) || letter == '_' || letter == '.';
}

[[noreturn]] void refuse(std::string_view text, const std::string& why)
{
    throw Poco::DataFormatException("the URI template '" + std::string(text) + "' " + why);
}

} // namespace

UriTemplate::UriTemplate(std::string_view text) : _parts(1)
{
    for (std::size_t at = 0; at < text.size();)
    {
        if (text[at] == '}')
            refuse(text, "has a '}' without its '{'");
        if (text[at] != '{')
        {
            _parts.back().literal += text[at++];
            continue;
        }
        const auto end = text.find('}', at);
        if (end == std::string_view::npos)
            refuse(text, "has a '{' without its '}'");
        auto name = text.substr(at + 1, end - at - 1);
        Part part;
        if (!name.empty() && name.front() == '+')
        {
            part.reserved = true;
            name.remove_prefix(1);
        }
        if (name.empty() || !std::all_of(name.begin(), name.end(), isNameLetter))
            refuse(text, "has an expression other than {name} and {+name}");
        if (_parts.size() > 1 && _parts.back().literal.empty())
            refuse(text, "has two variables without text between them");
        if (std::any_of(_parts.begin(), _parts.end(), [&](const Part& other) { return other.variable == name; }))
            refuse(text, "names '" + std::string(name) + "' twice");
        part.variable = name;
        _parts.push_back(std::move(part));
        at = end + 1;
    }
    for (Part& part : _parts)
        part.literal = base::normalUri(part.literal);
}

bool UriTemplate::matches(std::string_view given, Variables& variables) const
{
    if (given.size() > MAX_URI_BYTES)
        return false;
    const std::string normal = base::normalUri(given);
    const std::string_view uri = normal;
    const std::string& head = _parts.front().literal;
    if (!uri.starts_with(head))
        return false;
    if (_parts.size() == 1)
        return uri.size() == head.size();

    std::vector<std::size_t> ends(_parts.size(), head.size());
    std::vector<bool> hopeless(_parts.size() * (uri.size() + 1));
    if (!fits(uri, 1, head.size(), ends, hopeless))
        return false;
    std::size_t begin = head.size();
    for (std::size_t part = 1; part < _parts.size(); ++part)
    {
        variables.emplace_back(_parts[part].variable, base::percentDecoded(uri.substr(begin, ends[part] - begin)));
        begin = ends[part] + _parts[part].literal.size();
    }
    return true;
}

/// Whether `uri` from `at` on fits the parts from `part` on; `ends` gets where each variable ends. `hopeless` remembers
/// what failed, so that no place is tried twice.
bool UriTemplate::fits(std::string_view uri, std::size_t part, std::size_t at, std::vector<std::size_t>& ends,
                       std::vector<bool>& hopeless) const
{
    if (part == _parts.size())
        return at == uri.size();
    const std::size_t mark = part * (uri.size() + 1) + at;
    if (hopeless[mark])
        return false;
    const Part& current = _parts[part];
    const bool last = part + 1 == _parts.size();
    const std::size_t stop = current.reserved ? uri.size() : std::min(uri.find_first_of("/?#", at), uri.size());
    std::size_t end = at + (current.reserved ? 0 : 1);
    if (last && stop >= at && uri.size() >= current.literal.size())
        end = std::max(end, uri.size() - current.literal.size());
    for (; end <= stop; ++end)
    {
        if (!current.literal.empty())
        {
            end = uri.find(current.literal, end);
            if (end > stop)
                break;
        }
        if (fits(uri, part + 1, end + current.literal.size(), ends, hopeless))
        {
            ends[part] = end;
            return true;
        }
        // What a later end would leave out, the next variable could have taken, unless it takes less than this one.
        if (!last && (!current.reserved || _parts[part + 1].reserved))
            break;
    }
    hopeless[mark] = true;
    return false;
}

} // namespace tenon::plugin
