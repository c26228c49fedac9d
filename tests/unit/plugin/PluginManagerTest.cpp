#include "unit/plugin/PluginFolder.h"

#include <atomic>
#include <thread>

namespace tenon::plugin
{

/// What is taken into the catalogue, what is refused, and how it changes.
class PluginManagerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(PluginManagerTest);
    CPPUNIT_TEST(emptyFolderGivesEmptyCatalogue);
    CPPUNIT_TEST(refusedFilesHaveReasonsAndTheRestStarts);
    CPPUNIT_TEST(badToolsAreRefusedAloneWithReasons);
    CPPUNIT_TEST(brokenHeaderAnnotationsRefuseTheirTools);
    CPPUNIT_TEST(firstPluginByNameKeepsAToolAndAPrefixMendsIt);
    CPPUNIT_TEST(toolsAreAllowedAndDeniedByGlob);
    CPPUNIT_TEST(settingsOverrideDefinitions);
    CPPUNIT_TEST(declarationsReachTheEntries);
    CPPUNIT_TEST(disabledPluginIsNotLoaded);
    CPPUNIT_TEST(wrongDigestIsRefused);
    CPPUNIT_TEST(sameFileLoadsTwiceAsTwoPlugins);
    CPPUNIT_TEST(changedListIsReadAgainAndToldOnce);
    CPPUNIT_TEST(updatedResourceIsTold);
    CPPUNIT_TEST(runningCallsKeepTheirPluginWhenTheManagerStops);
    CPPUNIT_TEST(readersSeeWholeCatalogues);
    CPPUNIT_TEST_SUITE_END();

    struct Listener : CatalogueListener
    {
        std::mutex mutex;
        std::condition_variable changed;
        int changes = 0;
        bool tools = false, resources = false, prompts = false;
        std::vector<std::string> updated;

        void catalogueChanged(const CataloguePtr&, bool t, bool r, bool p) override
        {
            std::lock_guard lock(mutex);
            ++changes;
            tools = t, resources = r, prompts = p;
            changed.notify_all();
        }
        void resourceUpdated(std::string_view uri) override
        {
            std::lock_guard lock(mutex);
            updated.emplace_back(uri);
        }
        bool waitForChange()
        {
            std::unique_lock lock(mutex);
            return changed.wait_for(lock, std::chrono::seconds(10), [this] { return changes > 0; });
        }
    };

    void emptyFolderGivesEmptyCatalogue()
    {
        PluginFolder folder{{}};
        auto& manager = folder.start();
        CPPUNIT_ASSERT(manager.current()->tools.empty());
        CPPUNIT_ASSERT(manager.refusals().empty());
        auto nowhere = PluginManager(base::Settings::of({{"plugins.directory", "/nowhere/at/all"}}, settings()));
        nowhere.start();
        CPPUNIT_ASSERT(nowhere.current()->tools.empty());
    }

