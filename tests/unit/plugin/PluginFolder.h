#pragma once

#include "plugin/config/PluginSettings.h"
#include "plugin/manager/PluginManager.h"
#include "plugin/process/Library.h"
#include "support/Sanitizer.h"
#include "unit/plugin/FakeCall.h"

#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/TemporaryFile.h>

#include <cppunit/extensions/HelperMacros.h>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tenon::plugin
{

using tests::UNDER_ADDRESS_SANITIZER;
using tests::UNDER_SANITIZER;
constexpr const char* NULL_POINTER_IN_WORKER = UNDER_ADDRESS_SANITIZER ? "exit status 1" : "signal 11";
constexpr const char* NULL_POINTER_IN_COPY = UNDER_ADDRESS_SANITIZER         ? "exit status 1"
                                             : tests::UNDER_THREAD_SANITIZER ? "exit status 66"
                                                                             : "signal 11";

/// The path of a fixture's library.
inline std::string fixture(const std::string& name)
{
    return std::string(TENON_FIXTURES) + "/" + name + Library::suffix();
}

/// A folder of its own with copies of some fixtures, and a manager over it.
class PluginFolder
{
public:
    explicit PluginFolder(const std::vector<std::string>& names)
    {
        _folder.createDirectories();
        for (const auto& name : names)
            put(name, name);
    }
    ~PluginFolder()
    {
        manager.reset();
        _folder.remove(true);
    }

    /// Copies the fixture `name` as the plugin `as`, with `more` behind its end; a file that is there is replaced in
    /// one step.
    void put(const std::string& name, const std::string& as, const std::string& more = {})
    {
        const std::string target = path(as), fresh = _folder.path() + "/.fresh";
        Poco::File(fixture(name)).copyTo(fresh);
        Poco::FileOutputStream(fresh, std::ios::binary | std::ios::app) << more;
        Poco::File(fresh).renameTo(target);
    }
    void remove(const std::string& name) { Poco::File(path(name)).remove(); }
    std::string path(const std::string& name) const { return _folder.path() + "/" + name + Library::suffix(); }

    PluginManager& start(std::map<std::string, std::string> values = {}, const std::string& worker = {},
                         base::Budget* budget = nullptr)
    {
        values["plugins.directory"] = _folder.path();
        manager = std::make_unique<PluginManager>(base::Settings::of(std::move(values), settings()), 0, worker, budget);
        manager->start();
        return *manager;
    }

    /// Calls the tool and waits for the end if it comes later; a failure that `enter` returns ends the call as mcp
    /// does.
    static std::shared_ptr<FakeCall> call(PluginManager& manager, const std::string& tool,
                                          const std::string& arguments = "{}")
    {
        const auto call = std::make_shared<FakeCall>(arguments);
        enter(manager, tool, call);
        CPPUNIT_ASSERT_MESSAGE(tool + " did not end", call->wait());
        return call;
    }

    static tenon_status enter(PluginManager& manager, const std::string& tool, const std::shared_ptr<FakeCall>& call)
    {
        const auto catalogue = manager.current();
        const ToolEntry* entry = catalogue->tool(tool);
        CPPUNIT_ASSERT_MESSAGE("no tool " + tool, entry != nullptr);
        const auto status = entry->instance->enter(Target::TOOL, entry->index, call);
        if (status < TENON_OK)
            call->fail(status, "");
        if (status == TENON_INPUT_PENDING)
            call->inputPending();
        return status;
    }

    /// Orders a subscription and waits for the plugin's answer.
    static tenon_status subscribe(Instance& instance, const std::string& uri)
    {
        const auto answer = std::make_shared<std::promise<tenon_status>>();
        auto answered = answer->get_future();
        instance.subscribe(uri, [answer](tenon_status status) { answer->set_value(status); });
        CPPUNIT_ASSERT_MESSAGE("no answer", answered.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
        return answered.get();
    }

    std::unique_ptr<PluginManager> manager;

private:
    Poco::File _folder{Poco::TemporaryFile::tempName()};
};

/// The reason why `subject` of `plugin` was refused; empty if it was not.
inline std::string reasonOf(const PluginManager& manager, const std::string& plugin, const std::string& subject = "")
{
    for (const auto& refusal : manager.refusals())
        if (refusal.plugin == plugin && refusal.subject == subject)
            return refusal.reason;
    return {};
}

inline void assertContains(const std::string& part, const std::string& whole, const CppUnit::SourceLine& line)
{
    if (whole.find(part) == std::string::npos)
        CppUnit::Asserter::fail("'" + whole + "' lacks '" + part + "'", line);
}

#define ASSERT_CONTAINS(part, whole) assertContains(part, whole, CPPUNIT_SOURCELINE())

} // namespace tenon::plugin
