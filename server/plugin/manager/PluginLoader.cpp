#include "plugin/manager/PluginLoader.h"

#include "base/settings/SettingsException.h"
#include "base/text/Reason.h"
#include "plugin/call/LoadException.h"
#include "plugin/call/PluginLog.h"
#include "plugin/config/DeclaredSettings.h"
#include "plugin/config/LockFile.h"
#include "plugin/process/InProcessInstance.h"
#include "plugin/worker/Workers.h"
#include "plugin/worker/process/ForkProbe.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace tenon::plugin
{

PluginLoader::PluginLoader(base::SettingsPtr settings, std::size_t defaultMaxConcurrent, std::string executable,
                           std::shared_ptr<PluginThreads> threads, base::Budget* budget)
    : _settings(std::move(settings)), _defaultMaxConcurrent(defaultMaxConcurrent), _executable(std::move(executable)),
      _threads(std::move(threads)), _budget(budget)
{
}

void PluginLoader::refuse(PluginSlot& slot, const std::exception& why)
{
    slot.refusal = base::reasonOf(why);
    slot.instance.reset();
    slot.entries = {};
}

void PluginLoader::prepare(PluginSlot& slot) const
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
    }
    catch (const Poco::Exception& exc)
    {
        slot.refusal = exc.message();
    }
}

void PluginLoader::launch(PluginSlot& slot, bool probeInWorker) const
{
    if (!slot.refusal.empty() || !slot.config.enabled)
        return;
    WorkerPlan plan{slot.config, slot.image, _executable};
    plan.maxMessageBytes = std::min(PluginConfig::largestMessage(*_settings, "plugin." + slot.file.name + "."),
                                    FrameSplitter::MAX_UNFINISHED);
    plan.budget = _budget;
    try
    {
        if (slot.config.isolation == Isolation::PROCESS)
            slot.instance = makeWorkerInstance(plan, _threads, slot.limit);
        else if (probeInWorker && !_executable.empty() && _settings->boolean("plugins.probe"))
        {
            plan.trial = true;
            slot.probe = makeWorkerInstance(plan, _threads);
        }
    }
    catch (const Poco::Exception& exc)
    {
        slot.refusal = exc.message();
    }
}

void PluginLoader::probeAll(PluginSlots& slots) const
{
    if (!_settings->boolean("plugins.probe"))
        return;
    std::vector<ProbeSubject> subjects;
    for (const auto& [name, slot] : slots)
        if (slot.image && slot.refusal.empty() && slot.config.isolation == Isolation::NONE)
            subjects.push_back({name, slot.image, slot.config.settings});
    try
    {
        for (const auto& [name, reason] :
             probeInFork(subjects, std::chrono::milliseconds(_settings->integer("plugins.loadTimeoutMs"))))
            slots[name].refusal = reason;
    }
    catch (const Poco::Exception& exc)
    {
        Poco::Logger::get("tenon.plugin")
            .warning("loading libraries without trying them in a child process first: " + exc.displayText());
    }
}

/// Compares what was loaded with the lock file, if there is one.
void PluginLoader::checkLock(PluginSlot& slot) const
{
    slot.pinned = !slot.config.sha256.empty();
    const std::string path = _settings->text("plugins.lock");
    if (path.empty())
        return;
    const auto differences =
        LockFile::read(path).differences(slot.file.name, slot.image->sha256(), slot.entries.toolDigests);
    slot.pinned = slot.pinned || differences.empty();
    for (const auto& difference : differences)
    {
        if (_settings->text("plugins.lockMode") == "refuse")
            throw LoadException("it differs from " + path + ": " + difference);
        logOfPlugin(slot.file.name, TENON_LOG_WARNING, "it differs from " + path + ": " + difference);
    }
}

void PluginLoader::load(PluginSlot& slot, const PluginSlot* before) const
{
    if (!slot.refusal.empty() || !slot.config.enabled)
        return;
    try
    {
        if (const auto probe = std::exchange(slot.probe, nullptr))
            (void)probe->offer();
        // What hangs in the predecessor is not the successor's burden.
        if (before && before->limit && before->limit->maxConcurrent == slot.limit->maxConcurrent &&
            slot.config.isolation == Isolation::NONE && !before->limit->lacks())
            slot.limit = before->limit;
        if (!slot.instance)
            slot.instance =
                _threads->adopt(std::make_unique<InProcessInstance>(slot.config, slot.image, _threads, slot.limit));
        const Offer offer = slot.instance->offer();
        requireDeclaredSettings(*_settings, slot.file.name, offer.manifest);
        slot.entries = readOffer(slot.config, offer, slot.instance, slot.limit, before ? &before->entries : nullptr);
        checkLock(slot);
        slot.startsLater = before && before->instance && !before->quarantined && offer.keepsState;
    }
    catch (const base::SettingsException& exc)
    {
        refuse(slot, exc);
        slot.settingsFault = exc.message();
    }
    catch (const std::exception& exc)
    {
        refuse(slot, exc);
    }
}

void PluginLoader::start(PluginSlot& slot, const Handover* before) const
{
    if (!slot.instance || slot.startsLater)
        return;
    try
    {
        slot.instance->start(before);
    }
    catch (const std::exception& exc)
    {
        refuse(slot, exc);
        slot.failed = true;
    }
}

void PluginLoader::bringUp(PluginSlot& slot, const PluginSlot* before) const
{
    prepare(slot);
    launch(slot, true);
    load(slot, before);
    start(slot);
}

} // namespace tenon::plugin
