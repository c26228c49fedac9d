#include "net/http/Negotiation.h"

#include "base/text/Ascii.h"
#include "net/http/RequestHead.h"

#include <algorithm>
#include <cstddef>

namespace tenon::net
{

namespace
{

/// Cuts the text before the next `separator` off `rest`.
std::string_view next(std::string_view& rest, char separator)
{
    const std::size_t end = rest.find(separator);
    const std::string_view item = base::trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return item;
}

/// Whether the parameters of a range hold a q that is zero.
bool isRefused(std::string_view parameters)
{
    while (!parameters.empty())
    {
        const std::string_view parameter = next(parameters, ';');
        if (parameter.size() < 3 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=')
            continue;
        const std::string_view weight = parameter.substr(2);
        return weight.find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

} // namespace

Acceptance readAccept(bool present, std::string_view accept) noexcept
{
    Acceptance result;
    if (!present || base::trimmed(accept).empty())
        return result;
    result.json = false;
    bool jsonRefused = false;
    while (!accept.empty())
    {
        std::string_view range = next(accept, ',');
        const std::string_view type = next(range, ';');
        const bool refused = isRefused(range);
        if (base::equalsIgnoringCase(type, "application/json"))
        {
            result.json = result.json || !refused;
            jsonRefused = jsonRefused || refused;
        }
        else if (base::equalsIgnoringCase(type, "text/event-stream"))
            result.stream = result.stream || !refused;
        else if (type == "*/*" || base::equalsIgnoringCase(type, "application/*"))
            result.json = result.json || !refused;
    }
    result.json = result.json && !jsonRefused;
    return result;
}

bool isJson(std::string_view contentType) noexcept
{
    if (!base::equalsIgnoringCase(next(contentType, ';'), "application/json"))
        return false;
    while (!contentType.empty())
    {
        const std::string_view parameter = next(contentType, ';');
        if (parameter.size() < 8 || !base::equalsIgnoringCase(parameter.substr(0, 8), "charset="))
            continue;
        std::string_view charset = parameter.substr(8);
        if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"')
            charset = charset.substr(1, charset.size() - 2);
        return base::equalsIgnoringCase(charset, "utf-8") || base::equalsIgnoringCase(charset, "utf8") ||
               base::equalsIgnoringCase(charset, "us-ascii");
    }
    return true;
}

PostedForm readPosted(const base::HeaderFields& head) noexcept
{
    // What nearly all clients send, the second since the specification asks for it, is recognised as a whole.
    const std::string_view type = head.header(base::Field::CONTENT_TYPE), accept = head.header(base::Field::ACCEPT);
    PostedForm form;
    form.json = type == "application/json" || isJson(type);
    form.accepts = accept == "application/json, text/event-stream" ? Acceptance{true, true}
                                                                   : readAccept(head.has(base::Field::ACCEPT), accept);
    form.gzip = head.has(base::Field::ACCEPT_ENCODING) && acceptsGzip(head.header(base::Field::ACCEPT_ENCODING));
    return form;
}

bool acceptsGzip(std::string_view acceptEncoding) noexcept
{
    while (!acceptEncoding.empty())
    {
        std::string_view coding = next(acceptEncoding, ',');
        const std::string_view name = next(coding, ';');
        if (base::equalsIgnoringCase(name, "gzip") || base::equalsIgnoringCase(name, "x-gzip"))
            return !isRefused(coding);
    }
    return false;
}

bool isModernVersion(std::string_view protocolVersion) noexcept
{
    constexpr std::string_view FIRST_MODERN = "2026-07-28";
    const auto isDate = [](std::string_view text)
    {
        if (text.size() != 10 || text[4] != '-' || text[7] != '-')
            return false;
        return std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
    };
    return isDate(protocolVersion) && protocolVersion >= FIRST_MODERN;
}

} // namespace tenon::net
