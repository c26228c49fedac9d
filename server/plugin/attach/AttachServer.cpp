#include "plugin/attach/AttachServer.h"

#include "base/text/Reason.h"
#include "base/threads/DetachedThread.h"
#include "base/threads/ThreadRoot.h"
#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"
#include "plugin/config/DeclaredSettings.h"

#include <Poco/Ascii.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace tenon::plugin
{

namespace
{

constexpr int LOOK_WAITED_FOR_MS = 20, LOOK_AWAY_MS = 1000;
constexpr auto KEEP_PAUSE = std::chrono::seconds(1);
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
      _memory(budget ? std::make_unique<base::HolderBudgets>(*budget, MEMORY_PARTS) : nullptr),
      _defaultMaxConcurrent(defaultMaxConcurrent),
      _maxMessageBytes(std::min(PluginConfig::largestMessage(*_all, "plugin."), FrameSplitter::MAX_UNFINISHED)),
      _kept(_settings.directory), _wake(std::make_shared<Waker>()), _listener(_settings.socket, _settings.group)
{
    restore();
    _thread = std::thread([this] { base::steadyThreadRoot("the listener for programs", [this] { run(); }); });
}

AttachServer::~AttachServer()
{
    _stopping.store(true, std::memory_order_release);
    _wake->raise();
    _thread.join();
    keepOffers(); // while the programs are here: when the server starts again, they are about to come back
    std::unique_lock lock(_mutex);
    for (const auto& peer : _peers)
        peer->leave();
    _changed.wait(lock, [this] { return _peers.empty(); });
    for (const auto& [name, instance] : _instances)
        (void)instance->look(AttachedInstance::Clock::time_point::max()); // nobody comes any more
}

/// Lists what programs offered when the server ended, as long as it is to be kept.
void AttachServer::restore()
{
    const auto now = std::chrono::system_clock::now();
    for (auto& kept : _kept.all())
    {
        const auto away = kept.awaySince ? std::max(now - *kept.awaySince, std::chrono::system_clock::duration(0))
                                         : std::chrono::system_clock::duration(0);
        const auto settings = AttachedName::read(*_all, kept.name);
        if (!isName(kept.name) || settings.users.empty() || away >= settings.keep)
        {
            _kept.forget(kept.name);
            continue;
        }
        try
        {
            bool isNew = false;
            const auto instance = instanceFor(kept.name, isNew);
            instance->restore(std::move(kept.offer),
                              AttachedInstance::Clock::now() -
                                  std::chrono::duration_cast<AttachedInstance::Clock::duration>(away));
            _lent.admit(instance, instance->limit());
        }
        catch (const Poco::Exception& exc)
        {
            logOfPlugin("attach", TENON_LOG_WARNING,
                        "what '" + kept.name + "' offered is not listed again: " + exc.message());
            _instances.erase(kept.name);
            _kept.forget(kept.name);
        }
    }
}

void AttachServer::run()
{
    int pause = look();
    while (!_stopping.load(std::memory_order_acquire))
    {
        try
        {
            AttachPeer::Process process;
            if (auto stream = _listener.accept(pause, *_wake, process))
                welcome(std::move(stream), std::move(process));
            else
                _wake->lower();
            pause = look();
        }
        catch (const std::exception& exc) // memory, threads: whoever came has to come again
        {
            logOfPlugin("attach", TENON_LOG_ERROR, std::string("a program could not be let in: ") + exc.what());
        }
    }
}

/// Gives a connection its thread.
void AttachServer::welcome(ByteStreamPtr stream, AttachPeer::Process process)
{
    auto held = _memory ? _memory->shareOf(process.user, {}) : base::HolderShare();
    PeerNews& news = *this;
    const auto peer =
        std::make_shared<AttachPeer>(std::move(stream), std::move(process), news, std::move(held), _maxMessageBytes);
    {
        std::lock_guard lock(_mutex);
        if (_peers.size() >= _settings.maxPrograms)
            return; // closed; the program tries again
        _peers.insert(peer);
    }
    try
    {
        base::startDetached([this, peer] { base::threadRoot("an attached program", [&] { serve(peer); }); });
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

/// Looks after calls that wait, drops names whose programs have been away for long, and keeps what has changed. Gives in how
/// many milliseconds this is due again; -1: when something happens.
int AttachServer::look()
{
    std::vector<std::shared_ptr<AttachedInstance>> instances;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [name, instance] : _instances)
            instances.push_back(instance);
    }
    int pause = -1;
    const auto sooner = [&pause](int other) { pause = pause < 0 || (other >= 0 && other < pause) ? other : pause; };
    for (const auto& instance : instances)
        sooner(lookAfter(instance));
    if (const auto now = AttachedInstance::Clock::now(); now - _lastKept < KEEP_PAUSE)
        sooner(LOOK_AWAY_MS); // it was kept a moment ago: what has changed since is kept later
    else
        keepOffers();
    return pause;
}

int AttachServer::lookAfter(const std::shared_ptr<AttachedInstance>& instance)
{
    if (!instance->look(AttachedInstance::Clock::now()))
        return instance->isWaitedFor() ? LOOK_WAITED_FOR_MS : instance->isIncomplete() ? LOOK_AWAY_MS : -1;
    std::lock_guard coming(_admission);
    if (!instance->look(AttachedInstance::Clock::now()))
        return -1; // it has come back
    {
        std::lock_guard lock(_mutex);
        _instances.erase(instance->name());
    }
    logOfPlugin(instance->name(), TENON_LOG_NOTICE, "the program has been away for long: its tools are gone");
    _lent.dismiss(instance->name());
    _kept.forget(instance->name());
    return -1;
}

void AttachServer::keepOffers()
{
    std::vector<std::shared_ptr<AttachedInstance>> instances;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [name, instance] : _instances)
            instances.push_back(instance);
    }
    for (const auto& instance : instances)
    {
        KeptOffers::Kept kept;
        if (!instance->toKeep(kept))
            continue;
        _kept.keep(kept);
        _lastKept = AttachedInstance::Clock::now();
    }
}

