// Lists: what each revision knows, pages and cursors.
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon::tests;

namespace
{
const std::string TOOL =
    R"({"name":"a","title":"A","description":"d","inputSchema":{"$schema":"https://json-schema.org/draft/2020-12/schema",)"
    R"("type":"object","$defs":{"x":{"$anchor":"y"}},"additionalProperties":false},"outputSchema":{"type":"object"},)"
    R"("annotations":{"readOnlyHint":true},"icons":[{"src":"https://e/x.png"}],"execution":{"taskSupport":"optional"},)"
    R"("_meta":{"k":1}})";

} // namespace

class ListTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ListTest);
    CPPUNIT_TEST(toolsHaveWhatTheRevisionKnows);
    CPPUNIT_TEST(anOutputThatIsNoObjectIsModern);
    CPPUNIT_TEST(promptsHaveWhatTheRevisionKnows);
    CPPUNIT_TEST(resourcesHaveWhatTheRevisionKnows);
    CPPUNIT_TEST(modernListsHaveHints);
    CPPUNIT_TEST(listsAreInOrder);
    CPPUNIT_TEST(pagesFollowEachOther);
    CPPUNIT_TEST(cursorsSurviveAChange);
    CPPUNIT_TEST(foreignCursorsAreRefused);
    CPPUNIT_TEST(aReplacedCatalogueIsLetGo);
    CPPUNIT_TEST_SUITE_END();

