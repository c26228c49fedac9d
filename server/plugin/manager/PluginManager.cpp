#include "plugin/manager/PluginManager.h"

#include "base/LostThreads.h"
#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"
#include "plugin/config/LockFile.h"
#include "plugin/process/InProcessInstance.h"
#include "plugin/worker/Workers.h"
#include "plugin/worker/process/ForkProbe.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <utility>

namespace tenon::plugin
{

namespace
{

/// Whether two lists say the same to clients.
template <typename Entry>
bool sameDefinitions(const std::vector<Entry>& left, const std::vector<Entry>& right)
{
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const Entry& one, const Entry& other) { return one.definition == other.definition; });
}

void logRefusal(const Refusal& refusal)
{
    logOfPlugin(refusal.plugin, TENON_LOG_ERROR,
                "refused" + (refusal.subject.empty() ? std::string() : " " + refusal.subject) + ": " + refusal.reason);
}

} // namespace

PluginManager::PluginManager(base::SettingsPtr settings, std::size_t defaultMaxConcurrent, std::string executable)
    : _settings(std::move(settings)), _defaultMaxConcurrent(defaultMaxConcurrent), _executable(std::move(executable)),
      _threads(std::make_shared<PluginThreads>(*this))
{
    auto empty = std::make_shared<Catalogue>();
    empty->seal();
    _current.set(empty);
}

PluginManager::~PluginManager()
{
    stop();
}

void PluginManager::start()
{
    base::LostThreads::instance().setLimit(static_cast<std::size_t>(_settings->integer("plugins.maxLostThreads")));
    std::lock_guard lock(_mutex);
    for (auto& file : findPluginFiles(_settings->list("plugins.directory")))
    {
        Slot& slot = _slots[file.name];
        slot.file = std::move(file);
        prepare(slot);
    }
    probeAll();
    // Workers start beside one another.
    for (auto& [name, slot] : _slots)
        launch(slot, !canProbeInFork());
    for (auto& [name, slot] : _slots)
        load(slot, nullptr);
    publish();
    if (_settings->boolean("plugins.reload"))
        _watcher = std::make_unique<FolderWatcher>(_settings->list("plugins.directory"),
                                                   std::chrono::milliseconds(_settings->integer("plugins.settleMs")),
                                                   [this] { _threads->post([this] { rescan(); }); });
}

void PluginManager::stop(std::chrono::milliseconds timeout)
{
    _watcher.reset();
    {
        std::lock_guard lock(_mutex);
        if (std::exchange(_stopped, true))
            return;
        _threads->disown();
        for (const auto& [name, slot] : _slots)
            if (slot.instance)
                slot.instance->keepCode();
        _slots.clear();
        publish();
    }
    if (!_threads->waitUntilGone(timeout))
        Poco::Logger::get("tenon.plugin").warning("plugins still have running calls and are left as they are");
    _threads->stop();
}

void PluginManager::addListener(CatalogueListener& listener)
{
    std::lock_guard lock(_listenerMutex);
    _listeners.push_back(&listener);
}

void PluginManager::removeListener(CatalogueListener& listener)
{
    std::lock_guard lock(_listenerMutex);
    std::erase(_listeners, &listener);
}

std::vector<Refusal> PluginManager::refusals() const
{
    std::lock_guard lock(_reportMutex);
    return _refusals;
}

std::vector<PluginStatus> PluginManager::status() const
{
    std::vector<PluginStatus> all;
    std::lock_guard lock(_reportMutex);
    for (const auto& [report, instance] : _report)
    {
        PluginStatus status = report;
        if (instance)
        {
            status.instance = instance->status();
            status.state = status.instance.state;
        }
        all.push_back(std::move(status));
    }
    return all;
}