/// Why a process may not attach under a name; empty if it may.
std::string AttachServer::whyNot(const std::string& name, const AttachPeer::Process& process) const
{
    if (!isName(name))
        return "its name must be made of letters, digits, '_' and '-', 64 at most";
    const auto users = AttachedName::read(*_all, name).users;
    if (users.empty())
        return "no user may attach as '" + name + "': attach." + name + ".users is not set";
    const bool may = std::any_of(users.begin(), users.end(),
                                 [&](const std::string& user) { return user == "*" || isUser(user, process.user); });
    return may ? std::string()
               : "user " + process.user + " may not attach as '" + name + "': attach." + name +
                     ".users does not name it";
}

std::shared_ptr<AttachedInstance> AttachServer::instanceCalled(const std::string& name)
{
    std::lock_guard lock(_mutex);
    const auto found = _instances.find(name);
    return found == _instances.end() ? nullptr : found->second;
}

std::string AttachServer::preparing(AttachPeer& peer, const ProgramHello& who, Preparation& given)
{
    if (std::string reason = whyNot(who.name, peer.process()); !reason.empty())
        return reason;
    try
    {
        given.settings = settingsBody(PluginConfig::read(*_all, who.name, _defaultMaxConcurrent).settings);
    }
    catch (const Poco::Exception& exc)
    {
        return exc.message();
    }
    if (const auto instance = instanceCalled(who.name))
        given.state = instance->leftFor(peer, who);
    return {};
}

bool AttachServer::leaving(AttachPeer& peer, const ProgramHello& who, LeftState state)
{
    const auto instance = whyNot(who.name, peer.process()).empty() ? instanceCalled(who.name) : nullptr;
    if (!instance)
        return false;
    if (_memory)
        state.held = _memory->shareOf(peer.process().user, {});
    if (!state.held.tryResize(state.bytes.size()))
    {
        logOfPlugin(who.name, TENON_LOG_WARNING,
                    "no memory is left for the state of " + std::to_string(state.bytes.size()) + " bytes that '" +
                        who.title + "' leaves to its successor");
        return false;
    }
    return instance->keep(peer, who, std::move(state));
}

std::string AttachServer::greeted(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello)
{
    if (std::string reason = whyNot(hello.name, peer->process()); !reason.empty())
        return reason;
    std::lock_guard coming(_admission);
    bool isNew = false;
    try
    {
        requireDeclaredSettings(*_all, hello.name, hello.offer.manifest);
        const auto instance = instanceFor(hello.name, isNew);
        {
            std::lock_guard lock(_mutex);
            _homes[peer.get()] = instance;
        }
        std::string reason = instance->join(peer, hello);
        if (reason.empty() && isNew)
            _lent.admit(instance, instance->limit());
        _wake->raise(); // what it offers is to be kept
        if (reason.empty())
            logOfPlugin(hello.name, TENON_LOG_NOTICE,
                        "'" + hello.title + "' is attached: process " + std::to_string(peer->process().id) +
                            " of user " + peer->process().user + ", library " + hello.libraryVersion);
        return reason;
    }
    catch (const std::exception& exc)
    {
        std::lock_guard lock(_mutex);
        if (isNew)
            _instances.erase(hello.name);
        return base::reasonOf(exc);
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
        std::make_unique<AttachedInstance>(std::move(config), AttachedName::read(*_all, name), _threads, limit, _wake));
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

void AttachServer::taken(AttachPeer& peer, std::uint64_t waitedUs)
{
    if (const auto instance = instanceOf(peer))
        instance->taken(waitedUs);
}

void AttachServer::ended(AttachPeer& peer)
{
    if (const auto instance = instanceOf(peer))
        instance->leave(peer);
}

} // namespace tenon::plugin
