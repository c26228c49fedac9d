#include "guard/web/Cors.h"

#include "base/text/Ascii.h"

#include <array>

namespace tenon::guard
{

namespace
{

/// What a page's script may read of an answer, beyond what it always may.
constexpr const char* EXPOSED = "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After, RateLimit-Limit, "
                                "RateLimit-Remaining, RateLimit-Reset";

/// What a page's script may send. `Mcp-*` is open-ended: 2026-07-28 mirrors parameters into `Mcp-Param-*`.
constexpr std::array<std::string_view, 10> SENDABLE = {
    "Authorization",    "Content-Type", "Accept",     "Cache-Control", "Last-Event-ID",
    "X-Requested-With", "Traceparent",  "Tracestate", "Baggage",       "Accept-Language"};
constexpr std::string_view MCP_PREFIX = "Mcp-";

constexpr std::size_t MAX_REQUESTED_BYTES = 2048;

bool isToken(std::string_view name)
{
    constexpr std::string_view OTHER = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [&](char letter)
                                        {
                                            const char lower = base::lowerOf(letter);
                                            return (lower >= 'a' && lower <= 'z') || (letter >= '0' && letter <= '9') ||
                                                   OTHER.find(letter) != OTHER.npos;
                                        });
}

} // namespace

Cors::Cors(Options options) : _options(std::move(options)) {}

void Cors::addTo(HeaderPairs& headers, std::string_view origin, Origins::Verdict verdict) const
{
    if (!_options.enabled || verdict == Origins::Verdict::FOREIGN)
        return;
    if (verdict == Origins::Verdict::ANYBODY)
        headers.emplace_back("Access-Control-Allow-Origin", "*");
    else
    {
        headers.emplace_back("Access-Control-Allow-Origin", origin);
        headers.emplace_back("Vary", "Origin");
        if (_options.credentials)
            headers.emplace_back("Access-Control-Allow-Credentials", "true");
    }
    headers.emplace_back("Access-Control-Expose-Headers", EXPOSED);
}

void Cors::addPreflight(HeaderPairs& headers, const base::HeaderFields& request, std::string_view methods) const
{
    if (!_options.enabled)
        return;
    headers.emplace_back("Access-Control-Allow-Methods", methods);

    std::string allowed;
    std::string_view requested;
    if (request.header("Access-Control-Request-Headers", requested) && requested.size() <= MAX_REQUESTED_BYTES)
        base::forEachItem(requested,
                          [&](std::string_view name)
                          {
                              if (headerAllowed(name))
                                  allowed.append(allowed.empty() ? "" : ", ").append(name);
                              return true;
                          });
    if (!allowed.empty())
        headers.emplace_back("Access-Control-Allow-Headers", std::move(allowed));

    std::string_view privateNetwork;
    if (request.header("Access-Control-Request-Private-Network", privateNetwork) && privateNetwork == "true")
        headers.emplace_back("Access-Control-Allow-Private-Network", "true");
    headers.emplace_back("Access-Control-Max-Age", std::to_string(_options.maxAgeSeconds));
}

bool Cors::headerAllowed(std::string_view name) const
{
    if (!isToken(name))
        return false;
    if (base::startsWithIgnoringCase(name, MCP_PREFIX))
        return true;
    if (!_options.apiKeyHeader.empty() && base::equalsIgnoringCase(name, _options.apiKeyHeader))
        return true;
    return std::any_of(SENDABLE.begin(), SENDABLE.end(),
                       [&](std::string_view sendable) { return base::equalsIgnoringCase(name, sendable); });
}

} // namespace tenon::guard
