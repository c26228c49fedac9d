#include "unit/plugin/PluginFolder.h"

#include <Poco/FileStream.h>

namespace tenon::plugin
{

/// What a confined plugin can still do.
class SandboxTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SandboxTest);
    CPPUNIT_TEST(confinedPluginGetsNothingElse);
    CPPUNIT_TEST(whatIsAllowedWorks);
    CPPUNIT_TEST(withoutSandboxEverythingWorks);
    CPPUNIT_TEST(sandboxWithoutWorkerIsRefused);
    CPPUNIT_TEST(missingFolderIsRefused);
    CPPUNIT_TEST_SUITE_END();

    Poco::File _folder{Poco::TemporaryFile::tempName()};
    std::string _mine = _folder.path() + "/mine", _other = _folder.path() + "/other";
    PluginFolder _plugins{{"escapes"}};

public:
    void setUp() override
    {
        for (const auto& folder : {_mine, _other})
        {
            Poco::File(folder).createDirectories();
            Poco::FileOutputStream(folder + "/file") << "text";
        }
    }
    void tearDown() override
    {
        _plugins.manager.reset();
        _folder.remove(true);
    }

private:
    PluginManager& start(std::map<std::string, std::string> values)
    {
        values.emplace("plugins.isolation", "process");
        auto& manager = _plugins.start(std::move(values), TENON_WORKER);
        CPPUNIT_ASSERT_EQUAL(std::string(""), reasonOf(manager, "escapes"));
        return manager;
    }

    static std::string run(PluginManager& manager, const std::string& tool, const std::string& path = "")
    {
        return PluginFolder::call(manager, tool, R"({"path":")" + path + "\"}")->text();
    }

    static void denied(const std::string& answer)
    {
        CPPUNIT_ASSERT_MESSAGE(answer, answer == "Permission denied" || answer == "Operation not permitted");
    }

    void confinedPluginGetsNothingElse()
    {
        auto& manager = start({{"plugin.escapes.sandbox.read", _mine}});
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "read", _mine + "/file"));
        denied(run(manager, "write", _mine + "/file"));
        denied(run(manager, "write", _mine + "/new"));
        denied(run(manager, "read", _mine + "/../other/file"));
        denied(run(manager, "read", "/etc/shadow"));
        denied(run(manager, "read", "/proc/self/environ"));
        denied(run(manager, "socket"));
        denied(run(manager, "fork"));
        denied(run(manager, "execute"));
        denied(run(manager, "signal_parent"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "thread"));
        CPPUNIT_ASSERT(!Poco::File(_mine + "/new").exists());
    }

    void whatIsAllowedWorks()
    {
        auto& manager = start({{"plugin.escapes.sandbox.write", _mine},
                               {"plugin.escapes.sandbox.network", "true"},
                               {"plugin.escapes.sandbox.processes", "true"}});
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "write", _mine + "/new"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "read", _mine + "/new"));
        denied(run(manager, "read", _other + "/file"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "socket"));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "fork"));
    }

    void withoutSandboxEverythingWorks()
    {
        auto& manager = start({});
        for (const char* tool : {"socket", "fork", "signal_parent", "thread"})
            CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, tool));
        CPPUNIT_ASSERT_EQUAL(std::string("got it"), run(manager, "read", _other + "/file"));
    }

    void sandboxWithoutWorkerIsRefused()
    {
        auto& manager = _plugins.start({{"plugin.escapes.sandbox.read", _mine}}, TENON_WORKER);
        ASSERT_CONTAINS("isolation = process", reasonOf(manager, "escapes"));
    }

    void missingFolderIsRefused()
    {
        auto& manager = _plugins.start(
            {{"plugins.isolation", "process"}, {"plugin.escapes.sandbox.read", _folder.path() + "/nowhere"}},
            TENON_WORKER);
        ASSERT_CONTAINS("nowhere", reasonOf(manager, "escapes"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SandboxTest);

} // namespace tenon::plugin
