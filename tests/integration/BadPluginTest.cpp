#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>

using namespace tenon::tests;

/// A plugin that cannot be used is refused with the reason, and the rest starts.
class BadPluginTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BadPluginTest);
    CPPUNIT_TEST(fileThatIsNoLibrary);
    CPPUNIT_TEST(libraryWithoutEntry);
    CPPUNIT_TEST(otherAbiVersion);
    CPPUNIT_TEST(duplicateToolName);
    CPPUNIT_TEST(invalidSchema);
    CPPUNIT_TEST(throwsWhileLoading);
    CPPUNIT_TEST(crashesWhileLoading);
    CPPUNIT_TEST(emptyFolderServes);
    CPPUNIT_TEST(missingFolderIsNamed);
    CPPUNIT_TEST_SUITE_END();

    /// Starts with the good plugins and `file` beside them; the log must say `reason`.
    void assertRefused(const std::string& file, const std::vector<std::string>& reasons)
    {
        const TemporaryFolder folder;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(TENON_TEST_PLUGINS))
        {
            if (entry.is_regular_file() && entry.path().extension() == ".so")
                std::filesystem::copy(entry.path(), folder.path(entry.path().filename().string()));
        }
        std::filesystem::copy(file, folder.path(std::filesystem::path(file).filename().string()));

        const auto server = ServerProcess::serve({"--plugins.directory=" + folder.path()});
        assertServes(server->port());
        const HttpReply tools = modernRequest(server->port(), "tools/list");
        CPPUNIT_ASSERT_MESSAGE(tools.body, tools.body.find("\"name\"") != std::string::npos);
        server->stop();
        const std::string output = server->output();
        for (const std::string& reason : reasons)
            CPPUNIT_ASSERT_MESSAGE("\"" + reason + "\" is not in:\n" + output,
                                   output.find(reason) != std::string::npos);
    }

    static std::string fixture(const std::string& name) { return TENON_TEST_FIXTURES "/" + name + ".so"; }

    void fileThatIsNoLibrary()
    {
        const TemporaryFolder folder;
        assertRefused(folder.write("nonsense.so", "this is text\n"), {"nonsense"});
        assertRefused(folder.write("empty.so", ""), {"empty"});
    }

    void libraryWithoutEntry() { assertRefused(fixture("no_entry"), {"no_entry"}); }
    void otherAbiVersion() { assertRefused(fixture("wrong_abi"), {"wrong_abi", "ABI"}); }
    void duplicateToolName() { assertRefused(fixture("duplicate_tool"), {"duplicate_tool"}); }
    void invalidSchema() { assertRefused(fixture("bad_schema"), {"bad_schema"}); }

    void throwsWhileLoading()
    {
        assertRefused(fixture("throws_in_create"), {"throws_in_create"});
        assertRefused(fixture("create_fails"), {"create_fails"});
    }

    void crashesWhileLoading()
    {
        // Looked at in a child process first, so that not even these take the server down.
        assertRefused(fixture("throws_at_load"), {"throws_at_load"});
        assertRefused(fixture("crashes_at_load"), {"crashes_at_load"});
    }

    void missingFolderIsNamed()
    {
        const auto server = ServerProcess::serve({"--plugins.directory=/no/such/folder"});
        assertServes(server->port());
        server->stop();
        const std::string output = server->output();
        CPPUNIT_ASSERT_MESSAGE(output, output.find("no such folder: /no/such/folder") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(output, output.find("0 plugins with 0 tools") != std::string::npos);
    }

    void emptyFolderServes()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve({"--plugins.directory=" + folder.path()});
        const HttpReply tools = modernRequest(server->port(), "tools/list");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(tools.body, 200, tools.status);
        server->stop();
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BadPluginTest);
