#include "ops/pages/ConsolePage.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;

class ConsolePageTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ConsolePageTest);
    CPPUNIT_TEST(saysHowToConnect);
    CPPUNIT_TEST(loadsAndRunsNothing);
    CPPUNIT_TEST(tellsStrangersNothing);
    CPPUNIT_TEST(escapes);
    CPPUNIT_TEST_SUITE_END();

    static ops::ConsoleFacts facts()
    {
        return {{ops::Phase::RUNNING, {}}, 2, 7, 3, 1, {{"/mcp", "Streamable HTTP"}, {"/sse", "HTTP+SSE"}}};
    }

    static bool has(const std::string& html, const std::string& part) { return html.find(part) != std::string::npos; }

public:
    void saysHowToConnect()
    {
        const std::string html = ops::consoleHtml(facts(), "https://mcp.example");
        CPPUNIT_ASSERT(has(html, "<dt>Tools</dt><dd>7</dd>"));
        CPPUNIT_ASSERT(has(html, "\"url\": \"https://mcp.example/mcp\""));
        CPPUNIT_ASSERT(has(html, "<code>https://mcp.example/sse</code>"));
        CPPUNIT_ASSERT(has(html, TENON_VERSION));
    }

    void loadsAndRunsNothing()
    {
        const std::string html = ops::consoleHtml(facts(), "https://mcp.example");
        for (const char* part : {"<script", "src=", "href=", "@import", "url(", "<form", "onclick"})
            CPPUNIT_ASSERT_MESSAGE(part, !has(html, part));
    }

    void tellsStrangersNothing()
    {
        auto strangers = facts();
        strangers.forStrangers = true;
        const std::string html = ops::consoleHtml(strangers, "https://mcp.example");
        for (const char* part : {TENON_VERSION, "<dd>", "ready", "/stats"})
            CPPUNIT_ASSERT_MESSAGE(part, !has(html, part));
        CPPUNIT_ASSERT(has(html, "https://mcp.example/mcp"));
    }

    void escapes()
    {
        const std::string html = ops::consoleHtml(facts(), "http://\"><script>alert('x')</script>&");
        CPPUNIT_ASSERT(!has(html, "<script"));
        CPPUNIT_ASSERT(has(html, "http://&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;/mcp"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ConsolePageTest);
