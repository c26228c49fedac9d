#include "StubDispatcher.h"

#include <chrono>
#include <utility>

namespace tenon::mcp
{

namespace
{

void answer(const ResponseSinkPtr& sink, std::string_view body, jsonrpc::ErrorKind error = jsonrpc::ErrorKind::NONE,
            std::string_view sessionId = {})
{
    Answer result;
    result.error = error;
    result.sessionId = sessionId;
    if (!body.empty())
        result.parts = std::span(&body, 1);
    sink->finish(result);
}

constexpr std::string_view FIXED =
    R"({"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"}],"isError":false}})";

/// Answers or forgets a call when its peer goes.
class Cancelled : public DisconnectListener
{
public:
    explicit Cancelled(Services& services) : _services(services) {}
    void disconnected() override
    {
        const std::lock_guard lock(_services.mutex);
        ++_services.disconnects;
        _services.changed.notify_all();
    }

private:
    Services& _services;
};

} // namespace

Services::~Services()
{
    release();
    for (auto& thread : threads)
        thread.join();
}

void Services::release()
{
    const std::lock_guard lock(mutex);
    released = true;
    changed.notify_all();
}

struct Dispatcher::Impl
{
    Services& services;
    std::shared_ptr<Cancelled> cancelled;
    std::atomic<std::size_t> calls{0};
};

Dispatcher::Dispatcher(Services& services) : _impl(new Impl{services, std::make_shared<Cancelled>(services), {}}) {}

Dispatcher::~Dispatcher() = default;

Handled Dispatcher::handle(const IncomingMessage& message, const ResponseSinkPtr& sink)
{
    Services& services = _impl->services;
    const std::string_view body = message.body;
    const auto says = [body](std::string_view word) { return body.find(word) != std::string_view::npos; };
    if (services.keepBodies)
    {
        const std::lock_guard lock(services.mutex);
        services.bodies.emplace_back(body);
        services.changed.notify_all();
    }
    if (says("fixed"))
        answer(sink, FIXED);
    else if (says("echo"))
        answer(sink, body);
    else if (says("likely to be large"))
    {
        if (!message.mayBeLarge)
            return Handled::LARGE;
        answer(sink, "{\"text\":\"" + std::string(300000, 'x') + "\"}");
    }
    else if (says("big"))
        answer(sink, "{\"text\":\"" + std::string(100000, 'x') + "\"}");
    else if (says("huge"))
        answer(sink, "\"" + std::string(32'000'000, 'x') + "\"");
    else if (says("notify"))
        answer(sink, {});
    else if (says("bad"))
        answer(sink, R"({"error":"bad"})", jsonrpc::ErrorKind::INVALID_REQUEST);
    else if (says("failing"))
        answer(sink, R"({"error":"failed"})", jsonrpc::ErrorKind::METHOD_NOT_FOUND);
    else if (says("initialize"))
    {
        std::unique_lock lock(services.mutex);
        services.changed.wait(lock, [&] { return services.released || !services.holdInitialize; });
        lock.unlock();
        answer(sink, R"({"result":"initialized"})", jsonrpc::ErrorKind::NONE, "session-1");
    }
    else if (says("progress"))
    {
        if (sink->streams())
        {
            sink->send(R"({"progress":1})", "s_0");
            sink->send(R"({"progress":2})", "s_1");
        }
        answer(sink, R"({"result":"done"})");
    }
    else if (says("hurries"))
    {
        for (const char* const id : {"s_0", "s_1"})
        {
            sink->send(R"({"progress":1})", id);
            const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(40);
            while (std::chrono::steady_clock::now() < until)
                continue;
        }
        answer(sink, R"({"result":"done"})");
    }
    else if (says("leaves"))
    {
        sink->send(R"({"progress":1})", "s_0");
        const std::lock_guard lock(services.mutex);
        services.kept.push_back(sink);
    }
    else if (says("block") || says("works"))
    {
        if (!message.mayBlock)
            return Handled::WOULD_BLOCK;
        if (says("works"))
            sink->send(R"({"progress":1})", "s_0");
        sink->onDisconnect(_impl->cancelled);
        std::unique_lock lock(services.mutex);
        ++services.blocked;
        services.changed.notify_all();
        services.changed.wait(lock, [&] { return services.released; });
        --services.blocked;
        lock.unlock();
        answer(sink, R"({"result":"unblocked"})");
    }
    else if (says("stays") || says("lingers") || says("dawdles"))
    {
        if (!message.mayBlock)
            return Handled::WOULD_BLOCK;
        const std::string whole(body);
        if (says("stays"))
        {
            const std::lock_guard lock(services.mutex);
            services.threads.emplace_back([sink] { answer(sink, R"({"result":"elsewhere"})"); });
        }
        else
            answer(sink, R"({"result":"lingers"})");
        std::unique_lock lock(services.mutex);
        if (says("dawdles"))
            services.changed.wait_for(lock, std::chrono::milliseconds(services.bodies.size() % 8));
        else
        {
            ++services.blocked;
            services.changed.notify_all();
            services.changed.wait(lock, [&] { return services.released; });
            --services.blocked;
        }
        // What was asked is still there, whoever has the connection by now.
        services.bodies.push_back(body == whole ? whole : "another text");
    }
    else if (says("later"))
    {
        const std::lock_guard lock(services.mutex);
        services.threads.emplace_back(
            [sink]
            {
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                answer(sink, R"({"result":"later"})");
            });
    }
    else if (says("listen"))
    {
        sink->openStream({}, 0);
        const std::lock_guard lock(services.mutex);
        services.kept.push_back(sink);
    }
    else if (says("racing"))
    {
        const std::lock_guard lock(services.mutex);
        services.threads.emplace_back(
            [sink]
            {
                for (int i = 0; i < 10; ++i)
                    sink->send("progress", {});
            });
        services.threads.emplace_back([sink] { answer(sink, "answer"); });
    }
    else if (says("never"))
    {
        sink->onDisconnect(_impl->cancelled);
        const std::lock_guard lock(services.mutex);
        services.kept.push_back(sink);
        services.changed.notify_all();
    }
    else
        answer(sink, R"({"error":"parse"})", jsonrpc::ErrorKind::PARSE);
    return Handled::DONE;
}

void Dispatcher::openSessionStream(const base::PrincipalPtr&, std::string_view sessionId, std::string_view,
                                   std::string_view, const ResponseSinkPtr& sink)
{
    if (sessionId.empty())
        return answer(sink, R"({"error":"no session"})", jsonrpc::ErrorKind::SESSION_REQUIRED);
    sink->openStream("first_0", 500);
    sink->onDisconnect(_impl->cancelled);
    const std::lock_guard lock(_impl->services.mutex);
    _impl->services.kept.push_back(sink);
    _impl->services.changed.notify_all();
}

void Dispatcher::endSession(const base::PrincipalPtr&, std::string_view sessionId, const ResponseSinkPtr& sink)
{
    if (sessionId == "session-1")
        answer(sink, {});
    else
        answer(sink, R"({"error":"unknown session"})", jsonrpc::ErrorKind::SESSION_NOT_FOUND);
}

std::shared_ptr<Session> Dispatcher::openConnectionSession(Transport, const base::PrincipalPtr& principal,
                                                           const ResponseSinkPtr& stream, const Allowance&)
{
    auto session = std::make_shared<Session>();
    const std::lock_guard lock(_impl->services.mutex);
    session->id = "c" + std::to_string(_impl->services.sessions.size() + 1);
    session->principal = principal->id;
    session->stream = stream;
    _impl->services.sessions[session->id] = session;
    return session;
}

bool Dispatcher::takesSessions() const
{
    return true;
}

std::shared_ptr<Session> Dispatcher::findConnectionSession(const base::PrincipalPtr& principal,
                                                           std::string_view sessionId) const
{
    const std::lock_guard lock(_impl->services.mutex);
    const auto entry = _impl->services.sessions.find(std::string(sessionId));
    if (entry == _impl->services.sessions.end() || entry->second->principal != principal->id)
        return nullptr;
    return entry->second;
}

std::size_t Dispatcher::postElsewhere(std::string_view, const std::vector<std::string>&,
                                      const std::function<ResponseSinkPtr()>&)
{
    return 0;
}

void Dispatcher::takePosts(std::function<void(const std::vector<std::string>&, const ResponseSinkPtr&)>) {}

void Dispatcher::endConnectionSession(const std::shared_ptr<Session>& session)
{
    const std::lock_guard lock(_impl->services.mutex);
    session->ended = true;
    session->stream.reset();
    _impl->services.sessions.erase(session->id);
    _impl->services.changed.notify_all();
}

void Dispatcher::drain(std::uint32_t retryMs)
{
    const std::lock_guard lock(_impl->services.mutex);
    for (const auto& sink : _impl->services.kept)
        sink->close(retryMs);
}

std::size_t Dispatcher::callsInFlight() const
{
    return 0;
}

const std::string& idOf(const Session& session)
{
    return session.id;
}

} // namespace tenon::mcp
