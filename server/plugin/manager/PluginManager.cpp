#include "plugin/manager/PluginManager.h"

#include "base/settings/SettingsException.h"
#include "base/threads/LostThreads.h"
#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"
#include "plugin/config/DeclaredSettings.h"
#include "plugin/manager/Succession.h"
#include "plugin/worker/process/ForkProbe.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <future>
#include <set>
#include <system_error>
#include <utility>

namespace tenon::plugin
{

namespace
{
constexpr auto DRAIN_TIMEOUT = std::chrono::seconds(5); // of a plugin whose state another one is to have
} // namespace

PluginManager::PluginManager(base::SettingsPtr settings, std::size_t defaultMaxConcurrent, std::string executable,
                             base::Budget* budget)
    : _settings(std::move(settings)), _threads(std::make_shared<PluginThreads>(*this)),
      _loader(_settings, defaultMaxConcurrent, std::move(executable), _threads, budget), _budget(budget),
      _defaultMaxConcurrent(defaultMaxConcurrent)
{
}

PluginManager::~PluginManager()
{
    stop();
}

void PluginManager::start()
{
    base::LostThreads::instance().setLimit(static_cast<std::size_t>(_settings->integer("plugins.maxLostThreads")));
    Upstreams::check(*_settings, _defaultMaxConcurrent);
    loadAll();
    // Without the lock: what programs offered before the server ended is listed again, and servers come beside.
    _upstreams = std::make_shared<Upstreams>(static_cast<LentPlugins&>(*this), _threads, _defaultMaxConcurrent);
    _upstreams->apply(*_settings);
    _attachments = openAttachments(_settings, *this, _threads, _budget, _defaultMaxConcurrent);
    if (_settings->boolean("plugins.reload"))
        _watcher = std::make_unique<FolderWatcher>(_settings->list("plugins.directory"),
                                                   std::chrono::milliseconds(_settings->integer("plugins.settleMs")),
                                                   [this] { _threads->post([this] { rescan(); }); });
}

void PluginManager::applyUpstreams(const base::SettingsPtr& settings)
{
    Upstreams::check(*settings, _defaultMaxConcurrent);
    if (_upstreams)
        _threads->postCall([upstreams = _upstreams, settings] { upstreams->apply(*settings); });
}

void PluginManager::loadAll()
{
    std::lock_guard lock(_mutex);
    for (auto& file : findPluginFiles(_settings->list("plugins.directory")))
    {
        PluginSlot& slot = _slots[file.name];
        slot.file = std::move(file);
        _loader.prepare(slot);
    }
    _loader.probeAll(_slots);
    // Workers start beside one another.
    for (auto& [name, slot] : _slots)
        _loader.launch(slot, !canProbeInFork());
    for (auto& [name, slot] : _slots)
        _loader.load(slot, nullptr);
    checkSettings();
    startAll();
    _publisher.publish(_slots);
}

/// Settings that no plugin reads are slips of the operator, who is told before any plugin starts.
void PluginManager::checkSettings() const
{
    std::vector<std::string> names;
    std::string faults;
    for (const auto& [name, slot] : _slots)
    {
        names.push_back(name);
        if (!slot.settingsFault.empty())
            faults += (faults.empty() ? "" : "\n") + slot.settingsFault;
    }
    for (const std::string& line : settingsOfNobody(*_settings, names))
        Poco::Logger::get("tenon.plugin").warning(line);
    if (!faults.empty())
        throw base::SettingsException(faults);
}

/// Beside one another, so that those that hang are waited for once and not one after the other.
void PluginManager::startAll()
{
    std::vector<std::future<void>> starts;
    for (auto& [name, slot] : _slots)
    {
        const auto start = [this, &slot] { _loader.start(slot); };
        try
        {
            starts.push_back(std::async(std::launch::async, start));
        }
        catch (const std::system_error&) // no thread
        {
            start();
        }
    }
}

bool PluginManager::stop(std::chrono::milliseconds timeout)
{
    _watcher.reset();
    _attachments.reset();
    if (const auto upstreams = std::exchange(_upstreams, nullptr))
        upstreams->stop();
    {
        std::lock_guard lock(_mutex);
        if (std::exchange(_stopped, true))
            return true;
        _threads->disown();
        for (const auto& [name, slot] : _slots)
            if (slot.instance)
                slot.instance->keepCode();
        _slots.clear();
        _publisher.publish(_slots);
    }
    const bool gone = _threads->waitUntilGone(timeout);
    if (!gone)
        Poco::Logger::get("tenon.plugin").warning("abandoning plugins that still have running calls or do not stop");
    _threads->stop();
    return gone;
}

void PluginManager::listChanged(const std::string& plugin)
{
    {
        std::lock_guard lock(_rereadMutex);
        if (std::exchange(_rereadPending[plugin], true))
            return;
    }
    _threads->post(
        [this, plugin]
        {
            // Before the lists are read: a change from here on is read again.
            {
                std::lock_guard lock(_rereadMutex);
                _rereadPending[plugin] = false;
            }
            reread(plugin);
        });
}

void PluginManager::quarantined(const std::string& plugin, const std::string& reason)
{
    _threads->post(
        [this, plugin, reason]
        {
            std::lock_guard lock(_mutex);
            const auto slot = _slots.find(plugin);
            // An instance that took its place meanwhile is not meant.
            if (slot == _slots.end() || _stopped || !slot->second.instance ||
                slot->second.instance->status().state != "quarantined")
                return;
            slot->second.quarantined = true;
            slot->second.refusal = reason;
            _publisher.publish(_slots);
        });
}

/// The plugin said that a list of its changed.
void PluginManager::reread(const std::string& plugin)
{
    std::lock_guard lock(_mutex);
    const auto found = _slots.find(plugin);
    if (_stopped || found == _slots.end() || !found->second.instance || found->second.quarantined)
        return;
    PluginSlot& slot = found->second;
    try
    {
        slot.entries = readOffer(slot.config, slot.instance->offer(), slot.instance, slot.limit, &slot.entries);
        _publisher.publish(_slots);
    }
    catch (const Poco::Exception& exc)
    {
        logOfPlugin(plugin, TENON_LOG_ERROR, "its changed lists are not taken over: " + exc.message());
    }
}

// ---- attached programs, servers behind this one

void PluginManager::admit(const std::shared_ptr<ManagedInstance>& instance, const std::shared_ptr<PluginLimit>& limit)
{
    PluginSlot slot;
    slot.config = PluginConfig::read(*_settings, instance->name(), _defaultMaxConcurrent);
    slot.limit = limit;
    std::lock_guard lock(_mutex);
    lend(instance, std::move(slot));
    _publisher.publish(_slots);
}

void PluginManager::admitUpstreams(const std::vector<Upstream>& upstreams)
{
    if (upstreams.empty())
        return;
    std::lock_guard lock(_mutex);
    for (const auto& upstream : upstreams)
    {
        PluginSlot slot;
        slot.config = upstream.config;
        slot.limit = upstream.limit;
        slot.upstream = true;
        try
        {
            lend(upstream.instance, std::move(slot));
        }
        catch (const Poco::Exception& exc)
        {
            logOfPlugin(upstream.instance->name(), TENON_LOG_ERROR, "the server is not listed: " + exc.message());
        }
    }
    if (!_stopped)
        _publisher.publish(_slots);
}

/// `_mutex` is held; what is taken is still to be published.
void PluginManager::lend(const std::shared_ptr<ManagedInstance>& instance, PluginSlot slot)
{
    const std::string& name = instance->name();
    if (_stopped)
        throw LoadException("the server is being stopped");
    const auto found = _slots.find(name);
    if (found != _slots.end() && !(slot.upstream && found->second.upstream))
        throw LoadException("the name '" + name + "' belongs to a plugin of the server");
    slot.lent = true;
    slot.file.name = name;
    slot.instance = instance;
    slot.entries = readOffer(slot.config, instance->offer(), instance, slot.limit, nullptr);
    _slots[name] = std::move(slot);
}

void PluginManager::dismiss(const std::string& name)
{
    std::lock_guard lock(_mutex);
    const auto found = _slots.find(name);
    if (_stopped || found == _slots.end() || !found->second.lent)
        return;
    _slots.erase(found);
    _publisher.publish(_slots);
}

// ---- replacing

void PluginManager::rescan()
{
    std::lock_guard lock(_mutex);
    if (_stopped)
        return;
    std::set<std::string> found;
    bool changed = false;
    std::vector<Legacy> legacies;
    for (auto& file : findPluginFiles(_settings->list("plugins.directory")))
    {
        found.insert(file.name);
        auto [place, isNew] = _slots.try_emplace(file.name);
        PluginSlot& slot = place->second;
        if (slot.lent)
            continue; // it has the name until its program goes
        slot.file = file;
        if (isNew)
        {
            _loader.bringUp(slot, nullptr);
            logOfPlugin(file.name, TENON_LOG_NOTICE, "found in " + file.path);
            changed = true;
        }
        else if (replaceIfChanged(slot, legacies))
            changed = true;
    }
    for (auto slot = _slots.begin(); slot != _slots.end();)
    {
        if (found.contains(slot->first) || slot->second.lent)
            ++slot;
        else
        {
            logOfPlugin(slot->first, TENON_LOG_NOTICE, "its file is gone, so are its tools");
            slot = _slots.erase(slot);
            changed = true;
        }
    }
    if (changed)
        _publisher.publish(_slots);
    for (auto& legacy : legacies)
        handOver(std::move(legacy));
}

/// Puts the plugin that the slot's file now holds into its place, if it is another one and can be loaded. True if what
/// is to be published has changed.
bool PluginManager::replaceIfChanged(PluginSlot& slot, std::vector<Legacy>& legacies)
{
    if (!slot.config.enabled)
        return false;
    PluginSlot next;
    next.file = slot.file;
    try
    {
        next.image = std::make_shared<LibraryImage>(slot.file.path);
        if (slot.image && next.image->sha256() == slot.image->sha256())
        {
            // The old content is back: what was refused in between is history.
            return !std::exchange(slot.candidateRefusal, std::string()).empty();
        }
        if (next.image->sha256() == slot.refusedSha256)
            return false;
        slot.refusedSha256.clear();
    }
    catch (const Poco::Exception&)
    {
        return false; // gone again, or not yet there: the next change tells
    }
    _loader.bringUp(next, &slot);
    if (!next.instance && slot.instance && !slot.quarantined)
    {
        slot.candidateRefusal = next.refusal;
        slot.refusedSha256 = next.image->sha256();
        ++slot.failedReloads;
        return true;
    }
    take(slot, std::move(next), legacies);
    return true;
}

void PluginManager::take(PluginSlot& slot, PluginSlot next, std::vector<Legacy>& legacies)
{
    next.reloads = slot.reloads + (next.instance != nullptr);
    next.failedReloads = slot.failedReloads + (next.instance == nullptr);
    if (next.startsLater)
        legacies.push_back({slot.file.name, slot.entries.version, slot.instance});
    slot = std::move(next);
    if (slot.instance)
        logOfPlugin(slot.file.name, TENON_LOG_NOTICE, "replaced by version " + slot.entries.version);
}

void PluginManager::restart(const std::string& name)
{
    replace(name, false);
}

void PluginManager::reload(const std::string& name)
{
    replace(name, true);
}

void PluginManager::replace(const std::string& name, bool readFile)
{
    std::lock_guard lock(_mutex);
    const auto found = _slots.find(name);
    if (found == _slots.end() || _stopped)
        throw Poco::NotFoundException("there is no plugin '" + name + "'");
    PluginSlot& slot = found->second;
    if (slot.lent && slot.instance->restart())
    {
        slot.quarantined = false;
        slot.refusal.clear();
        _publisher.publish(_slots);
        return;
    }
    if (slot.lent)
        throw Poco::InvalidAccessException("'" + name + "' is an attached program: only it can restart itself");
    PluginSlot next;
    next.file = slot.file;
    // A copy: the same image would be the same library, as it was left.
    if (!readFile && slot.image)
        next.image = std::make_shared<LibraryImage>(slot.image->path());
    _loader.bringUp(next, &slot);
    if (!next.instance)
    {
        const std::string why = next.config.enabled ? next.refusal : "it is disabled";
        ++slot.failedReloads;
        throw Poco::RuntimeException("the plugin '" + name + "' cannot be started again", why);
    }
    std::vector<Legacy> legacies;
    take(slot, std::move(next), legacies);
    _publisher.publish(_slots);
    for (auto& legacy : legacies)
        handOver(std::move(legacy));
    if (const auto now = _slots.find(name); now != _slots.end() && !now->second.refusal.empty())
        throw Poco::RuntimeException("the plugin '" + name + "' cannot be started again", now->second.refusal);
}

/// The catalogue has the new instance already, whose calls wait: the old one ends its calls and leaves its state to it.
void PluginManager::handOver(Legacy legacy)
{
    PluginSlot& slot = _slots.at(legacy.name);
    slot.startsLater = false;
    const auto succession = std::make_shared<Succession>();
    succession->follow(std::move(legacy.before));
    Handover handover{legacy.version, {}};
    const auto before = succession->await(DRAIN_TIMEOUT);
    if (before)
        handover.state = before->stopAndSave();
    else
        logOfPlugin(slot.file.name, TENON_LOG_WARNING, "its predecessor still has calls: its state is not handed over");
    _loader.start(slot, before ? &handover : nullptr);
    if (!slot.instance)
        _publisher.publish(_slots);
}

} // namespace tenon::plugin
