#include "integration/mcp/Playground.h"

#include <algorithm>
#include <utility>

namespace tenon::tests
{

using plugin::CallBackendPtr;

namespace
{

const std::string ASK = R"({"method":"roots/list"})";
const std::string DONE = R"({"content":[]})";

mcp::Options options()
{
    auto options = TestServer::defaults();
    options.requestMs = 3'600'000;
    return options;
}

} // namespace

Playground::Playground()
    : server(options(), 256, 1'000'000), serial(TestServer::admission(plugin::EntryQueue::Concurrency::SERIAL, 1, 1000))
{
    const auto finishing = [this](const CallBackendPtr& call)
    {
        seen(call);
        return call->finish(std::string(DONE), nullptr);
    };
    const auto keeping = [this](const CallBackendPtr& call) -> tenon_status
    {
        seen(call);
        keep(call);
        return TENON_ASYNC;
    };
    server.simpleTool("quick", finishing).taskSupport = plugin::TaskSupport::OPTIONAL;
    server.simpleTool("later", keeping).taskSupport = plugin::TaskSupport::OPTIONAL;
    server.simpleTool("streams",
                      [this, keeping](const CallBackendPtr& call)
                      {
                          call->progress(1, 0, "begun");
                          return keeping(call);
                      });
    server
        .simpleTool("asks",
                    [this](const CallBackendPtr& call) -> tenon_status
                    {
                        seen(call);
                        const auto asked = call->requestInput("a", ASK);
                        return asked.status == TENON_OK ? call->finish(std::string(DONE), nullptr) : asked.status;
                    })
        .taskSupport = plugin::TaskSupport::OPTIONAL;
    server
        .simpleTool("serial",
                    [this](const CallBackendPtr& call)
                    {
                        seen(call);
                        if (++insideSerial > 1)
                            serialBroken = true;
                        std::this_thread::yield();
                        --insideSerial;
                        return call->finish(std::string(DONE), nullptr);
                    })
        .queue = serial;
    // Asks two things in one round, then one more, and finishes on another thread.
    server
        .simpleTool("twice",
                    [this, keeping](const CallBackendPtr& call) -> tenon_status
                    {
                        seen(call);
                        const auto a = call->requestInput("a", ASK), b = call->requestInput("b", ASK);
                        if (a.status == TENON_INPUT_PENDING || b.status == TENON_INPUT_PENDING)
                            return TENON_INPUT_PENDING;
                        if (a.status != TENON_OK || b.status != TENON_OK)
                            return a.status != TENON_OK ? a.status : b.status;
                        const auto c = call->requestInput("c", ASK);
                        return c.status == TENON_OK ? keeping(call) : c.status;
                    })
        .taskSupport = plugin::TaskSupport::OPTIONAL;
    server.resource(R"({"uri":"x://a","name":"a"})");
    server.publish();
}

void Playground::keep(const CallBackendPtr& call)
{
    std::lock_guard lock(_mutex);
    _kept.push_back(call);
}

void Playground::seen(const CallBackendPtr& call)
{
    std::lock_guard lock(_mutex);
    _seen.push_back(call);
}

CallBackendPtr Playground::take(std::uint32_t which)
{
    std::lock_guard lock(_mutex);
    if (_kept.empty())
        return nullptr;
    const auto chosen = _kept.begin() + static_cast<std::ptrdiff_t>(which % _kept.size());
    auto call = std::move(*chosen);
    _kept.erase(chosen);
    return call;
}

CallBackendPtr Playground::look(std::uint32_t which)
{
    std::lock_guard lock(_mutex);
    return _kept.empty() ? nullptr : _kept[which % _kept.size()];
}

void Playground::changeLists(std::uint32_t detail)
{
    std::lock_guard lock(_catalogueMutex);
    server.publish((detail & 1) != 0, (detail & 2) != 0, (detail & 4) != 0);
}

std::size_t Playground::callsAlive()
{
    std::lock_guard lock(_mutex);
    _seen.erase(std::remove_if(_seen.begin(), _seen.end(), [](const auto& call) { return call.expired(); }),
                _seen.end());
    return _seen.size();
}

} // namespace tenon::tests
