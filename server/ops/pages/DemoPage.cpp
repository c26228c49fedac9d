#include "ops/pages/DemoPage.h"

#include "DemoPages.h"

#include <Poco/Base64Encoder.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/SHA2Engine.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace tenon::ops
{

namespace
{

struct Page
{
    std::string_view path, html;
};

constexpr std::array<Page, 2> PAGES = {{{"/demo-sse.html", DEMO_SSE}, {"/mcp_sse_example.html", MCP_SSE_EXAMPLE}}};

const Page* find(std::string_view path) noexcept
{
    const auto page =
        std::find_if(PAGES.begin(), PAGES.end(), [&](const Page& candidate) { return candidate.path == path; });
    return page == PAGES.end() ? nullptr : &*page;
}

/// 'sha256-…' of what stands in the first element of that name.
std::string digestOf(std::string_view html, const std::string& element)
{
    const std::string open = '<' + element + '>';
    const std::size_t begin = html.find(open) + open.size();
    const std::string_view content = html.substr(begin, html.find("</" + element, begin) - begin);
    Poco::SHA2Engine engine(Poco::SHA2Engine::SHA_256);
    engine.update(content.data(), content.size());
    const auto& digest = engine.digest();
    std::ostringstream text;
    Poco::Base64Encoder encoder(text);
    encoder.write(reinterpret_cast<const char*>(digest.data()), static_cast<std::streamsize>(digest.size()));
    encoder.close();
    return "'sha256-" + text.str() + '\'';
}

} // namespace

bool DemoPage::has(std::string_view path) noexcept
{
    return find(path) != nullptr;
}

std::string policyFor(std::string_view html)
{
    return "default-src 'none'; script-src " + digestOf(html, "script") + "; style-src " + digestOf(html, "style") +
           "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

void DemoPage::handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse& response)
{
    const Page& page = *find(_path);
    response.setContentType("text/html; charset=utf-8");
    response.set("Content-Security-Policy", policyFor(page.html));
    response.set("X-Content-Type-Options", "nosniff");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cache-Control", "no-cache");
    response.sendBuffer(page.html.data(), page.html.size());
}

} // namespace tenon::ops
