#include "plugin/attach/AttachServer.h"

#include "base/threads/ThreadRoot.h"
#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"

#include <Poco/Ascii.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace tenon::plugin
{

namespace
{

constexpr int LOOK_MS = 50;
constexpr std::size_t MAX_NAME = 64;

bool isName(const std::string& name)
{
    return !name.empty() && name.size() <= MAX_NAME &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return Poco::Ascii::isAlphaNumeric(c) || c == '_' || c == '-'; });
}

} // namespace

std::unique_ptr<Attachments> openAttachments(const base::SettingsPtr& settings, LentPlugins& lent,
                                             const std::shared_ptr<PluginThreads>& threads, base::Budget* budget,
                                             std::size_t defaultMaxConcurrent)
{
    if (!AttachSettings::read(*settings).enabled)
        return nullptr;
    return std::make_unique<AttachServer>(settings, lent, threads, budget, defaultMaxConcurrent);
}

AttachServer::AttachServer(base::SettingsPtr settings, LentPlugins& lent, std::shared_ptr<PluginThreads> threads,
                           base::Budget* budget, std::size_t defaultMaxConcurrent)
    : _all(std::move(settings)), _settings(AttachSettings::read(*_all)), _lent(lent), _threads(std::move(threads)),
      _budget(budget), _defaultMaxConcurrent(defaultMaxConcurrent), _socket(_settings.socket, _settings.group),
      _thread([this] { run(); })
{
}

AttachServer::~AttachServer()
{
    _stopping.store(true, std::memory_order_release);
    _thread.join();
    std::unique_lock lock(_mutex);
    for (const auto& peer : _peers)
        peer->leave();
    _changed.wait(lock, [this] { return _peers.empty(); });
    for (const auto& [name, instance] : _instances)
        (void)instance->look(AttachedInstance::Clock::time_point::max()); // nobody comes any more
}

void AttachServer::run()
{
    while (!_stopping.load(std::memory_order_acquire))
    {
        try
        {
            AttachPeer::Process process;
            if (const int descriptor = _socket.accept(LOOK_MS, process); descriptor >= 0)
                welcome(descriptor, process);
            look();
        }
        catch (const std::exception& exc) // memory, threads: whoever came has to come again
        {
            logOfPlugin("attach", TENON_LOG_ERROR, std::string("a program could not be let in: ") + exc.what());
        }
    }
}

/// Gives a connection its thread.
void AttachServer::welcome(int descriptor, const AttachPeer::Process& process)
{
    const auto maxResultBytes = static_cast<std::size_t>(FrameSplitter::MAX_UNFINISHED / 4);
    PeerNews& news = *this;
    const auto peer = std::make_shared<AttachPeer>(descriptor, process, news, _budget, maxResultBytes);
    {
        std::lock_guard lock(_mutex);
        if (_peers.size() >= _settings.maxPrograms)
            return; // closed; the program tries again
        _peers.insert(peer);
    }
    try
    {
        std::thread([this, peer] { base::threadRoot("an attached program", [&] { serve(peer); }); }).detach();
    }
    catch (const std::system_error&)
    {
        std::lock_guard lock(_mutex);
        _peers.erase(peer);
        throw;
    }
}

void AttachServer::serve(const std::shared_ptr<AttachPeer>& peer)
{
    peer->run();
    std::lock_guard lock(_mutex);
    _homes.erase(peer.get());
    _peers.erase(peer);
    _changed.notify_all();
}

/// Looks after calls that wait, and drops names whose programs have been away for long.
void AttachServer::look()
{
    std::vector<std::shared_ptr<AttachedInstance>> instances;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [name, instance] : _instances)
            instances.push_back(instance);
    }
    for (const auto& instance : instances)
    {
        if (!instance->look(AttachedInstance::Clock::now()))
            continue;
        std::lock_guard coming(_admission);
        if (!instance->look(AttachedInstance::Clock::now()))
            continue; // it has come back
        {
            std::lock_guard lock(_mutex);
            _instances.erase(instance->name());
        }
        logOfPlugin(instance->name(), TENON_LOG_NOTICE, "the program has been away for long: its tools are gone");
        _lent.dismiss(instance->name());
    }
}

/// Why a process may not attach under a name; empty if it may.
std::string AttachServer::whyNot(const std::string& name, const AttachPeer::Process& process) const
{
    if (!isName(name))
        return "its name must be made of letters, digits, '_' and '-', 64 at most";
    const auto users = AttachedName::read(*_all, name).users;
    if (users.empty())
        return "nobody may attach as '" + name + "': attach." + name + ".users is not set";
    const bool may =
        std::any_of(users.begin(), users.end(),
                    [&](const std::string& user) { return user == "*" || userNumber(user) == process.user; });
    return may ? std::string()
               : "user " + std::to_string(process.user) + " may not attach as '" + name + "': attach." + name +
                     ".users does not name it";
}

std::string AttachServer::greeted(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello)
{
    if (std::string reason = whyNot(hello.name, peer->process()); !reason.empty())
        return reason;
    std::lock_guard coming(_admission);
    bool isNew = false;
    try
    {
        const auto instance = instanceFor(hello.name, isNew);
        {
            std::lock_guard lock(_mutex);
            _homes[peer.get()] = instance;
        }
        std::string reason = instance->join(peer, hello);
        if (reason.empty() && isNew)
            _lent.admit(instance, instance->limit());
        return reason;
    }
    catch (const std::exception& exc)
    {
        std::lock_guard lock(_mutex);
        if (isNew)
            _instances.erase(hello.name);
        const auto* ours = dynamic_cast<const Poco::Exception*>(&exc);
        return ours ? ours->message() : exc.what();
    }
}

std::shared_ptr<AttachedInstance> AttachServer::instanceFor(const std::string& name, bool& isNew)
{
    std::lock_guard lock(_mutex);
    const auto found = _instances.find(name);
    isNew = found == _instances.end();
    if (!isNew)
        return found->second;
    auto config = PluginConfig::read(*_all, name, _defaultMaxConcurrent);
    const auto limit = std::make_shared<PluginLimit>(config.maxConcurrent);
    const std::shared_ptr<AttachedInstance> instance = _threads->adopt(
        std::make_unique<AttachedInstance>(std::move(config), AttachedName::read(*_all, name), _threads, limit));
    _instances.emplace(name, instance); // last: whoever looks finds no name without its instance
    return instance;
}

std::shared_ptr<AttachedInstance> AttachServer::instanceOf(AttachPeer& peer)
{
    std::lock_guard lock(_mutex);
    const auto found = _homes.find(&peer);
    return found == _homes.end() ? nullptr : found->second;
}

void AttachServer::offered(AttachPeer& peer, Offer offer)
{
    if (const auto instance = instanceOf(peer))
        instance->offered(peer, std::move(offer));
}

void AttachServer::renamed(AttachPeer& peer, std::string title)
{
    if (const auto instance = instanceOf(peer))
        instance->renamed(peer, std::move(title));
}

void AttachServer::resourceUpdated(std::string_view uri)
{
    _threads->tell([&](InstanceOwner& owner) { owner.resourceUpdated(uri); });
}

void AttachServer::ended(AttachPeer& peer)
{
    if (const auto instance = instanceOf(peer))
        instance->leave(peer);
}

} // namespace tenon::plugin
