#include "ops/console/AccessHandler.h"
#include "ops/console/DoctorHandler.h"
#include "ops/live/LineBatch.h"
#include "ops/live/LiveFeed.h"
#include "ops/pages/DemoPage.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace tenon;
using tests::at;

/// What the console is told: lines in batches, what somebody would see, the doctor's words.
class LiveTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(LiveTest);
    CPPUNIT_TEST(batchesAreBounded);
    CPPUNIT_TEST(nothingIsKeptWhileNobodyWatches);
    CPPUNIT_TEST(accessFollowsTheRules);
    CPPUNIT_TEST(findings);
    CPPUNIT_TEST(policyOfDemoPages);
    CPPUNIT_TEST_SUITE_END();

    static void expect(const std::string& expected, const std::string& found) { CPPUNIT_ASSERT_EQUAL(expected, found); }

public:
    void batchesAreBounded()
    {
        ops::LineBatch batch(2);
        expect("", batch.take());
        for (const char* line : {"{\"a\":1}", "{\"a\":2}", "{\"a\":3}"})
            if (batch.hasRoom())
                batch.add(line);
        expect(R"({"skipped":1,"lines":[{"a":1},{"a":2}]})", batch.take());
        batch.add("{}");
        expect(R"({"skipped":0,"lines":[{}]})", batch.take());
    }

    void nothingIsKeptWhileNobodyWatches()
    {
        ops::LiveFeed feed;
        CPPUNIT_ASSERT(!feed.watched());
        CPPUNIT_ASSERT(!feed.wantsRequest());
        feed.logged(Poco::Message("tenon.mcp", "hello", Poco::Message::PRIO_ERROR));
        feed.turn();
        feed.end();
    }

    void accessFollowsTheRules()
    {
        plugin::Catalogue catalogue;
        for (const char* name : {"read", "write"})
        {
            plugin::ToolEntry tool;
            tool.name = name;
            tool.readOnly = tool.name == "read";
            catalogue.tools.push_back(std::move(tool));
        }
        const auto reader = tests::principalOf("token:reader", [](base::Access access, std::string_view, bool readOnly)
                                               { return access == base::Access::TOOL && readOnly; });
        base::HolderLimits limits;
        limits.tasks = 3;
        const std::string json = ops::accessJson(*reader, limits, catalogue);
        expect(R"(["read"])", at(json, "/tools"));
        expect("false", at(json, "/stats"));
        expect("3", at(json, "/limits/tasks"));
        expect("", at(json, "/limits/sessions"));
    }

    void findings()
    {
        const std::string json = ops::findingsJson("ok    it answers\nFAIL  the clock is wrong\n\nodd\n");
        expect(R"([{"kind":"ok","text":"it answers"},{"kind":"FAIL","text":"the clock is wrong"}])", json);
    }

    void policyOfDemoPages()
    {
        CPPUNIT_ASSERT(ops::DemoPage::has("/demo-sse.html"));
        CPPUNIT_ASSERT(ops::DemoPage::has("/mcp_sse_example.html"));
        CPPUNIT_ASSERT(!ops::DemoPage::has("/other.html"));
        // echo -n 'alert(1)' | openssl dgst -sha256 -binary | base64
        const std::string policy = ops::policyFor("<style>a</style><script>alert(1)</script>");
        CPPUNIT_ASSERT(policy.find("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='") !=
                       std::string::npos);
        CPPUNIT_ASSERT(policy.find("unsafe") == std::string::npos);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(LiveTest);
