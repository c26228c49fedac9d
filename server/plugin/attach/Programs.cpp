#include "plugin/attach/Programs.h"

#include <algorithm>
#include <utility>

namespace tenon::plugin
{

namespace
{

constexpr std::size_t MAX_SESSIONS_REMEMBERED = 10000;
constexpr std::size_t MAX_RANKS = 1000;
constexpr std::size_t MAX_AWAY = 100;
constexpr std::chrono::minutes LONGEST_RESTART(1); // of a program that has another title afterwards
constexpr std::chrono::seconds LONGEST_LISTED(5);  // one that is away beside others: it may have been closed for good

/// The title without the process's number, which many end with: the same for every run of a program.
std::string kindOf(const std::string& title, std::int64_t process)
{
    const std::string number = std::to_string(process);
    return title.ends_with(number) ? title.substr(0, title.size() - number.size()) : title;
}

} // namespace

std::vector<std::shared_ptr<AttachPeer>> Programs::add(const std::shared_ptr<AttachPeer>& peer,
                                                       const ProgramHello& hello, Clock::time_point now)
{
    std::vector<std::shared_ptr<AttachPeer>> displaced;
    const std::string kind = kindOf(hello.title, hello.process);
    for (auto program = _here.begin(); program != _here.end();)
    {
        // Its own connection of before is dead, though nobody noticed yet; and so is one whose process has ended, and which
        // something that the process left behind holds open.
        const bool isGhost = program->peer->process().user == peer->process().user && program->kind == kind &&
                             program->peer->processHasEnded();
        if (program->key != hello.key && !isGhost)
        {
            ++program;
            continue;
        }
        goAway(*program, now);
        displaced.push_back(std::move(program->peer));
        program = _here.erase(program);
    }

    if (_ranks.size() > MAX_RANKS)
        _ranks.clear();
    const auto [rank, isNew] = _ranks.emplace(hello.key, _lastRank + 1);
    _lastRank += isNew ? 1 : 0;
    Program program{peer, hello.key, rank->second, 0, hello.title, kind, 0, {}, hello.offer};
    if (const auto before = predecessorOf(peer->process().user, hello, now); before != _away.end())
    {
        program.place = before->place;
        program.number = before->given == hello.title ? before->number : 0;
        _away.erase(before);
    }
    else
        program.place = ++_lastPlace;
    giveTitle(program);
    _here.push_back(std::move(program));
    std::sort(_here.begin(), _here.end(),
              [](const Program& left, const Program& right) { return left.rank < right.rank; });
    _everSeveral = _everSeveral || _here.size() > 1;
    return displaced;
}

/// Whose place it takes, among those that are away.
std::vector<Programs::Away>::iterator Programs::predecessorOf(const std::string& user, const ProgramHello& hello,
                                                              Clock::time_point now)
{
    const auto isKey = [&](const Away& away) { return away.key == hello.key; };
    if (const auto same = std::find_if(_away.begin(), _away.end(), isKey); same != _away.end())
        return same;
    const auto isTitle = [&](const Away& away) { return away.user == user && away.given == hello.title; };
    if (const auto same = std::find_if(_away.begin(), _away.end(), isTitle); same != _away.end())
        return same;
    // Another title: only if no other can be meant.
    const std::string kind = kindOf(hello.title, hello.process);
    const auto mayBe = [&](const Away& away)
    { return away.user == user && (_here.empty() || (away.kind == kind && now - away.since < LONGEST_RESTART)); };
    return std::count_if(_away.begin(), _away.end(), mayBe) == 1 ? std::find_if(_away.begin(), _away.end(), mayBe)
                                                                 : _away.end();
}

void Programs::goAway(const Program& program, Clock::time_point now)
{
    if (_away.size() >= MAX_AWAY)
        _away.erase(_away.begin());
    _away.push_back({program.key, program.place, program.given, program.kind, program.number, program.title,
                     program.peer->process().user, now, nullptr});
}

std::shared_ptr<const LeftState> Programs::leftFor(const AttachPeer& peer, const ProgramHello& who,
                                                   Clock::time_point now)
{
    removeEnded(now);
    const auto before = predecessorOf(peer.process().user, who, now);
    return before == _away.end() ? nullptr : before->left;
}

bool Programs::keep(const AttachPeer& peer, const ProgramHello& who, LeftState state)
{
    removeEnded(Clock::now());
    const auto away =
        std::find_if(_away.begin(), _away.end(),
                     [&](const Away& other) { return other.key == who.key && other.user == peer.process().user; });
    if (away == _away.end())
        return false;
    away->left = std::make_shared<const LeftState>(std::move(state));
    return true;
}

void Programs::forgetLeft()
{
    for (auto& away : _away)
        away.left.reset();
}

void Programs::remove(const AttachPeer& peer, Clock::time_point now)
{
    const auto found =
        std::find_if(_here.begin(), _here.end(), [&](const Program& program) { return program.peer.get() == &peer; });
    if (found == _here.end())
        return;
    goAway(*found, now);
    _here.erase(found);
}

void Programs::removeEnded(Clock::time_point now)
{
    for (auto program = _here.begin(); program != _here.end();)
    {
        if (!program->peer->hasEnded())
        {
            ++program;
            continue;
        }
        goAway(*program, now);
        program = _here.erase(program);
    }
}

std::vector<std::shared_ptr<AttachPeer>> Programs::removeAll()
{
    std::vector<std::shared_ptr<AttachPeer>> removed;
    for (auto& program : _here)
        removed.push_back(std::move(program.peer));
    _here.clear();
    return removed;
}

bool Programs::rename(const AttachPeer& peer, std::string title)
{
    Program* program = find(peer);
    if (!program)
        return false;
    if (program->given != title)
    {
        program->given = std::move(title);
        program->number = 0;
        giveTitle(*program);
    }
    return true;
}

Programs::Program* Programs::find(const AttachPeer& peer)
{
    const auto found =
        std::find_if(_here.begin(), _here.end(), [&](const Program& program) { return program.peer.get() == &peer; });
    return found == _here.end() ? nullptr : &*found;
}

bool Programs::knows(std::uint64_t key) const
{
    return std::any_of(_here.begin(), _here.end(), [&](const Program& program) { return program.key == key; });
}

bool Programs::wouldBeNewest(std::uint64_t key) const
{
    const auto known = _ranks.find(key);
    return _here.empty() || known == _ranks.end() || known->second >= _here.back().rank;
}

/// A title that no other program has, here or away: who names one must not reach another.
void Programs::giveTitle(Program& program)
{
    const std::string base = program.given.empty() ? _name : program.given;
    const auto numbered = [&](std::size_t number)
    { return number > 1 ? base + " (" + std::to_string(number) + ")" : base; };
    if (program.number == 0)
        for (program.number = 1; isTaken(numbered(program.number), program);)
            ++program.number;
    program.title = numbered(program.number);
}

bool Programs::isTaken(const std::string& title, const Program& by) const
{
    const auto is = [&](const auto& other) { return other.place != by.place && other.title == title; };
    return std::any_of(_here.begin(), _here.end(), is) || std::any_of(_away.begin(), _away.end(), is);
}

Programs::Choice Programs::use(const Program& program, const std::string& session)
{
    if (_lastUsed.size() >= MAX_SESSIONS_REMEMBERED)
        _lastUsed.clear();
    if (!session.empty())
        _lastUsed[session] = program.place;
    return {program.peer, {}};
}

Programs::Choice Programs::choose(std::string_view title, const std::string& session, std::string_view argument,
                                  Clock::time_point now)
{
    const std::string hint = argument.empty() ? std::string() : " in the argument '" + std::string(argument) + "'";
    if (!title.empty())
    {
        const auto isMeant = [&](const auto& other) { return other.title == title; };
        if (const auto here = std::find_if(_here.begin(), _here.end(), isMeant); here != _here.end())
            return use(*here, session);
        if (std::any_of(_away.begin(), _away.end(), isMeant))
            return {};
        return {nullptr,
                "no program '" + _name + "' is called '" + std::string(title) + "': name one of" + titles() + hint};
    }
    if (const auto last = session.empty() ? _lastUsed.end() : _lastUsed.find(session); last != _lastUsed.end())
    {
        const auto isMeant = [&](const auto& other) { return other.place == last->second; };
        if (const auto here = std::find_if(_here.begin(), _here.end(), isMeant); here != _here.end())
            return {here->peer, {}};
        // It may be back in a moment. Later, whoever means another one has to know that it is another.
        const auto away = std::find_if(_away.begin(), _away.end(), isMeant);
        if (_here.empty() || (away != _away.end() && now - away->since < _restartTime))
            return {};
        _lastUsed.erase(last);
        return {nullptr, "the program '" + _name + "' that was used last in this session" +
                             (away == _away.end() ? "" : ", '" + away->title + "',") + " has gone. There is:" +
                             titles() + (_here.size() > 1 ? "; name one" + hint : "; call again to use it")};
    }
    if (_here.empty())
        return {};
    // Who has no way to name one gets the newest; so does who has no choice.
    if (_here.size() > 1)
        removeEnded(now);
    if (_here.size() == 1 || (argument.empty() && !_here.empty()))
        return use(_here.back(), argument.empty() && _here.size() > 1 ? std::string() : session);
    if (_here.empty())
        return {};
    return {nullptr, "several programs '" + _name + "' run: name one" + hint + ":" + titles()};
}

std::vector<std::string> Programs::namable(Clock::time_point now, Clock::time_point& until) const
{
    until = Clock::time_point::max();
    std::map<std::uint64_t, std::string> byPlace;
    for (const auto& program : _here)
        byPlace[program.place] = program.title;
    for (const auto& away : _away)
        if (const auto end = away.since + std::min<Clock::duration>(_restartTime, LONGEST_LISTED); now < end)
        {
            byPlace[away.place] = away.title;
            until = std::min(until, end);
        }
    std::vector<std::string> titles;
    for (auto& [place, title] : byPlace)
        titles.push_back(std::move(title));
    return titles;
}

std::string Programs::titles() const
{
    std::string titles;
    for (const auto& program : _here)
        titles += " '" + program.title + "'";
    return titles;
}

} // namespace tenon::plugin
