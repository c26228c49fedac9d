#include "store/memory/MemoryHub.h"

namespace tenon::store
{

class MemoryHub::End : public Bus
{
public:
    End(MemoryHub& hub, std::string tag) : _hub(hub), _tag(std::move(tag)) {}

    void start(BusListener& listener) override
    {
        std::lock_guard lock(_hub._mutex);
        _hub._ends[_tag].first = &listener;
        _hub._listed.insert(_tag);
    }

    void stop() override { _hub.kill(_tag); }

    void send(const std::string& tag, std::string message, Taken taken) override
    {
        bool there = false;
        {
            std::lock_guard lock(_hub._mutex);
            there = _hub._ends.count(_tag) != 0 && _hub._listed.count(tag) != 0;
            if (there)
                _hub._letters.push_back({_tag, tag, std::move(message)});
        }
        if (taken)
            taken(there);
    }

    void sendToOthers(std::string message) override
    {
        std::lock_guard lock(_hub._mutex);
        if (!_hub._ends.count(_tag))
            return;
        for (const auto& [tag, end] : _hub._ends)
            if (tag != _tag)
                _hub._letters.push_back({_tag, tag, message});
    }

    [[nodiscard]] bool silent() const override { return stalled(); }

    [[nodiscard]] bool stalled() const override
    {
        std::lock_guard lock(_hub._mutex);
        return _hub._killed.count(_tag) != 0;
    }

    void describe(std::string state) override
    {
        std::lock_guard lock(_hub._mutex);
        if (const auto end = _hub._ends.find(_tag); end != _hub._ends.end())
            end->second.second = std::move(state);
    }

private:
    MemoryHub& _hub;
    const std::string _tag;
};

std::unique_ptr<Bus> MemoryHub::bus(const std::string& tag)
{
    return std::make_unique<End>(*this, tag);
}

std::size_t MemoryHub::deliver()
{
    for (std::size_t count = 0;; ++count)
    {
        Letter letter;
        BusListener* listener = nullptr;
        {
            std::lock_guard lock(_mutex);
            if (_letters.empty())
                return count;
            letter = std::move(_letters.front());
            _letters.pop_front();
            if (const auto end = _ends.find(letter.to); end != _ends.end())
                listener = end->second.first;
        }
        if (listener)
            listener->received(letter.from, letter.text);
    }
}

void MemoryHub::signOfLife()
{
    std::vector<Member> members;
    std::vector<BusListener*> listeners;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [tag, end] : _ends)
        {
            members.push_back({tag, end.second, 0});
            listeners.push_back(end.first);
        }
        _listed.clear();
        for (const auto& member : members)
            _listed.insert(member.tag);
    }
    for (auto* listener : listeners)
        listener->members(members);
}

void MemoryHub::loseLetters()
{
    std::lock_guard lock(_mutex);
    _letters.clear();
}

void MemoryHub::kill(const std::string& tag)
{
    std::lock_guard lock(_mutex);
    if (auto end = _ends.extract(tag))
        _killed.insert(std::move(end));
}

void MemoryHub::revive(const std::string& tag)
{
    std::lock_guard lock(_mutex);
    if (auto end = _killed.extract(tag))
        _ends.insert(std::move(end));
    _listed.insert(tag);
}

} // namespace tenon::store
