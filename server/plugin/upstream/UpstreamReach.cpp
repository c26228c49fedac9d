#include "plugin/upstream/UpstreamReach.h"

#include <algorithm>

namespace tenon::plugin
{

namespace
{

using namespace std::chrono_literals;

/// Requests without an answer; a session that does not open counts at once.
constexpr std::size_t FAILURES_UNTIL_CLOSED = 3;

UpstreamReach::Clock::duration pauseFor(std::size_t failures)
{
    return std::max<UpstreamReach::Clock::duration>(CrashHistory::pauseAfter(failures), 1s);
}

} // namespace

std::string secondsText(UpstreamReach::Clock::duration time)
{
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

void UpstreamReach::opened()
{
    const std::lock_guard lock(_mutex);
    _failures = 0;
    _lack = Lack::NOTHING;
    _tryAt = {};
    _figures.why.clear();
    ++_figures.opened;
}

UpstreamReach::Clock::duration UpstreamReach::failed(const std::string& why)
{
    const std::lock_guard lock(_mutex);
    const auto pause = pauseFor(++_failures);
    _retryAt = Clock::now() + pause;
    _lack = Lack::UNOPENED;
    _figures.why = why;
    return pause;
}

bool UpstreamReach::answered(bool did)
{
    const std::lock_guard lock(_mutex);
    if (!did)
    {
        if (++_failures < FAILURES_UNTIL_CLOSED)
            return false;
        _retryAt = Clock::now() + pauseFor(_failures);
        _lack = Lack::SILENT;
        _figures.why = "it did not answer " + std::to_string(_failures) + " times in a row";
        return false;
    }
    _failures = 0;
    if (_lack != Lack::SILENT)
        return false;
    _lack = Lack::NOTHING;
    _figures.why.clear();
    _retryAt = _tryAt = {};
    return true;
}

void UpstreamReach::unreadable(const std::string& why)
{
    const std::lock_guard lock(_mutex);
    if (_figures.why.empty())
        _figures.why = why;
    if (_lack == Lack::NOTHING)
        _lack = Lack::UNOPENED;
    if (Clock::now() >= _retryAt) // else a session that did not open has said when
        _retryAt = Clock::now() + pauseFor(++_failures);
}

bool UpstreamReach::crashed(const std::string& why, bool mayBe)
{
    const std::lock_guard lock(_mutex);
    ++_figures.crashed;
    _crashes.add(Clock::now());
    _figures.why = why;
    _lack = mayBe ? Lack::ENDED : Lack::UNOPENED;
    _figures.switchedOff = mayBe && _crashes.tooMany();
    _retryAt = Clock::now() + _crashes.pause();
    return _figures.switchedOff;
}

void UpstreamReach::forget()
{
    const std::lock_guard lock(_mutex);
    _figures.switchedOff = false;
    _lack = Lack::NOTHING;
    _figures.why.clear();
    _failures = 0;
    _retryAt = _tryAt = {};
    _crashes.forget();
}

std::string UpstreamReach::refusal(const std::string& name) const
{
    const std::lock_guard lock(_mutex);
    if (_figures.switchedOff)
        return "the server '" + name + "' is switched off: it ended too often";
    const auto now = Clock::now();
    if (now < _retryAt)
        return "the server '" + name + "' cannot be reached now; it is tried again in " + secondsText(_retryAt - now);
    return {};
}

bool UpstreamReach::mayTry(Clock::time_point now) const
{
    const std::lock_guard lock(_mutex);
    return !_figures.switchedOff && now >= _retryAt;
}

bool UpstreamReach::takeTry(Clock::time_point now)
{
    const std::lock_guard lock(_mutex);
    if (_figures.switchedOff || now < std::max(_retryAt, _tryAt) || (_lack != Lack::SILENT && _lack != Lack::UNOPENED))
        return false;
    _tryAt = now + pauseFor(_failures);
    return true;
}

UpstreamReach::Figures UpstreamReach::figures(Clock::time_point now) const
{
    const std::lock_guard lock(_mutex);
    Figures figures = _figures;
    if (_lack == Lack::ENDED && !figures.switchedOff && now >= _retryAt)
        figures.why.clear(); // the next call starts it
    return figures;
}

} // namespace tenon::plugin