public:
    void toolsHaveWhatTheRevisionKnows()
    {
        server.tool(TOOL, saying("x"));
        server.publish();
        const std::map<std::string, std::string> first = {
            {"annotations", "2025-03-26"}, {"title", "2025-06-18"},      {"outputSchema", "2025-06-18"},
            {"_meta", "2025-06-18"},       {"icons", "2025-11-25"},      {"execution", "2025-11-25"},
            {"inputSchema", "2024-11-05"}, {"description", "2024-11-05"}};
        for (const std::string revision : REVISIONS)
        {
            const auto answer = list("tools/list", revision);
            for (const auto& [member, since] : first)
            {
                const bool known = revision >= since && !(member == "execution" && revision > "2025-11-25");
                CPPUNIT_ASSERT_EQUAL_MESSAGE(revision + ' ' + member, known,
                                             !at(answer, "/result/tools/0/" + member).empty());
            }
            CPPUNIT_ASSERT_EQUAL(at(TOOL, "/inputSchema"), at(answer, "/result/tools/0/inputSchema"));
        }
    }

    void anOutputThatIsNoObjectIsModern()
    {
        server.tool(R"({"name":"a","inputSchema":{"type":"object"},"outputSchema":{"type":"array"}})",
                    answering(R"({"content":[],"structuredContent":[1]})"));
        server.publish();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"type":"array"})"),
                             at(list("tools/list", "2026-07-28"), "/result/tools/0/outputSchema"));
        CPPUNIT_ASSERT_EQUAL(std::string(), at(list("tools/list", "2025-11-25"), "/result/tools/0/outputSchema"));
        CPPUNIT_ASSERT_EQUAL(std::string("[1]"),
                             at(server.modernAnswer("tools/call", R"("name":"a")"), "/result/structuredContent"));
        CPPUNIT_ASSERT_EQUAL(
            std::string(), at(LegacyClient(server).answer("tools/call", R"("name":"a")"), "/result/structuredContent"));
    }

    void promptsHaveWhatTheRevisionKnows()
    {
        server.prompt(R"({"name":"p","title":"P","description":"d","icons":[],"_meta":{},)"
                      R"("arguments":[{"name":"x","title":"X","required":true}]})",
                      answering(R"({"messages":[]})"));
        server.publish();
        for (const std::string revision : REVISIONS)
        {
            const auto answer = list("prompts/list", revision);
            CPPUNIT_ASSERT_EQUAL(std::string("true"), at(answer, "/result/prompts/0/arguments/0/required"));
            for (const char* member : {"title", "_meta", "arguments/0/title"})
                CPPUNIT_ASSERT_EQUAL(revision >= "2025-06-18",
                                     !at(answer, std::string("/result/prompts/0/") + member).empty());
            CPPUNIT_ASSERT_EQUAL(revision >= "2025-11-25", !at(answer, "/result/prompts/0/icons").empty());
        }
    }

    void resourcesHaveWhatTheRevisionKnows()
    {
        server.resource(R"({"uri":"x://a","name":"a","title":"A","icons":[],"mimeType":"text/plain"})");
        server.resourceTemplate(R"({"uriTemplate":"x://{b}","name":"b","title":"B","icons":[]})");
        server.publish();
        for (const std::string revision : REVISIONS)
            for (const auto& [method, path] :
                 std::map<std::string, std::string>{{"resources/list", "/result/resources/0/"},
                                                    {"resources/templates/list", "/result/resourceTemplates/0/"}})
            {
                const auto answer = list(method, revision);
                CPPUNIT_ASSERT(!at(answer, path + "name").empty());
                CPPUNIT_ASSERT_EQUAL(revision >= "2025-06-18", !at(answer, path + "title").empty());
                CPPUNIT_ASSERT_EQUAL(revision >= "2025-11-25", !at(answer, path + "icons").empty());
            }
    }

    void modernListsHaveHints()
    {
        for (const char* method :
             {"tools/list", "resources/list", "resources/templates/list", "prompts/list", "skills/list"})
        {
            const auto modern = server.modernAnswer(method);
            CPPUNIT_ASSERT_EQUAL(std::string("\"complete\""), at(modern, "/result/resultType"));
            CPPUNIT_ASSERT_EQUAL(std::string("60000"), at(modern, "/result/ttlMs"));
            CPPUNIT_ASSERT_EQUAL(std::string("\"public\""), at(modern, "/result/cacheScope"));
        }
        const auto legacy = LegacyClient(server).answer("tools/list");
        for (const char* member : {"/result/resultType", "/result/ttlMs", "/result/cacheScope", "/result/_meta"})
            CPPUNIT_ASSERT_EQUAL(std::string(), at(legacy, member));
    }

    void listsAreInOrder()
    {
        for (const char* name : {"m", "z", "a", "Z", "_"})
            server.simpleTool(name, saying("x"));
        server.publish();
        std::string names;
        const auto answer = server.modernAnswer("tools/list");
        for (int index = 0; index < 5; ++index)
            names += at(answer, "/result/tools/" + std::to_string(index) + "/name");
        CPPUNIT_ASSERT_EQUAL(std::string(R"("Z""_""a""m""z")"), names);
        CPPUNIT_ASSERT_EQUAL(answer, server.modernAnswer("tools/list"));
    }

    void pagesFollowEachOther()
    {
        fill(7);
        CPPUNIT_ASSERT_EQUAL(std::string("t0,t1,t2|t3,t4,t5|t6|"), pages("tools"));
        fill(2); // nine: the last page is full
        CPPUNIT_ASSERT_EQUAL(std::string("t0,t1,t2|t3,t4,t5|t6,t7,t8|"), pages("tools"));
    }

    void cursorsSurviveAChange()
    {
        fill(7);
        const auto cursor = at(small.modernAnswer("tools/list"), "/result/nextCursor");
        // The tool that the cursor names goes, another comes before it and one behind.
        small.draft.tools.erase(small.draft.tools.begin() + 2);
        small.simpleTool("a", saying("x"));
        small.simpleTool("t21", saying("x"));
        small.publish(true);
        const auto answer = small.modernAnswer("tools/list", "\"cursor\":" + cursor);
        CPPUNIT_ASSERT_EQUAL(std::string("\"t21\""), at(answer, "/result/tools/0/name"));
        CPPUNIT_ASSERT_EQUAL(std::string("\"t3\""), at(answer, "/result/tools/1/name"));
    }

    void foreignCursorsAreRefused()
    {
        fill(7);
        const auto cursor = at(small.modernAnswer("tools/list"), "/result/nextCursor");
        for (const std::string& bad :
             {std::string("\"x\""), std::string("\"!!!!\""), std::string("5"), std::string("[]")})
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                                 at(small.modernAnswer("tools/list", "\"cursor\":" + bad), "/error/code"));
        CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                             at(small.modernAnswer("prompts/list", "\"cursor\":" + cursor), "/error/code"));
        for (std::size_t place = 1; place < cursor.size(); ++place) // within the quotes
        {
            std::string longer = cursor, other = cursor;
            longer.insert(place, 1, 'x');
            other[place] = other[place] == 'x' ? 'y' : 'x';
            CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                                 at(small.modernAnswer("tools/list", "\"cursor\":" + longer), "/error/code"));
            if (place + 1 < cursor.size())
                CPPUNIT_ASSERT_EQUAL(std::string("-32602"),
                                     at(small.modernAnswer("tools/list", "\"cursor\":" + other), "/error/code"));
        }
        CPPUNIT_ASSERT_EQUAL(std::string(), at(small.modernAnswer("tools/list", "\"cursor\":null"), "/error/code"));
    }

    /// Plugins are unloaded when the last who uses them lets go: threads that served a call before must not be among them.
    void aReplacedCatalogueIsLetGo()
    {
        server.simpleTool("a", saying("x"));
        server.publish(true);
        const std::weak_ptr<const tenon::plugin::Catalogue> old = server.catalogues.current();
        (void)server.modernAnswer("tools/list");
        std::thread([&] { (void)server.modernAnswer("tools/call", R"("name":"a")"); }).join();
        server.publish(true);
        CPPUNIT_ASSERT(TestServer::eventually([&] { return old.expired(); }));
    }

private:
    static tenon::mcp::Options smallPages()
    {
        auto options = TestServer::defaults();
        options.pageSize = 3;
        return options;
    }

    std::string list(const std::string& method, const std::string& revision)
    {
        return revision == "2026-07-28" ? server.modernAnswer(method) : LegacyClient(server, revision).answer(method);
    }

    void fill(int count)
    {
        for (int index = 0; index < count; ++index)
            small.simpleTool("t" + std::to_string(small.draft.tools.size()), saying("x"));
        small.publish(true);
    }

    std::string pages(const std::string& kind)
    {
        std::string all, cursor;
        for (int page = 0; page < 10; ++page)
        {
            const auto answer = small.modernAnswer(kind + "/list", cursor.empty() ? "" : "\"cursor\":" + cursor);
            for (int index = 0; !at(answer, "/result/" + kind + '/' + std::to_string(index)).empty(); ++index)
            {
                const auto name = at(answer, "/result/" + kind + '/' + std::to_string(index) + "/name");
                all += (index ? "," : "") + name.substr(1, name.size() - 2);
            }
            all += '|';
            cursor = at(answer, "/result/nextCursor");
            if (cursor.empty())
                break;
        }
        return all;
    }

    TestServer server;
    TestServer small{smallPages()};
};

CPPUNIT_TEST_SUITE_REGISTRATION(ListTest);
