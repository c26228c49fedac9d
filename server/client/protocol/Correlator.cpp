#include "client/protocol/Correlator.h"

namespace tenon::client
{

namespace
{

Outcome failed(const ClientException& why)
{
    Outcome outcome;
    outcome.fault = std::make_unique<ClientException>(why);
    return outcome;
}

} // namespace

Correlator::~Correlator()
{
    failAll(ClientException(Fault::CANCELLED, "the session is closed"));
}

std::string Correlator::nextId()
{
    const std::lock_guard lock(_mutex);
    return std::to_string(_next++);
}

void Correlator::add(const std::string& id, const RequestOptions& options, Completion completion)
{
    const std::lock_guard lock(_mutex);
    Waiting& waiting = _waiting[id];
    waiting.completion = std::move(completion);
    waiting.onProgress = options.onProgress;
    waiting.timeoutMs = options.timeoutMs;
    if (options.timeoutMs > 0)
        waiting.timer = _timers.after(std::chrono::milliseconds(options.timeoutMs),
                                      [this, id, ms = options.timeoutMs] { timedOut(id, ms); });
}

void Correlator::timedOut(const std::string& id, int timeoutMs)
{
    if (fail(id, ClientException(Fault::TIMEOUT, "no answer within " + std::to_string(timeoutMs) + " ms")))
        _onTimeout(id);
}

bool Correlator::finish(const std::string& id, Outcome outcome)
{
    Waiting waiting;
    {
        const std::lock_guard lock(_mutex);
        const auto found = _waiting.find(id);
        if (found == _waiting.end())
            return false;
        waiting = std::move(found->second);
        _waiting.erase(found);
    }
    if (waiting.timer != 0)
        _timers.cancel(waiting.timer);
    waiting.completion(std::move(outcome));
    return true;
}

bool Correlator::complete(const std::string& id, Reply reply)
{
    return finish(id, {std::move(reply), nullptr});
}

bool Correlator::fail(const std::string& id, const ClientException& why)
{
    return finish(id, failed(why));
}

bool Correlator::progress(const std::string& token, const Progress& progress)
{
    std::function<void(const Progress&)> tell;
    base::Timers::Id old = 0;
    {
        const std::lock_guard lock(_mutex);
        const auto found = _waiting.find(token);
        if (found == _waiting.end())
            return false;
        Waiting& waiting = found->second;
        tell = waiting.onProgress;
        if (waiting.timer != 0)
        {
            old = waiting.timer;
            waiting.timer = _timers.after(std::chrono::milliseconds(waiting.timeoutMs),
                                          [this, token, ms = waiting.timeoutMs] { timedOut(token, ms); });
        }
    }
    if (old != 0)
        _timers.cancel(old);
    if (tell)
        tell(progress);
    return true;
}

void Correlator::failAll(const ClientException& why)
{
    std::map<std::string, Waiting> all;
    {
        const std::lock_guard lock(_mutex);
        all.swap(_waiting);
    }
    for (auto& [id, waiting] : all)
    {
        if (waiting.timer != 0)
            _timers.cancel(waiting.timer);
        waiting.completion(failed(why));
    }
}

std::size_t Correlator::waiting() const
{
    const std::lock_guard lock(_mutex);
    return _waiting.size();
}

} // namespace tenon::client
