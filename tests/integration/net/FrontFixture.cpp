#include "FrontFixture.h"

#include "net/mcp/McpEndpoint.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <thread>
#include <utility>

namespace tenon::tests
{

namespace
{

class Health final : public Poco::Net::HTTPRequestHandler
{
public:
    void handleRequest(Poco::Net::HTTPServerRequest&, Poco::Net::HTTPServerResponse& response) override
    {
        response.setContentType("application/json");
        response.send() << R"({"status":"healthy"})";
    }
};

class Slow final : public Poco::Net::HTTPRequestHandler
{
public:
    explicit Slow(mcp::Services& services) : _services(services) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override
    {
        std::unique_lock lock(_services.mutex);
        ++_services.blocked;
        _services.changed.notify_all();
        _services.changed.wait(lock, [this] { return _services.released; });
        response.set("X-Method", request.getMethod());
        response.send() << "slow";
    }

private:
    mcp::Services& _services;
};

} // namespace

FrontFixture::FrontFixture(Settings settings, std::unique_ptr<net::AdmissionControl> control)
    : admission(control ? std::move(control) : std::make_unique<net::AnonymousAdmission>())
{
    settings.emplace("http.port", "0");
    const auto read = net::Settings::read(*base::Settings::of(std::move(settings), net::settings()));
    net::Router::Ptr router(new net::Router);
    net::McpEndpoint::addTo(*router, "/mcp", dispatcher, read.maxMessageBytes);
    std::make_shared<net::SseTransport>(net::SseTransport::Services{dispatcher, executor, timers, budget, metrics},
                                        read)
        ->addTo(*router);
    net::Route health;
    health.area = guard::Area::OPEN;
    health.always = true;
    router->add("/health", health, [] { return std::make_unique<Health>(); });
    net::Route figures;
    figures.area = guard::Area::OPERATIONS;
    router->add("/figures", figures, [] { return std::make_unique<Health>(); });
    net::Route slow;
    slow.methods = net::Route::GET | net::Route::POST;
    router->add("/slow", slow, [this] { return std::make_unique<Slow>(services); });
    front = std::make_unique<net::HttpFront>(read, router, *admission, timers, metrics, budget);
    front->start();
}

FrontFixture::~FrontFixture()
{
    services.release();
    front->drain();
    (void)front->awaitQuiet(std::chrono::seconds(2));
    front->stop();
    executor.stop();
    timers.stop();
    {
        const std::lock_guard lock(services.mutex);
        services.kept.clear();
        services.sessions.clear();
    }
    for (auto& thread : services.threads)
        thread.join();
    services.threads.clear();
}

std::string post(std::string_view body, const std::map<std::string, std::string>& more)
{
    std::map<std::string, std::string> headers{{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    for (const auto& [name, value] : more)
        headers[name] = value;
    return request("POST", "/mcp", headers, body);
}

std::string getStream(std::string_view path, const std::map<std::string, std::string>& more)
{
    std::map<std::string, std::string> headers{{"Accept", "text/event-stream"}};
    headers.insert(more.begin(), more.end());
    return request("GET", path, headers);
}

bool eventually(const std::function<bool()>& condition)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < until)
    {
        if (condition())
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return condition();
}

bool isFixed(const HttpReply& reply)
{
    return reply.status == 200 && reply.body.find("0123456789") != std::string::npos;
}

} // namespace tenon::tests
