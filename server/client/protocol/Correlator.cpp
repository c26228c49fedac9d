#include "client/protocol/Correlator.h"

namespace tenon::client
{

Correlator::~Correlator()
{
    end(ClientException(Fault::CANCELLED, "the session is closed"));
}

std::string Correlator::nextId()
{
    const std::lock_guard lock(_mutex);
    return std::to_string(_next++);
}

bool Correlator::add(const std::string& id, const RequestOptions& options, Completion completion)
{
    std::string lack;
    {
        const std::lock_guard lock(_mutex);
        Waiting& waiting = _waiting[id];
        waiting.completion = std::move(completion);
        waiting.onProgress = options.onProgress;
        waiting.onAcknowledged = options.onAcknowledged;
        waiting.timeoutMs = options.timeoutMs;
        if (options.timeoutMs <= 0)
            return true;
        try
        {
            waiting.timer = _timers.after(std::chrono::milliseconds(options.timeoutMs),
                                          [this, id, ms = options.timeoutMs] { timedOut(id, ms); });
            return true;
        }
        catch (const std::exception& exc) // no thread, or no memory
        {
            lack = exc.what();
        }
    }
    (void)fail(id, ClientException(Fault::UNREACHABLE, "its deadline cannot be kept: " + lack));
    return false;
}

void Correlator::timedOut(const std::string& id, int timeoutMs)
{
    const Telling telling(*this);
    const std::string remark = _remark();
    if (fail(id, ClientException(Fault::TIMEOUT, "no answer within " + std::to_string(timeoutMs) + " ms" +
                                                     (remark.empty() ? "" : "; " + remark))))
        _onTimeout(id);
}

Correlator::Telling::Telling(Correlator& correlator) : _correlator(correlator)
{
    const std::lock_guard lock(_correlator._mutex);
    _correlator._telling = std::this_thread::get_id();
}

Correlator::Telling::~Telling()
{
    const std::lock_guard lock(_correlator._mutex);
    _correlator._telling = {};
    _correlator._told.notify_all();
}

void Correlator::end(const ClientException& why)
{
    failAll(why);
    // Whoever waited for what came too late may be quicker than the one who tells the server.
    std::unique_lock lock(_mutex);
    _told.wait(lock, [this] { return _telling == std::thread::id() || _telling == std::this_thread::get_id(); });
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
    return finish(id, failedOutcome(why));
}

bool Correlator::failOnly(const ClientException& why)
{
    std::string only;
    {
        const std::lock_guard lock(_mutex);
        if (_waiting.size() != 1)
            return false;
        only = _waiting.begin()->first;
    }
    return fail(only, why);
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

bool Correlator::acknowledged(const std::string& id, const base::JsonDocument::Element& granted)
{
    std::function<void(const base::JsonDocument::Element&)> tell;
    {
        const std::lock_guard lock(_mutex);
        const auto found = _waiting.find(id);
        if (found == _waiting.end())
            return false;
        tell = found->second.onAcknowledged;
    }
    if (tell)
        tell(granted);
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
        waiting.completion(failedOutcome(why));
    }
}

std::size_t Correlator::waiting() const
{
    const std::lock_guard lock(_mutex);
    return _waiting.size();
}

} // namespace tenon::client
