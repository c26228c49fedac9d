#include "ShippedPlugin.h"

#include <fstream>

class FilesystemBindingTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(FilesystemBindingTest);
    CPPUNIT_TEST(definitions);
    CPPUNIT_TEST(readsTextAndBytes);
    CPPUNIT_TEST(imagesAreImages);
    CPPUNIT_TEST(listsSearchesWrites);
    CPPUNIT_TEST(failuresHelp);
    CPPUNIT_TEST(resources);
    CPPUNIT_TEST(subscriptions);
    CPPUNIT_TEST(missingRootsAreLogged);
    CPPUNIT_TEST(changes);
    CPPUNIT_TEST(severalFiles);
    CPPUNIT_TEST(badSettingsRefuseThePlugin);
    CPPUNIT_TEST_SUITE_END();

    Folder _folder;

    ShippedPlugin::Settings settings(bool writable = false) const
    {
        return {{"roots", _folder.path()}, {"writable", writable ? "true" : "false"}, {"maxReadBytes", "100"}};
    }

    void put(const std::string& name, const std::string& data) const
    {
        std::ofstream(_folder.path(name), std::ios::binary) << data;
    }

    void definitions()
    {
        ShippedPlugin reading("filesystem", settings());
        checkDefinitions(reading);
        CPPUNIT_ASSERT_EQUAL(std::string("filesystem_list filesystem_stat filesystem_read filesystem_read_many "
                                         "filesystem_search filesystem_tree "),
                             reading.toolNames());
        for (const simdjson::dom::element tool : reading.tools())
            CPPUNIT_ASSERT(tool["annotations"]["readOnlyHint"].get_bool().value());
    }

    void readsTextAndBytes()
    {
        put("a.txt", "gr\xC3\xBC\xC3\x9F");
        put("b.bin", std::string("\0\xFF", 2));
        put("long", std::string(150, 'x'));
        ShippedPlugin plugin("filesystem", settings());
        CPPUNIT_ASSERT(plugin.structured("filesystem_read", R"({"path": "a.txt"})")["text"].get_string().value() ==
                       "gr\xC3\xBC\xC3\x9F");
        const auto bytes = plugin.structured("filesystem_read", R"({"path": "b.bin"})");
        CPPUNIT_ASSERT(bytes["base64"].get_string().value() == "AP8=" && bytes["text"].error());
        const auto cut = plugin.structured("filesystem_read", R"({"path": "long"})");
        CPPUNIT_ASSERT(cut["truncated"].get_bool().value() && cut["nextOffset"].get_uint64().value() == 100);
        const auto lines = plugin.structured("filesystem_read", R"({"path": "a.txt", "firstLine": 1, "lines": 1})");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), lines["lines"].get_uint64().value());
    }

    void imagesAreImages()
    {
        put("dot.png", std::string("\x89PNG\r\n\x1A\n\0\0", 10));
        ShippedPlugin plugin("filesystem", settings());
        tenon::test::MockCall made(R"({"path": "dot.png"})");
        plugin.call("filesystem_read", made);
        CPPUNIT_ASSERT_MESSAGE(made.result, contains(made.result, R"("type":"image")"));
        CPPUNIT_ASSERT(contains(made.result, R"("mimeType":"image/png")"));
    }

    void listsSearchesWrites()
    {
        ShippedPlugin plugin("filesystem", settings(true));
        checkDefinitions(plugin);
        const auto written = plugin.structured(
            "filesystem_write", R"({"path": "new/n.txt", "content": "needle", "createDirectories": true})");
        CPPUNIT_ASSERT(written["created"].get_bool().value());
        CPPUNIT_ASSERT(plugin.structured("filesystem_list", "{}")["entries"].at(0)["name"].get_string().value() ==
                       "new");
        const auto found = plugin.structured("filesystem_search", R"({"content": "needle", "exclude": [".git"]})");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), found["matches"].at(0)["line"].get_uint64().value());
        CPPUNIT_ASSERT(plugin.structured("filesystem_stat", R"({"path": "new/n.txt"})")["writable"].get_bool().value());
    }

    void failuresHelp()
    {
        ShippedPlugin plugin("filesystem", settings());
        CPPUNIT_ASSERT(contains(plugin.failure("filesystem_read", R"({"path": "/etc/passwd"})"), _folder.path()));
        CPPUNIT_ASSERT(contains(plugin.failure("filesystem_read", R"({"path": "../x"})"), ".."));
        CPPUNIT_ASSERT(contains(plugin.failure("filesystem_read", R"({"path": "nothing"})"), "filesystem_list"));
        CPPUNIT_ASSERT(contains(plugin.failure("filesystem_search", "{}"), "glob"));
    }

    void resources()
    {
        put("a b.txt", "text");
        put("long", std::string(150, 'x'));
        ShippedPlugin plugin("filesystem", settings());
        const std::string root = "file://" + _folder.path();
        CPPUNIT_ASSERT_EQUAL(root + " ", plugin.resourceUris());
        tenon_status status = TENON_OK;
        const auto read = [&](const std::string& uri) { return plugin.read(uri, status, "file:///{+path}", "path"); };
        const auto file = read(root + "/a%20b.txt");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), status);
        CPPUNIT_ASSERT(file["text"].get_string().value() == "text");
        CPPUNIT_ASSERT(file["mimeType"].get_string().value() == "text/plain");
        CPPUNIT_ASSERT(contains(plugin.read(root, status)["text"].get_string().value(), root + "/a%20b.txt\n"));
        read(root + "/nothing");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), status);
        read("file:///etc/passwd");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), status);
        read(root + "/%2e%2e/x");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_NOT_FOUND), status);
        read(root + "/long");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_ERROR_INVALID), status);
    }

    void subscriptions()
    {
        ShippedPlugin plugin("filesystem", settings());
        const std::string uri = "file://" + _folder.path("watched%2Etxt");
        CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), plugin.subscribe(uri));
        put("watched.txt", "1");
        // Told by the URI that was subscribed to, however it is written.
        CPPUNIT_ASSERT(plugin.waitForUpdate(uri));
        plugin.unsubscribe(uri);
        CPPUNIT_ASSERT(plugin.subscribe("file:///etc/passwd") != TENON_OK);
        CPPUNIT_ASSERT(plugin.subscribe("file://" + _folder.path("no/such/folder")) != TENON_OK);
    }

    void missingRootsAreLogged()
    {
        ShippedPlugin plugin("filesystem", {{"roots", _folder.path() + "," + _folder.path("nothing")}});
        CPPUNIT_ASSERT(!plugin.refused());
        CPPUNIT_ASSERT_MESSAGE(plugin.log().at(0), contains(plugin.log().at(0), ".roots: " + _folder.path("nothing")));
        CPPUNIT_ASSERT(contains(plugin.structured("filesystem_list", "{}")["note"].get_string().value(), "nothing"));
        const std::string root = "file://" + _folder.path();
        CPPUNIT_ASSERT_EQUAL(root + " " + root + "/nothing ", plugin.resourceUris());
    }

    void changes()
    {
        put("a.txt", "one\ntwo\n");
        ShippedPlugin plugin("filesystem", {{"roots", _folder.path()}, {"writable", "true"}, {"deletable", "true"}});
        checkDefinitions(plugin);
        CPPUNIT_ASSERT(contains(plugin.toolNames(), "filesystem_write filesystem_edit filesystem_create_directory "
                                                    "filesystem_move filesystem_delete "));
        const auto trial = plugin.structured(
            "filesystem_edit", R"({"path":"a.txt","edits":[{"oldText":"two","newText":"2"}],"dryRun":true})");
        CPPUNIT_ASSERT(!trial["written"].get_bool().value());
        CPPUNIT_ASSERT(contains(std::string(trial["diff"].get_string().value()), "-two\n+2\n"));
        CPPUNIT_ASSERT(plugin
                           .structured("filesystem_edit",
                                       R"({"path":"a.txt","edits":[{"oldText":"two","newText":"2"}]})")["written"]
                           .get_bool()
                           .value());
        plugin.structured("filesystem_create_directory", R"({"path":"d"})");
        plugin.structured("filesystem_move", R"({"from":"a.txt","to":"d/b.txt"})");
        const auto tree = plugin.structured("filesystem_tree", R"({"exclude":[".git"]})");
        CPPUNIT_ASSERT(tree["entries"].at(1)["path"].get_string().value() == "d/b.txt");
        CPPUNIT_ASSERT_EQUAL(
            std::uint64_t(2),
            plugin.structured("filesystem_delete", R"({"path":"d","recursive":true})")["entries"].get_uint64().value());
    }

    void severalFiles()
    {
        put("a.txt", "alpha");
        put("c.txt", std::string(120, 'c'));
        ShippedPlugin plugin("filesystem", settings());
        const auto files =
            plugin.structured("filesystem_read_many", R"({"paths":["a.txt","nothing","c.txt","a.txt"]})")["files"];
        CPPUNIT_ASSERT(files.at(0)["file"]["text"].get_string().value() == "alpha");
        CPPUNIT_ASSERT(contains(std::string(files.at(1)["error"].get_string().value()), "does not exist"));
        CPPUNIT_ASSERT(files.at(2)["file"]["truncated"].get_bool().value());
        CPPUNIT_ASSERT(contains(std::string(files.at(3)["error"].get_string().value()), "Not read"));
    }

    void badSettingsRefuseThePlugin()
    {
        CPPUNIT_ASSERT(ShippedPlugin("filesystem", {{"deletable", "true"}}).refused());
        CPPUNIT_ASSERT(ShippedPlugin("filesystem", {{"maxReadBytes", "many"}}).refused());
        ShippedPlugin none("filesystem", {});
        CPPUNIT_ASSERT(contains(none.failure("filesystem_list", "{}"), "plugin.filesystem.roots"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(FilesystemBindingTest);
