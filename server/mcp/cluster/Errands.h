#pragma once

#include "mcp/cluster/Letter.h"
#include "mcp/cluster/RemoteSink.h"
#include "mcp/messages/ResponseSink.h"
#include "store/Bus.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tenon::mcp
{

/// What clients of this instance have asked of others, and what clients of others have asked of this one: pairs of a sink
/// and its far end.
///
/// Threading: any thread.
/// Ownership: borrows the bus; shared, since sinks outlive what made them.
class Errands : public std::enable_shared_from_this<Errands>
{
public:
    /// Told instead of the sink: the other instance is gone, does not know of the errand, or has not what it was asked for.
    /// Shape: `begun` is whether the sink has got something already; `returned`, whether that instance has said that it has
    /// not what it was asked for.
    using Lost = std::function<void(bool begun, bool returned)>;

    explicit Errands(store::Bus& bus) : _bus(bus) {}

    /// Sends `letter`, whose first field is still to come, to the instance `tag`; what it answers goes to `sink`.
    /// Shape: `owed`: an end without an answer is a loss.
    void send(const std::string& tag, std::string_view kind, const std::function<void(Letter&)>& fill,
              const ResponseSinkPtr& sink, Lost lost, bool owed = false);

    /// The far end of an errand of the instance `from`, whose number is the letter's first field.
    [[nodiscard]] std::shared_ptr<RemoteSink> farEnd(const std::string& from, const Letter& letter, bool streams);

    /// An errand of `from` that came to the wrong place.
    void returnTo(const std::string& from, const Letter& letter);

    /// A letter about an errand: of a far end, or from who gave it. False if it is about none.
    bool received(const std::string& from, const Letter& letter);

    /// Who is there: errands to others are lost, and the clients of those have left.
    void instancesAre(const std::set<std::string, std::less<>>& tags);

    /// Letters may have been lost: all errands are given up on both sides.
    void giveUp();

    /// Tells each instance which errands this one believes it has. Whatever letter was lost, both find out by that. To be
    /// called now and then.
    void compare();

    [[nodiscard]] std::size_t open() const;

private:
    class Client;

    struct Sent
    {
        std::string to;
        ResponseSinkPtr sink;
        Lost lost;
        std::shared_ptr<Client> client; ///< tells of its end
        bool owed = false;
        bool begun = false;
        bool old = false; ///< there was a `compare` since
    };

    void clientLeft(const std::string& number);
    void lose(const std::function<bool(const std::string& number, const Sent& sent)>& which, bool returned);
    [[nodiscard]] std::vector<std::string> leave(const std::function<bool(const std::string& key)>& which);
    void carry(const std::string& from, const Letter& letter);
    void compared(const std::string& from, const Letter& letter);
    void sendAbout(std::string_view kind, const std::string& to, const std::string& number);

    store::Bus& _bus;

    mutable std::mutex _mutex; // guards all below
    std::uint64_t _next = 1;
    std::unordered_map<std::string, Sent> _sent; ///< by number
    struct Taken
    {
        std::string from;
        std::weak_ptr<RemoteSink> sink;
    };
    std::unordered_map<std::string, Taken> _taken; ///< by "<from>/<number>"
};

} // namespace tenon::mcp
