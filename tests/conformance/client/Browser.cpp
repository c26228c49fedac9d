#include "Browser.h"

#include "client/ClientException.h"
#include "client/http/HttpExchange.h"

#include <iostream>

namespace
{

constexpr int MAX_STEPS = 10;

} // namespace

Browser::~Browser()
{
    for (std::thread& page : _pages)
        page.join();
}

void Browser::open(const std::string& url)
{
    _pages.emplace_back([this, url] { follow(url); });
}

void Browser::follow(std::string url) const
{
    try
    {
        for (int step = 0; step < MAX_STEPS && !url.empty(); ++step)
        {
            const Poco::URI uri(url);
            Poco::Net::HTTPRequest request("GET", uri.getPathAndQuery(), Poco::Net::HTTPRequest::HTTP_1_1);
            tenon::client::HttpExchange exchange(_connections);
            const auto& response = exchange.send(uri, request, "");
            const bool moved = response.getStatus() / 100 == 3 && response.has("Location");
            url = moved ? Poco::URI(uri, response.get("Location")).toString() : std::string();
        }
    }
    catch (const Poco::Exception& exc)
    {
        std::cerr << "browser: " << exc.displayText() << '\n';
    }
}