    void refusedFilesHaveReasonsAndTheRestStarts()
    {
        PluginFolder folder{{"echo", "not_a_library", "no_entry", "wrong_abi", "newer_minor", "before_frozen",
                             "create_fails", "start_fails", "throws_in_create", "bad_manifest"}};
        folder.put("echo", "bad.name");
        auto& manager = folder.start();
        CPPUNIT_ASSERT(manager.current()->tool("echo"));
        CPPUNIT_ASSERT(!manager.current()->tool("never_started"));
        ASSERT_CONTAINS("not a library", reasonOf(manager, "not_a_library"));
        ASSERT_CONTAINS("tenon_entry", reasonOf(manager, "no_entry"));
        ASSERT_CONTAINS("version 2.0", reasonOf(manager, "wrong_abi"));
        ASSERT_CONTAINS("version 1.2", reasonOf(manager, "newer_minor"));
        ASSERT_CONTAINS("compile it again", reasonOf(manager, "before_frozen"));
        ASSERT_CONTAINS("create failed with TENON_ERROR_RESOURCES; it said: the moon",
                        reasonOf(manager, "create_fails"));
        ASSERT_CONTAINS("start failed", reasonOf(manager, "start_fails"));
        ASSERT_CONTAINS("thrown by create", reasonOf(manager, "throws_in_create"));
        ASSERT_CONTAINS("'version'", reasonOf(manager, "bad_manifest"));
        ASSERT_CONTAINS("file name", reasonOf(manager, "bad.name"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(10), manager.refusals().size());
        int running = 0, refused = 0, failed = 0;
        for (const auto& status : manager.status())
        {
            running += status.state == "running";
            refused += status.state == "refused" && !status.reason.empty();
            failed += status.state == "failed" && !status.reason.empty();
        }
        CPPUNIT_ASSERT_EQUAL(1, running);
        CPPUNIT_ASSERT_EQUAL(9, refused);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("what did not start", 1, failed);
    }

    void badToolsAreRefusedAloneWithReasons()
    {
        PluginFolder folder{{"bad_schema"}};
        auto& manager = folder.start();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), manager.current()->tools.size());
        CPPUNIT_ASSERT_EQUAL(std::string("good"), PluginFolder::call(manager, "good")->text());
        ASSERT_CONTAINS("no 'inputSchema'", reasonOf(manager, "bad_schema", "tool 'no_schema'"));
        ASSERT_CONTAINS("type 'object'", reasonOf(manager, "bad_schema", "tool 'no_object'"));
        ASSERT_CONTAINS("'inputSchema' is invalid", reasonOf(manager, "bad_schema", "tool 'bad_type'"));
        ASSERT_CONTAINS("'outputSchema' is invalid", reasonOf(manager, "bad_schema", "tool 'bad_output'"));
        ASSERT_CONTAINS("name must", reasonOf(manager, "bad_schema", "tool 'bad name'"));
        ASSERT_CONTAINS("lacks 'name'", reasonOf(manager, "bad_schema", "tool 6"));
        ASSERT_CONTAINS("concurrency", reasonOf(manager, "bad_schema", "tool 'bad_concurrency'"));
        ASSERT_CONTAINS("lacks 'name'", reasonOf(manager, "bad_schema", "tool 8"));
    }

    void brokenHeaderAnnotationsRefuseTheirTools()
    {
        PluginFolder folder{{"bad_header_annotation"}};
        auto& manager = folder.start();
        const auto catalogue = manager.current();
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), catalogue->tools.size());
        const auto* good = catalogue->tool("good_header");
        CPPUNIT_ASSERT(good && good->headerParameters.size() == 1);
        CPPUNIT_ASSERT_EQUAL(std::string("Region"), good->headerParameters[0].header);
        for (const char* tool : {"number_header", "item_header", "twice_header"})
            ASSERT_CONTAINS("x-mcp-header",
                            reasonOf(manager, "bad_header_annotation", std::string("tool '") + tool + "'"));
    }

    void firstPluginByNameKeepsAToolAndAPrefixMendsIt()
    {
        PluginFolder folder{{"duplicate_tool", "echo"}};
        auto& manager = folder.start();
        CPPUNIT_ASSERT_EQUAL(std::string("other echo"), PluginFolder::call(manager, "echo")->text());
        ASSERT_CONTAINS("'duplicate_tool' offers it already", reasonOf(manager, "echo", "tool 'echo'"));
        ASSERT_CONTAINS("twice", reasonOf(manager, "duplicate_tool", "tool 'twice'"));
        CPPUNIT_ASSERT_EQUAL(std::string("first"), PluginFolder::call(manager, "twice")->text());

        auto& mended = folder.start({{"plugin.duplicate_tool.prefix", "dup_"}});
        CPPUNIT_ASSERT_EQUAL(std::string("other echo"), PluginFolder::call(mended, "dup_echo")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("me"), PluginFolder::call(mended, "echo", R"({"text":"me"})")->text());
        CPPUNIT_ASSERT_EQUAL(std::string(""), reasonOf(mended, "echo", "tool 'echo'"));
    }

    void toolsAreAllowedAndDeniedByGlob()
    {
        PluginFolder folder{{"echo"}};
        const auto catalogue =
            folder.start({{"plugin.echo.tools.allow", "sleep*, echo"}, {"plugin.echo.tools.deny", "*_async"}})
                .current();
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), catalogue->tools.size());
        CPPUNIT_ASSERT(catalogue->tool("echo") && catalogue->tool("sleep"));
        CPPUNIT_ASSERT_EQUAL(std::uint32_t(1), catalogue->tool("sleep")->index);
    }

    void settingsOverrideDefinitions()
    {
        PluginFolder folder{{"echo"}};
        const auto catalogue = folder
                                   .start({{"plugin.echo.tool.echo.title", "Parrot"},
                                           {"plugin.echo.tool.echo.description", "Repeats \"it\""},
                                           {"plugin.echo.tool.echo.annotations.readOnlyHint", "false"},
                                           {"plugin.echo.tool.echo.annotations.idempotentHint", "true"},
                                           {"plugin.echo.tool.echo.timeoutMs", "77"}})
                                   .current();
        const auto* tool = catalogue->tool("echo");
        CPPUNIT_ASSERT(tool);
        const auto definition = base::JsonDocument::parse(tool->definition.text());
        const auto root = definition->root();
        CPPUNIT_ASSERT_EQUAL(std::string_view("Parrot"), base::textMember(root, "title"));
        CPPUNIT_ASSERT_EQUAL(std::string_view("Repeats \"it\""), base::textMember(root, "description"));
        CPPUNIT_ASSERT(!bool(root["annotations"]["readOnlyHint"]));
        CPPUNIT_ASSERT(bool(root["annotations"]["idempotentHint"]));
        CPPUNIT_ASSERT(!tool->readOnly);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(77), tool->timeoutMs);

        PluginFolder wrong{{"echo"}};
        auto& manager = wrong.start({{"plugin.echo.tool.echo.titel", "Parrot"}});
        ASSERT_CONTAINS("titel", reasonOf(manager, "echo"));
    }

    void declarationsReachTheEntries()
    {
        PluginFolder folder{{"echo"}};
        const auto catalogue = folder.start().current();
        const auto* serial = catalogue->tool("serial");
        CPPUNIT_ASSERT_EQUAL(std::int64_t(1234), serial->timeoutMs);
        CPPUNIT_ASSERT(serial->definition.text().find("tenon") == std::string::npos);
        CPPUNIT_ASSERT(serial->queue->enter("", [] { return [] {}; }) == EntryQueue::Entry::NOW);
        CPPUNIT_ASSERT(serial->queue->enter("", [] { return [] {}; }) == EntryQueue::Entry::LATER);
        CPPUNIT_ASSERT(catalogue->tool("echo")->readOnly);
        CPPUNIT_ASSERT_EQUAL(std::int64_t(-1), catalogue->tool("echo")->timeoutMs);
        for (std::size_t at = 1; at < catalogue->tools.size(); ++at)
            CPPUNIT_ASSERT(catalogue->tools[at - 1].name < catalogue->tools[at].name);
    }

    void disabledPluginIsNotLoaded()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start({{"plugin.echo.enabled", "false"}});
        CPPUNIT_ASSERT(manager.current()->tools.empty());
        CPPUNIT_ASSERT_EQUAL(std::string("disabled"), manager.status().at(0).state);
        CPPUNIT_ASSERT(manager.refusals().empty());
    }

    void wrongDigestIsRefused()
    {
        PluginFolder folder{{"echo"}};
        const std::string digest = LibraryImage(folder.path("echo")).sha256();
        CPPUNIT_ASSERT_EQUAL(std::size_t(64), digest.size());
        CPPUNIT_ASSERT(folder.start({{"plugin.echo.sha256", digest}}).current()->tool("echo"));
        auto& manager = folder.start({{"plugin.echo.sha256", std::string(64, '0')}});
        ASSERT_CONTAINS(digest, reasonOf(manager, "echo"));
    }

    void sameFileLoadsTwiceAsTwoPlugins()
    {
        PluginFolder folder{{"echo"}};
        folder.put("echo", "echo2");
        auto& manager = folder.start({{"plugin.echo2.prefix", "two_"}});
        CPPUNIT_ASSERT_EQUAL(std::string("1"), PluginFolder::call(manager, "count")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("2"), PluginFolder::call(manager, "count")->text());
        CPPUNIT_ASSERT_EQUAL(std::string("1"), PluginFolder::call(manager, "two_count")->text());
    }

    void changedListIsReadAgainAndToldOnce()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start();
        Listener listener;
        manager.addListener(listener);
        auto before = manager.current();
        CPPUNIT_ASSERT(!before->tool("grown"));
        PluginFolder::call(manager, "grow");
        CPPUNIT_ASSERT(listener.waitForChange());
        CPPUNIT_ASSERT(listener.tools && !listener.resources && !listener.prompts);
        auto after = manager.current();
        CPPUNIT_ASSERT_EQUAL(before->toolsVersion + 1, after->toolsVersion);
        CPPUNIT_ASSERT_EQUAL(before->promptsVersion, after->promptsVersion);
        CPPUNIT_ASSERT_EQUAL(std::string("new"), PluginFolder::call(manager, "grown")->text());
        CPPUNIT_ASSERT(before->tool("serial")->queue == after->tool("serial")->queue);
        CPPUNIT_ASSERT(before->tool("serial")->inputSchema == after->tool("serial")->inputSchema);
        before.reset();
        after.reset(); // the plugin cannot end while they hold it
        manager.stop();
        CPPUNIT_ASSERT_EQUAL(2, listener.changes); // the second one is the stop
        manager.removeListener(listener);
    }

    void updatedResourceIsTold()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start();
        Listener listener;
        manager.addListener(listener);
        PluginFolder::call(manager, "touch");
        manager.removeListener(listener);
        PluginFolder::call(manager, "touch");
        CPPUNIT_ASSERT(listener.updated == std::vector<std::string>{"echo://said/touched"});
    }

    void runningCallsKeepTheirPluginWhenTheManagerStops()
    {
        PluginFolder folder{{"echo"}};
        auto& manager = folder.start();
        const auto call = std::make_shared<FakeCall>(R"({"ms":100})");
        std::thread caller([&] { PluginFolder::enter(manager, "sleep", call); });
        while (manager.status().at(0).instance.callsInside == 0)
            std::this_thread::yield();
        manager.stop();
        caller.join();
        CPPUNIT_ASSERT_EQUAL(std::string("slept"), call->text());
    }

    void readersSeeWholeCatalogues()
    {
        base::ReadMostly<Catalogue> shared;
        shared.set(std::make_shared<Catalogue>());
        std::atomic<bool> end{false};
        std::vector<std::thread> readers;
        for (int reader = 0; reader < 3; ++reader)
            readers.emplace_back(
                [&]
                {
                    std::uint64_t last = 0;
                    while (!end)
                    {
                        const auto seen = shared.get();
                        CPPUNIT_ASSERT(seen->version >= last && seen->tools.size() == seen->version % 3);
                        last = seen->version;
                    }
                });
        std::weak_ptr<const Catalogue> previous;
        for (std::uint64_t version = 1; version < 200; ++version)
        {
            auto next = std::make_shared<Catalogue>();
            next->version = version;
            next->tools.resize(version % 3);
            shared.set(next);
        }
        end = true;
        for (auto& reader : readers)
            reader.join();
        auto last = std::make_shared<Catalogue>();
        previous = last;
        shared.set(std::move(last));
        shared.set(std::make_shared<Catalogue>());
        CPPUNIT_ASSERT_MESSAGE("a replaced catalogue is kept", previous.expired());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PluginManagerTest);

} // namespace tenon::plugin
