#include "schema/text/Uri.h"

#include "schema/text/CharClass.h"

#include <algorithm>
#include <vector>

namespace tenon::schema
{

namespace
{

bool isScheme(std::string_view text)
{
    if (text.empty() || !ascii::isAlpha(text[0]))
        return false;
    for (const char c : text)
        if (!ascii::isAlnum(c) && c != '+' && c != '-' && c != '.')
            return false;
    return true;
}

/// RFC 3986, 5.2.4, by segments instead of by buffers.
std::string removeDotSegments(std::string_view path)
{
    const bool absolute = !path.empty() && path[0] == '/';
    std::vector<std::string_view> segments;
    bool directory = false; // the last segment was a dot segment: the result ends in '/'
    std::size_t start = absolute ? 1 : 0;
    while (start <= path.size())
    {
        const std::size_t end = std::min(path.find('/', start), path.size());
        const std::string_view segment = path.substr(start, end - start);
        directory = segment == "." || segment == "..";
        if (segment == "..")
        {
            if (!segments.empty())
                segments.pop_back();
        }
        else if (segment != ".")
            segments.push_back(segment);
        start = end + 1;
    }
    if (directory)
        segments.push_back("");

    std::string out = absolute ? "/" : "";
    for (std::size_t i = 0; i < segments.size(); ++i)
    {
        out += i == 0 ? "" : "/";
        out += segments[i];
    }
    return out;
}

std::string merge(const Uri& base, const std::string& path)
{
    if (base.authority && base.path.empty())
        return "/" + path;
    const std::size_t slash = base.path.rfind('/');
    return slash == std::string::npos ? path : base.path.substr(0, slash + 1) + path;
}

} // namespace

Uri Uri::parse(std::string_view text)
{
    Uri uri;
    const std::size_t hash = text.find('#');
    if (hash != std::string_view::npos)
    {
        uri.fragment = std::string(text.substr(hash + 1));
        text = text.substr(0, hash);
    }
    const std::size_t question = text.find('?');
    if (question != std::string_view::npos)
    {
        uri.query = std::string(text.substr(question + 1));
        text = text.substr(0, question);
    }
    const std::size_t colon = text.find(':');
    if (colon != std::string_view::npos && isScheme(text.substr(0, colon)))
    {
        uri.scheme = std::string(text.substr(0, colon));
        text = text.substr(colon + 1);
    }
    if (text.substr(0, 2) == "//")
    {
        const std::size_t slash = std::min(text.find('/', 2), text.size());
        uri.authority = std::string(text.substr(2, slash - 2));
        text = text.substr(slash);
    }
    uri.path = std::string(text);
    return uri;
}

Uri Uri::resolve(const Uri& base, const Uri& reference)
{
    Uri target = reference;
    if (reference.scheme)
    {
        // A path without a slash in front ("urn:uuid:...") is not made of segments.
        if (!target.path.empty() && target.path[0] == '/')
            target.path = removeDotSegments(target.path);
        return target;
    }
    target.scheme = base.scheme;
    if (reference.authority)
    {
        target.path = removeDotSegments(reference.path);
        return target;
    }
    target.authority = base.authority;
    if (reference.path.empty())
    {
        target.path = base.path;
        if (!reference.query)
            target.query = base.query;
    }
    else if (reference.path[0] == '/')
        target.path = removeDotSegments(reference.path);
    else
        target.path = removeDotSegments(merge(base, reference.path));
    return target;
}

std::string Uri::resource() const
{
    std::string out;
    if (scheme)
        (out += *scheme) += ':';
    if (authority)
        (out += "//") += *authority;
    out += path;
    if (query)
        (out += '?') += *query;
    return out;
}

} // namespace tenon::schema
