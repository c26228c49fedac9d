#include "mcp/cluster/Errands.h"

#include <vector>

namespace tenon::mcp
{

/// Tells the other instance that the client has gone.
class Errands::Client : public DisconnectListener
{
public:
    Client(std::weak_ptr<Errands> owner, std::string number) : _owner(std::move(owner)), _number(std::move(number)) {}
    void disconnected() override
    {
        if (const auto owner = _owner.lock())
            owner->clientLeft(_number);
    }

private:
    const std::weak_ptr<Errands> _owner;
    const std::string _number;
};

void Errands::send(const std::string& tag, std::string_view kind, const std::function<void(Letter&)>& fill,
                   const ResponseSinkPtr& sink, Lost lost, bool owed)
{
    std::shared_ptr<Client> client;
    Letter letter(kind);
    {
        std::lock_guard lock(_mutex);
        const std::string number = std::to_string(_next++);
        client = std::make_shared<Client>(weak_from_this(), number);
        _sent.emplace(number, Sent{tag, sink, std::move(lost), client, owed});
        letter.add(number).addFlag(sink->streams());
    }
    fill(letter);
    _bus.send(tag, letter.text());
    sink->onDisconnect(client);
}

void Errands::clientLeft(const std::string& number)
{
    Sent gone; // let go without the lock
    {
        std::lock_guard lock(_mutex);
        const auto found = _sent.find(number);
        if (found == _sent.end())
            return;
        gone = std::move(found->second);
        _sent.erase(found);
    }
    Letter letter("left");
    letter.add(number);
    _bus.send(gone.to, letter.text());
}

std::shared_ptr<RemoteSink> Errands::farEnd(const std::string& from, const Letter& letter, bool streams)
{
    const std::string key = from + '/' + letter.field(0);
    const auto self = shared_from_this();
    auto sink = std::make_shared<RemoteSink>(
        letter.field(0), streams, [self, from](Letter&& back) { self->_bus.send(from, back.text()); },
        [self, key]
        {
            std::lock_guard lock(self->_mutex);
            self->_taken.erase(key);
        });
    std::lock_guard lock(_mutex);
    _taken.insert_or_assign(key, Taken{from, sink});
    return sink;
}

void Errands::returnTo(const std::string& from, const Letter& letter)
{
    Letter back("returned");
    back.add(letter.field(0));
    _bus.send(from, back.text());
}

bool Errands::received(const std::string& from, const Letter& letter)
{
    const std::string& number = letter.field(0);
    if (letter.kind() == "left")
    {
        std::shared_ptr<RemoteSink> sink;
        {
            std::lock_guard lock(_mutex);
            const auto found = _taken.find(from + '/' + number);
            if (found == _taken.end())
                return true;
            sink = found->second.sink.lock();
            _taken.erase(found);
        }
        if (sink)
            sink->gone();
        return true;
    }
    if (letter.kind() == "returned")
    {
        lose([&](const std::string& own, const Sent&) { return own == number; });
        return true;
    }
    if (letter.kind() != "open" && letter.kind() != "send" && !isLast(letter))
        return false;
    ResponseSinkPtr sink;
    bool unanswered = false;
    Sent ended; // let go without the lock
    {
        std::lock_guard lock(_mutex);
        const auto found = _sent.find(number);
        if (found == _sent.end() || found->second.to != from)
            return true;
        sink = found->second.sink;
        unanswered = letter.kind() == "close" && found->second.owed;
        found->second.begun = found->second.begun || !isLast(letter);
        if (isLast(letter))
        {
            ended = std::move(found->second);
            _sent.erase(found);
        }
    }
    if (unanswered) // that instance stops
    {
        ended.lost(ended.begun);
        return true;
    }
    if (!carryOut(letter, *sink))
        clientLeft(number);
    return true;
}

void Errands::lose(const std::function<bool(const std::string&, const Sent&)>& which)
{
    std::vector<Sent> lost;
    {
        std::lock_guard lock(_mutex);
        for (auto sent = _sent.begin(); sent != _sent.end();)
            if (which(sent->first, sent->second))
            {
                lost.push_back(std::move(sent->second));
                sent = _sent.erase(sent);
            }
            else
                ++sent;
    }
    for (const auto& sent : lost)
        sent.lost(sent.begun);
}

void Errands::leave(const std::function<bool(const std::string&)>& which)
{
    std::vector<std::shared_ptr<RemoteSink>> left;
    {
        std::lock_guard lock(_mutex);
        for (auto taken = _taken.begin(); taken != _taken.end();)
            if (which(taken->second.from))
            {
                if (auto sink = taken->second.sink.lock())
                    left.push_back(std::move(sink));
                taken = _taken.erase(taken);
            }
            else
                ++taken;
    }
    for (const auto& sink : left)
        sink->gone();
}

void Errands::instancesAre(const std::set<std::string>& tags)
{
    lose([&](const std::string&, const Sent& sent) { return tags.count(sent.to) == 0; });
    leave([&](const std::string& from) { return tags.count(from) == 0; });
}

void Errands::giveUp()
{
    lose([](const std::string&, const Sent&) { return true; });
    leave([](const std::string&) { return true; });
}

std::size_t Errands::open() const
{
    std::lock_guard lock(_mutex);
    return _sent.size() + _taken.size();
}

} // namespace tenon::mcp
