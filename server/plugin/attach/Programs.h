#pragma once

#include "plugin/attach/AttachPeer.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// The programs under one name: which are here, how they are told apart, and which one a call means.
///
/// A program that was restarted takes the *place* of the one before: sessions that used that one go on with it. A place is
/// known by the attachment's key, by the title and user of its program, or by being the only one that is away.
///
/// Threading: one thread at a time.
class Programs
{
public:
    using Clock = std::chrono::steady_clock;

    struct Program
    {
        std::shared_ptr<AttachPeer> peer;
        std::uint64_t key = 0;
        std::uint64_t rank = 0;  ///< of the process: the order in which processes came
        std::uint64_t place = 0; ///< what it shares with the processes before and after it
        std::string given;       ///< its title, as it says it
        std::string kind;        ///< the same without the process's number, which many titles end with
        std::size_t number = 1;  ///< tells it from others with the same title
        std::string title;       ///< unlike those of others, for as long as it is here
        Offer offer;
    };

    /// Who gets a call. Neither `peer` nor `refusal`: the one that is meant is away, and waited for.
    struct Choice
    {
        std::shared_ptr<AttachPeer> peer;
        std::string refusal;
    };

    /// Shape: `restartTime` is how long calls wait for a program that went.
    Programs(std::string name, std::chrono::milliseconds restartTime)
        : _name(std::move(name)), _restartTime(restartTime)
    {
    }

    /// A program comes. Gives those whose connections it makes void: its own earlier one, and those of its predecessor.
    std::vector<std::shared_ptr<AttachPeer>> add(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello,
                                                 Clock::time_point now);

    void remove(const AttachPeer& peer, Clock::time_point now);

    /// What the program whose place one that says `who` would take left for it; null: nothing.
    [[nodiscard]] std::shared_ptr<const LeftState> leftFor(const AttachPeer& peer, const ProgramHello& who,
                                                           Clock::time_point now);

    /// Keeps what the program that said `who` leaves to whoever takes its place; false if it is not away.
    [[nodiscard]] bool keep(const AttachPeer& peer, const ProgramHello& who, LeftState state);
    void forgetLeft();

    /// Removes the programs whose connections have ended, though nobody has told of it yet.
    void removeEnded(Clock::time_point now);

    /// Makes way for a newer one; gives those that leave for it.
    std::vector<std::shared_ptr<AttachPeer>> removeAll();

    /// Another title; false if it is not here.
    bool rename(const AttachPeer& peer, std::string title);

    [[nodiscard]] Program* find(const AttachPeer& peer);
    [[nodiscard]] bool empty() const { return _here.empty(); }
    [[nodiscard]] std::size_t size() const { return _here.size(); }
    [[nodiscard]] const std::vector<Program>& here() const { return _here; } ///< by rank

    /// Whether one with this key is here.
    [[nodiscard]] bool knows(std::uint64_t key) const;

    /// Whether a program with this key would be the newest.
    [[nodiscard]] bool wouldBeNewest(std::uint64_t key) const;

    /// Whether there ever was a choice.
    [[nodiscard]] bool everSeveral() const { return _everSeveral; }

    /// Who gets a call that names `title` (empty: none) and is made in `session` (empty: none).
    ///
    /// Shape: `argument` is what names an instance; empty: nothing can, and the newest is taken where nothing else tells.
    [[nodiscard]] Choice choose(std::string_view title, const std::string& session, std::string_view argument,
                                Clock::time_point now);

    /// "'level-1' 'level-2'".
    [[nodiscard]] std::string titles() const;

    /// The titles that calls may name, in the order in which the programs first came: of those that are here, and of those
    /// that went a moment ago, and may be back in another.
    ///
    /// Shape: `until` is when the first of the latter is no longer meant; `Clock::time_point::max()` without one.
    [[nodiscard]] std::vector<std::string> namable(Clock::time_point now, Clock::time_point& until) const;

private:
    /// A place whose program is away.
    struct Away
    {
        std::uint64_t key, place;
        std::string given, kind;
        std::size_t number;
        std::string title;
        std::string user;
        Clock::time_point since;
        std::shared_ptr<const LeftState> left; ///< for its successor
    };

    [[nodiscard]] std::vector<Away>::iterator predecessorOf(const std::string& user, const ProgramHello& hello,
                                                            Clock::time_point now);
    void goAway(const Program& program, Clock::time_point now);
    void giveTitle(Program& program);
    [[nodiscard]] bool isTaken(const std::string& title, const Program& by) const;
    Choice use(const Program& program, const std::string& session);

    // Constant after construction.
    const std::string _name;
    const std::chrono::milliseconds _restartTime;

    std::vector<Program> _here;
    std::vector<Away> _away;                       ///< the latest last
    std::map<std::uint64_t, std::uint64_t> _ranks; ///< of the processes that were here
    std::uint64_t _lastRank = 0, _lastPlace = 0;
    bool _everSeveral = false;
    std::map<std::string, std::uint64_t> _lastUsed; ///< place of the program, by session
};

} // namespace tenon::plugin
