#include "net/mcp/SseProfile.h"
#include "base/json/JsonDocument.h"
#include "net/mcp/WrappedMessage.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>
#include <string>

using namespace tenon;
using net::SseProfile;

class SseProfileTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SseProfileTest);
    CPPUNIT_TEST(knowsTheStandardTransport);
    CPPUNIT_TEST(knowsTheOthers);
    CPPUNIT_TEST(rowsAreComplete);
    CPPUNIT_TEST(wrapsResponsesAndErrors);
    CPPUNIT_TEST_SUITE_END();

public:
    void knowsTheStandardTransport()
    {
        const SseProfile* profile = net::findSseProfile("standard");
        CPPUNIT_ASSERT(profile != nullptr);
        CPPUNIT_ASSERT_EQUAL(std::string_view("endpoint"), profile->welcomeEvent);
        CPPUNIT_ASSERT_EQUAL(std::string_view("{path}?session_id={id}"), profile->welcomeData);
        CPPUNIT_ASSERT(profile->idPlace == SseProfile::IdPlace::QUERY);
        CPPUNIT_ASSERT_EQUAL(std::string_view("message"), profile->responseEvent);
        CPPUNIT_ASSERT_EQUAL(202, profile->acceptedStatus);
    }

    void knowsTheOthers()
    {
        CPPUNIT_ASSERT_EQUAL(std::string_view("/sse/*"), net::findSseProfile("path-session")->streamPath);
        CPPUNIT_ASSERT_EQUAL(std::string_view("/message/*"), net::findSseProfile("path-session")->messagePath);
        CPPUNIT_ASSERT_EQUAL(std::string_view("/mcp/sse/send"), net::findSseProfile("backlog")->messagePath);
        CPPUNIT_ASSERT_EQUAL(std::string_view("connectionId"), net::findSseProfile("backlog")->idName);
        CPPUNIT_ASSERT_EQUAL(std::string_view("connected"), net::findSseProfile("rails")->welcomeEvent);
        CPPUNIT_ASSERT_EQUAL(std::string_view("mcp_response"), net::findSseProfile("rails")->responseEvent);
        CPPUNIT_ASSERT(net::findSseProfile("websocket") == nullptr);
    }

    void rowsAreComplete()
    {
        std::set<std::string_view> messagePaths;
        for (const SseProfile& profile : net::sseProfiles())
        {
            const bool inPath = profile.idPlace == SseProfile::IdPlace::PATH;
            CPPUNIT_ASSERT_EQUAL(inPath, profile.idName.empty());
            CPPUNIT_ASSERT_EQUAL(inPath, profile.streamPath.ends_with("/*"));
            CPPUNIT_ASSERT_EQUAL(profile.welcomeEvent.empty(), profile.welcomeData.empty());
            CPPUNIT_ASSERT(profile.acceptedStatus >= 200 && profile.acceptedStatus < 300);
            CPPUNIT_ASSERT_MESSAGE("two profiles take messages at one path",
                                   messagePaths.insert(profile.messagePath).second);
            CPPUNIT_ASSERT(profile.heartbeat.empty() || profile.heartbeat.ends_with("\n\n"));
        }
    }

    void wrapsResponsesAndErrors()
    {
        const auto check = [](const std::string& wrapped, std::string_view type, std::string_view method)
        {
            const auto document = base::JsonDocument::parse(wrapped);
            CPPUNIT_ASSERT_EQUAL(std::string(type), std::string(base::textMember(document->root(), "type")));
            CPPUNIT_ASSERT_EQUAL(std::string(method), std::string(base::textMember(document->root(), "method")));
            CPPUNIT_ASSERT(!base::textMember(document->root(), "timestamp").empty());
        };
        const std::string response =
            net::wrapMessage("mcp-response", "tools/list", R"({"id":1,"result":{"tools":[]}})");
        check(response, "mcp-response", "tools/list");
        CPPUNIT_ASSERT(response.find(R"("result":{"tools":[]})") != std::string::npos);
        const std::string error =
            net::wrapMessage("mcp-error", "tools/call", R"({"id":1,"error":{"code":-32601,"message":"no"}})");
        check(error, "mcp-error", "tools/call");
        CPPUNIT_ASSERT(error.find(R"("error":{"code":-32601,"message":"no"})") != std::string::npos);
        check(net::wrapMessage("mcp-notification", "", R"({"method":"notifications/x","params":{"a":1}})"),
              "mcp-notification", "notifications/x");
        CPPUNIT_ASSERT_EQUAL(std::string("no json"), net::wrapMessage("a", "b", "no json"));
        const std::string progress = R"({"method":"notifications/progress","params":{"progressToken":1,"progress":3}})";
        CPPUNIT_ASSERT(net::isProgress("notifications/progress") && !net::isProgress("notifications/message"));
        const std::string wrapped = net::wrapMessage("tool-result", "slow", progress);
        check(wrapped, "tool-result", "slow");
        CPPUNIT_ASSERT(wrapped.find(R"("metadata":{"progress":3})") != std::string::npos);
        const std::string unknown =
            net::asUnknownMethod(R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Unknown tool: x"}})");
        CPPUNIT_ASSERT(unknown.find("-32601") != std::string::npos && unknown.find("\"id\":7") != std::string::npos);
        const std::string other = R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"bad"}})";
        CPPUNIT_ASSERT_EQUAL(other, net::asUnknownMethod(other));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SseProfileTest);
