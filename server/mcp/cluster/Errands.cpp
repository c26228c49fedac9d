#include "mcp/cluster/Errands.h"

#include <map>
#include <set>
#include <utility>

namespace tenon::mcp
{

namespace
{

/// Which errand of which instance: the key of what was taken.
std::string keyOf(const std::string& from, const std::string& number)
{
    return from + '/' + number;
}

} // namespace

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
    std::string number;
    {
        std::lock_guard lock(_mutex);
        number = std::to_string(_next++);
        client = std::make_shared<Client>(weak_from_this(), number);
        _sent.emplace(number, Sent{tag, sink, std::move(lost), client, owed});
        letter.add(number).addFlag(sink->streams());
    }
    fill(letter);
    _bus.send(tag, letter.text(),
              [weak = weak_from_this(), number](bool taken)
              {
                  if (const auto self = taken ? nullptr : weak.lock())
                      self->lose([&](const std::string& own, const Sent&) { return own == number; }, false);
              });
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
    sendAbout("left", gone.to, number);
}

std::shared_ptr<RemoteSink> Errands::farEnd(const std::string& from, const Letter& letter, bool streams)
{
    const std::string key = keyOf(from, letter.field(0));
    const auto self = shared_from_this();
    auto sink = std::make_shared<RemoteSink>(
        letter.field(0), streams, [self, from](Letter&& back) { self->_bus.send(from, back.text(), nullptr); },
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
    sendAbout("returned", from, letter.field(0));
}

bool Errands::received(const std::string& from, const Letter& letter)
{
    const std::string& number = letter.field(0);
    if (letter.kind() == "left")
    {
        std::shared_ptr<RemoteSink> sink;
        {
            std::lock_guard lock(_mutex);
            const auto found = _taken.find(keyOf(from, number));
            if (found == _taken.end())
                return true;
            sink = found->second.sink.lock();
            _taken.erase(found);
        }
        if (sink)
            sink->gone();
        return true;
    }
    if (letter.kind() == "returned" || letter.kind() == "unknown")
    {
        lose([&](const std::string& own, const Sent& sent) { return own == number && sent.to == from; },
             letter.kind() == "returned");
        return true;
    }
    if (letter.kind() == "errands")
    {
        compared(from, letter);
        return true;
    }
    if (letter.kind() != "open" && letter.kind() != "send" && !isLast(letter))
        return false;
    carry(from, letter);
    return true;
}

/// What the far end of an errand sends goes to the client.
void Errands::carry(const std::string& from, const Letter& letter)
{
    const std::string& number = letter.field(0);
    ResponseSinkPtr sink;
    bool unanswered = false;
    Sent ended; // let go without the lock
    {
        std::lock_guard lock(_mutex);
        if (const auto found = _sent.find(number); found != _sent.end() && found->second.to == from)
        {
            sink = found->second.sink;
            unanswered = letter.kind() == "close" && found->second.owed;
            found->second.begun = found->second.begun || !isLast(letter);
            if (isLast(letter))
            {
                ended = std::move(found->second);
                _sent.erase(found);
            }
        }
    }
    if (!sink && !isLast(letter)) // that this one was left, or given up, did not get there
        sendAbout("left", from, number);
    else if (unanswered) // that instance stops
        ended.lost(ended.begun, false);
    else if (sink && !carryOut(letter, *sink))
        clientLeft(number);
}

void Errands::lose(const std::function<bool(const std::string&, const Sent&)>& which, bool returned)
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
        sent.lost(sent.begun, returned);
}

/// Gives the keys of what was left.
std::vector<std::string> Errands::leave(const std::function<bool(const std::string&)>& which)
{
    std::vector<std::string> keys;
    std::vector<std::shared_ptr<RemoteSink>> left;
    {
        std::lock_guard lock(_mutex);
        for (auto taken = _taken.begin(); taken != _taken.end();)
            if (which(taken->first))
            {
                keys.push_back(taken->first);
                if (auto sink = taken->second.sink.lock())
                    left.push_back(std::move(sink));
                taken = _taken.erase(taken);
            }
            else
                ++taken;
    }
    for (const auto& sink : left)
        sink->gone();
    return keys;
}

void Errands::instancesAre(const std::set<std::string, std::less<>>& tags)
{
    lose([&](const std::string&, const Sent& sent) { return tags.count(sent.to) == 0; }, false);
    (void)leave([&](const std::string& key) { return tags.count(key.substr(0, key.rfind('/'))) == 0; });
}

void Errands::giveUp()
{
    lose([](const std::string&, const Sent&) { return true; }, false);
    for (const auto& key : leave([](const std::string&) { return true; }))
    {
        const auto slash = key.rfind('/');
        sendAbout("unknown", key.substr(0, slash), key.substr(slash + 1));
    }
}

void Errands::compare()
{
    std::map<std::string, Letter> letters;
    {
        std::lock_guard lock(_mutex);
        for (auto& [number, sent] : _sent)
            if (std::exchange(sent.old, true)) // the letter of a new one may still be on its way
                letters.try_emplace(sent.to, Letter("errands")).first->second.add(number);
    }
    for (const auto& [tag, letter] : letters)
        _bus.send(tag, letter.text(), nullptr);
}

/// What `from` believes to have here: it learns what is not.
void Errands::compared(const std::string& from, const Letter& letter)
{
    std::vector<std::string> unknown;
    {
        std::lock_guard lock(_mutex);
        for (const auto& number : letter.fields(0))
            if (_taken.count(keyOf(from, number)) == 0)
                unknown.push_back(number);
    }
    for (const auto& number : unknown)
        sendAbout("unknown", from, number);
}

void Errands::sendAbout(std::string_view kind, const std::string& to, const std::string& number)
{
    Letter letter(kind);
    _bus.send(to, letter.add(number).text(), nullptr);
}

std::size_t Errands::open() const
{
    std::lock_guard lock(_mutex);
    return _sent.size() + _taken.size();
}

} // namespace tenon::mcp