bool PluginManager::hasCallsInside() const
{
    std::lock_guard lock(_reportMutex);
    return base::LostThreads::instance().count() > 0 ||
           std::any_of(_report.begin(), _report.end(),
                       [](const auto& entry)
                       { return entry.second && entry.second->mayBlock() && entry.second->status().callsInside > 0; });
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

void PluginManager::resourceUpdated(std::string_view uri)
{
    std::lock_guard lock(_listenerMutex);
    for (CatalogueListener* listener : _listeners)
        listener->resourceUpdated(uri);
}

void PluginManager::quarantined(const std::string& plugin, const std::string& reason)
{
    _threads->post(
        [this, plugin, reason]
        {
            std::lock_guard lock(_mutex);
            const auto slot = _slots.find(plugin);
            if (slot == _slots.end() || _stopped)
                return;
            slot->second.quarantined = true;
            slot->second.refusal = reason;
            publish();
        });
}

/// Reads a slot's file, and what the settings say of it.
void PluginManager::prepare(Slot& slot)
{
    try
    {
        if (!isPluginName(slot.file.name))
            throw LoadException("its file name must be made of letters, digits, '_' and '-'");
        slot.config = PluginConfig::read(*_settings, slot.file.name, _defaultMaxConcurrent);
        if (!slot.config.enabled)
            return;
        if (!slot.image)
            slot.image = std::make_shared<LibraryImage>(slot.file.path);
        if (!slot.config.sha256.empty() && slot.config.sha256 != slot.image->sha256())
            throw LoadException("its SHA-256 is " + slot.image->sha256() + ", but plugin." + slot.file.name +
                                ".sha256 pins another");
        slot.limit = std::make_shared<PluginLimit>(slot.config.maxConcurrent);
        if (slot.config.isolation == Isolation::PROCESS && _executable.empty())
            throw LoadException("isolation = process is not supported here");
        if (slot.config.isolation == Isolation::NONE && slot.config.sandbox.enabled)
            throw LoadException("a sandbox needs plugin." + slot.file.name + ".isolation = process");
    }
    catch (const Poco::Exception& exc)
    {
        slot.refusal = exc.message();
    }
}

/// Starts the worker that a prepared slot needs, or is to be tried in, and does not wait for it.
void PluginManager::launch(Slot& slot, bool probeInWorker)
{
    if (!slot.refusal.empty() || !slot.config.enabled)
        return;
    try
    {
        if (slot.config.isolation == Isolation::PROCESS)
            slot.instance = makeWorkerInstance(slot.config, slot.image, _threads, _executable);
        else if (probeInWorker && !_executable.empty() && _settings->boolean("plugins.probe"))
            slot.probe = makeWorkerInstance(slot.config, slot.image, _threads, _executable);
    }
    catch (const Poco::Exception& exc)
    {
        slot.refusal = exc.message();
    }
}

/// Tries the libraries that are to be loaded into this process in a copy of it, which is far quicker than a worker for
/// each, but safe only as long as the process has just begun.
void PluginManager::probeAll()
{
    if (!_settings->boolean("plugins.probe"))
        return;
    std::vector<ProbeSubject> subjects;
    for (const auto& [name, slot] : _slots)
        if (slot.image && slot.refusal.empty() && slot.config.isolation == Isolation::NONE)
            subjects.push_back({name, slot.image, slot.config.settings});
    try
    {
        for (const auto& [name, reason] :
             probeInFork(subjects, std::chrono::milliseconds(_settings->integer("plugins.loadTimeoutMs"))))
            _slots[name].refusal = reason;
    }
    catch (const Poco::Exception& exc)
    {
        Poco::Logger::get("tenon.plugin").warning("libraries are loaded without a trial: " + exc.displayText());
    }
}

/// Compares what was loaded with the lock file, if there is one.
void PluginManager::checkLock(const Slot& slot)
{
    const std::string path = _settings->text("plugins.lock");
    if (path.empty())
        return;
    for (const auto& difference :
         LockFile::read(path).differences(slot.file.name, slot.image->sha256(), slot.entries.toolDigests))
    {
        if (_settings->text("plugins.lockMode") == "refuse")
            throw LoadException("it differs from " + path + ": " + difference);
        logOfPlugin(slot.file.name, TENON_LOG_WARNING, "it differs from " + path + ": " + difference);
    }
}

/// Loads a slot that was prepared.
void PluginManager::load(Slot& slot, const Slot* before)
{
    if (!slot.refusal.empty() || !slot.config.enabled)
        return;
    try
    {
        if (const auto probe = std::exchange(slot.probe, nullptr))
            (void)probe->offer();
        // What hangs in the predecessor is not the successor's burden.
        if (before && before->limit && before->limit->maxConcurrent == slot.limit->maxConcurrent &&
            !before->limit->lacks())
            slot.limit = before->limit;
        if (!slot.instance)
            slot.instance =
                _threads->adopt(std::make_unique<InProcessInstance>(slot.config, slot.image, _threads, slot.limit));
        const Offer offer = slot.instance->offer();
        slot.entries = readOffer(slot.config, offer, slot.instance, slot.limit, before ? &before->entries : nullptr);
        checkLock(slot);
        slot.startsLater = before && before->instance && !before->quarantined && offer.keepsState;
        if (!slot.startsLater)
            slot.instance->start(nullptr);
        return;
    }
    catch (const Poco::Exception& exc)
    {
        slot.refusal = exc.message();
    }
    catch (const std::exception& exc)
    {
        slot.refusal = exc.what();
    }
    slot.instance.reset();
    slot.entries = {};
}

/// The plugin said that a list of its changed.
void PluginManager::reread(const std::string& plugin)
{
    std::lock_guard lock(_mutex);
    const auto found = _slots.find(plugin);
    if (_stopped || found == _slots.end() || !found->second.instance || found->second.quarantined)
        return;
    Slot& slot = found->second;
    try
    {
        slot.entries = readOffer(slot.config, slot.instance->offer(), slot.instance, slot.limit, &slot.entries);
        publish();
    }
    catch (const Poco::Exception& exc)
    {
        logOfPlugin(plugin, TENON_LOG_ERROR, "its changed lists are not taken over: " + exc.message());
    }
}

/// Makes the catalogue of what the slots hold, and tells whoever listens. `_mutex` is held.
void PluginManager::publish()
{
    std::vector<std::pair<InstancePtr, const Entries*>> plugins;
    std::vector<Refusal> refusals;
    std::vector<std::pair<PluginStatus, std::shared_ptr<ManagedInstance>>> report;
    for (const auto& [name, slot] : _slots)
    {
        PluginStatus status;
        status.name = name;
        status.file = slot.file.path;
        status.sha256 = slot.image ? slot.image->sha256() : std::string();
        status.isolation = slot.config.isolation == Isolation::PROCESS ? "process" : "none";
        status.state = !slot.refusal.empty() ? "refused" : slot.instance ? "running" : "disabled";
        status.reason = slot.refusal;
        if (!slot.refusal.empty())
            refusals.push_back({name, "", slot.refusal});
        if (slot.instance && !slot.quarantined)
        {
            plugins.emplace_back(slot.instance, &slot.entries);
            refusals.insert(refusals.end(), slot.entries.refusals.begin(), slot.entries.refusals.end());
            status.version = slot.entries.version;
            status.tools = slot.entries.tools.size();
            status.resources = slot.entries.resources.size();
            status.templates = slot.entries.templates.size();
            status.prompts = slot.entries.prompts.size();
        }
        if (!slot.candidateRefusal.empty())
            refusals.push_back({name, "the new file", slot.candidateRefusal});
        status.reloads = slot.reloads;
        status.failedReloads = slot.failedReloads;
        report.emplace_back(std::move(status), slot.instance);
    }
    const auto next = merge(plugins, refusals);
    next->seal();

    const CataloguePtr before = _current.get();
    const bool tools = !sameDefinitions(before->tools, next->tools);
    const bool resources = !sameDefinitions(before->resources, next->resources) ||
                           !sameDefinitions(before->templates, next->templates) ||
                           !sameDefinitions(before->skills, next->skills);
    const bool prompts = !sameDefinitions(before->prompts, next->prompts);
    next->version = before->version + 1;
    next->toolsVersion = before->toolsVersion + (tools ? 1 : 0);
    next->resourcesVersion = before->resourcesVersion + (resources ? 1 : 0);
    next->promptsVersion = before->promptsVersion + (prompts ? 1 : 0);
    {
        std::lock_guard lock(_reportMutex);
        for (const auto& refusal : refusals)
            if (std::find(_refusals.begin(), _refusals.end(), refusal) == _refusals.end())
                logRefusal(refusal);
        _refusals = std::move(refusals);
        _report.swap(report);
    }
    _current.set(next);
    report.clear();

    std::lock_guard lock(_listenerMutex);
    for (CatalogueListener* listener : _listeners)
        listener->catalogueChanged(next, tools, resources, prompts);
}

} // namespace tenon::plugin
