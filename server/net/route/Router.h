#pragma once

#include "guard/web/RequestFacts.h"
#include "net/route/Endpoint.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/SharedPtr.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::net
{

/// Makes the handler of one request. Threading: any thread.
using HandlerFactory = std::function<std::unique_ptr<Poco::Net::HTTPRequestHandler>()>;

/// A route: a path and what serves it.
struct Route
{
    enum Method : std::uint8_t
    {
        GET = 1, ///< HEAD goes with it
        POST = 2,
        PUT = 4,
        DELETE_ = 8 // windows.h has a macro DELETE
    };

    static constexpr std::size_t BODY_BYTES = 65536;

    std::uint8_t methods = GET;
    guard::Area area = guard::Area::ENDPOINT;
    bool always = false; ///< served even when all threads are busy: it is cheap and never blocks, or heeds `mayBlock`
    std::size_t bodyBytes = BODY_BYTES; ///< largest body of a POST or PUT; other methods have none
    std::shared_ptr<Endpoint> direct;   ///< serves POST without a handler; null: the handler serves that too
    HandlerFactory handler;             ///< set by the router
    std::string allow;                  ///< set by the router: "GET, HEAD, OPTIONS"
};

/// Which handler serves which path. A path is exact, or ends in `/*` and takes everything below it.
///
/// As POCO's HTTPRequestHandlerFactory it makes the handler of every request but those that have a direct endpoint. A
/// handler sees the front's own HTTPServerRequest and HTTPServerResponse (MemoryRequest.h).
///
/// Threading: routes are added before the front starts; then any thread.
class Router final : public Poco::Net::HTTPRequestHandlerFactory
{
public:
    using Ptr = Poco::SharedPtr<Router>;

    /// Errors: Poco::ExistsException if the path is taken.
    void add(const std::string& path, Route route, HandlerFactory handler);

    /// Puts something before the direct endpoint of an exact path; nothing happens if there is none.
    void wrapDirect(const std::string& path,
                    const std::function<std::shared_ptr<Endpoint>(std::shared_ptr<Endpoint> inner)>& wrap);

    /// Where a request goes.
    struct Way
    {
        const Route* route = nullptr; ///< of the path; null: there is none
        std::uint8_t method = 0;      ///< Route::Method; 0: none that a route can have
        std::string_view rest = {};   ///< of the path, behind the prefix of a `/*` route

        [[nodiscard]] bool isOpen() const { return route != nullptr && (route->methods & method) != 0; }
    };
    [[nodiscard]] Way find(std::string_view path, std::string_view method) const;

    /// Of a MemoryRequest, the handler of the route that was found when its head was read; of any other request, that
    /// of its path. Null if there is none.
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Poco::Net::HTTPServerRequest& request) override;

private:
    std::map<std::string, Route, std::less<>> _exact;
    std::vector<std::pair<std::string, Route>> _prefixes; ///< with the slash, without the star; longest first
    const Route* _favourite = nullptr;                    ///< the first route added, looked at first: the MCP endpoint
    std::string _favouritePath;
};

} // namespace tenon::net
