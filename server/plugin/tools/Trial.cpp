#include "plugin/tools/Trial.h"

#include "plugin/worker/Workers.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <Poco/Path.h>

#include <chrono>
#include <utility>

namespace tenon::plugin
{

Trial::Trial(const std::string& file, std::map<std::string, std::string> settings)
    : _threads(std::make_shared<PluginThreads>(static_cast<InstanceOwner&>(*this)))
{
    config.name = nameOf(file);
    config.allow = {"*"};
    config.isolation = Isolation::PROCESS;
    config.maxConcurrent = 64;
    config.maxQueued = 1000;
    config.maxCrashes = 1000;
    config.settings.values = std::move(settings);
    const auto begin = std::chrono::steady_clock::now();
    image = std::make_shared<LibraryImage>(file);
    try
    {
        instance = makeWorkerInstance({config, image, ownExecutable()}, _threads);
        offer = instance->offer();
        loadMs = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        entries = readOffer(config, offer, instance, std::make_shared<PluginLimit>(0), nullptr);
    }
    catch (...)
    {
        instance.reset();
        (void)_threads->waitUntilGone(std::chrono::seconds(5));
        _threads->stop();
        throw;
    }
}

Trial::~Trial()
{
    _threads->disown();
    entries = {};
    instance.reset();
    _threads->waitUntilGone(std::chrono::seconds(5));
    _threads->stop();
}

const ToolEntry* Trial::tool(const std::string& name) const
{
    for (const auto& entry : entries.tools)
        if (entry.name == name)
            return &entry;
    return nullptr;
}

std::string Trial::nameOf(const std::string& file)
{
    return Poco::Path(file).getBaseName();
}

} // namespace tenon::plugin
