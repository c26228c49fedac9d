#pragma once

#include "guard/web/RequestFacts.h"
#include "net/front/Endpoint.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::net
{

/// What is served at a path.
struct Route
{
    enum Method : std::uint8_t
    {
        GET = 1, ///< HEAD goes with it
        POST = 2,
        PUT = 4,
        DELETE_ = 8 // windows.h has a macro DELETE
    };

    std::uint8_t methods = GET;
    guard::Area area = guard::Area::ENDPOINT;
    bool always = false; ///< served even when all threads are busy: it is cheap and never blocks, or heeds `mayBlock`
    std::shared_ptr<Endpoint> endpoint;
    std::string allow; ///< set by the router: "GET, HEAD, OPTIONS"
};

/// Which endpoint serves which path. A path is exact, or ends in `/*` and takes everything below it.
///
/// Ordinary routes are POCO's HTTPRequestHandlers, made by a factory for each request; they see the front's own
/// HTTPServerRequest and HTTPServerResponse (HandlerEndpoint.h).
///
/// Threading: routes are added before the front starts; then any thread.
class Router final : public Poco::Net::HTTPRequestHandlerFactory
{
public:
    using HandlerFactory = std::function<std::unique_ptr<Poco::Net::HTTPRequestHandler>()>;

    using Ptr = Poco::SharedPtr<Router>;

    /// Errors: Poco::ExistsException if the path is taken.
    void add(const std::string& path, Route route);

    /// A route of POCO's kind; `route.endpoint` is set by this function.
    void add(const std::string& path, Route route, HandlerFactory factory);

    /// The route of a path; null if there is none. `rest` gets what follows the prefix of a `/*` route.
    [[nodiscard]] const Route* find(std::string_view path, std::string_view& rest) const;

    /// For a plain POCO server around the same routes.
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override;

private:
    std::map<std::string, Route, std::less<>> _exact;
    std::vector<std::pair<std::string, Route>> _prefixes; ///< with the slash, without the star; longest first
    std::map<std::string, HandlerFactory, std::less<>> _factories;
    const Route* _favourite = nullptr; ///< the first route added, looked at first: the MCP endpoint
    std::string _favouritePath;
};

/// The bit of a method name; 0 if it is none that a route can have.
[[nodiscard]] std::uint8_t methodBit(std::string_view method) noexcept;

} // namespace tenon::net
