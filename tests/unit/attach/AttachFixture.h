#pragma once

#include "unit/plugin/PluginFolder.h"

#include <tenon/attach.hpp>

#include <Poco/TemporaryFile.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace tenon::tests
{

using namespace std::chrono_literals;
using plugin::assertContains;

/// A plugin manager to which programs can attach, and programs.
class AttachFixture
{
public:
    AttachFixture() { _folder.createDirectories(); }
    ~AttachFixture()
    {
        manager.reset();
        _folder.remove(true);
    }

    /// Starts a server, in place of the one before.
    void serve(std::map<std::string, std::string> more = {}, base::Budget* budget = nullptr)
    {
        manager.reset();
        std::map<std::string, std::string> values = {{"plugins.directory", _folder.path() + "/none"},
                                                     {"attach.enabled", "true"},
                                                     {"attach.socket", socket()},
                                                     {"attach.editor.users", "*"},
                                                     {"attach.editor.waitMs", "10000"}};
        for (auto& [key, value] : more)
            values[key] = value;
        manager = std::make_unique<plugin::PluginManager>(base::Settings::of(std::move(values), plugin::settings()), 0,
                                                          std::string(), budget);
        manager->start();
    }

    std::string socket() const { return _folder.path() + "/attach.sock"; }

    /// A program that lends what `body` declares.
    std::unique_ptr<Attachment> attach(std::function<void(Plugin&)> body, AttachOptions options = {},
                                       const std::string& name = "editor")
    {
        options.socket = socket();
        return std::make_unique<Attachment>(name, "1.0.0", std::move(body), std::move(options));
    }

    std::unique_ptr<Attachment> attached(std::function<void(Plugin&)> body, AttachOptions options = {})
    {
        auto made = attach(std::move(body), std::move(options));
        CPPUNIT_ASSERT_MESSAGE(made->reason(), made->wait(20s));
        until("its tools are listed", [&] { return !manager->current()->tools.empty(); });
        return made;
    }

    static void until(const std::string& what, const std::function<bool()>& holds)
    {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (!holds())
        {
            CPPUNIT_ASSERT_MESSAGE("never: " + what, std::chrono::steady_clock::now() < end);
            std::this_thread::sleep_for(1ms);
        }
    }

    std::shared_ptr<plugin::FakeCall> enter(const std::string& tool, const std::string& arguments = "{}",
                                            const std::string& session = {})
    {
        const auto call = std::make_shared<plugin::FakeCall>(arguments);
        call->principal = session;
        plugin::PluginFolder::enter(*manager, tool, call);
        return call;
    }

    /// What a call gives in the end: its result, or "failed: " and its message.
    std::string result(const std::shared_ptr<plugin::FakeCall>& call)
    {
        CPPUNIT_ASSERT_MESSAGE("the call did not end", call->wait());
        return call->failure == TENON_OK ? call->result : "failed: " + call->failureMessage;
    }

    std::string call(const std::string& tool, const std::string& arguments = "{}", const std::string& session = {})
    {
        return result(enter(tool, arguments, session));
    }

    static std::string textResult(const std::string& text)
    {
        return R"({"content":[{"type":"text","text":")" + text + R"("}]})";
    }

    std::unique_ptr<plugin::PluginManager> manager;

private:
    Poco::File _folder{Poco::TemporaryFile::tempName()};
};

} // namespace tenon::tests
