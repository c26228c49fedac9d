#include "mcp/subscriptions/Broadcast.h"

#include "jsonrpc/Envelope.h"

#include <Poco/Exception.h>

#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace tenon;
using mcp::Broadcast;

namespace
{

/// Allows tools whose names begin with `read_`.
class ReadTools : public base::Permissions
{
public:
    [[nodiscard]] bool allows(base::Access access, std::string_view name, bool) const override
    {
        return access == base::Access::TOOL && name.starts_with("read_");
    }
    [[nodiscard]] bool allowsEverything() const override { return false; }
};

/// Allows what changes nothing.
class OnlyReading : public base::Permissions
{
public:
    [[nodiscard]] bool allows(base::Access access, std::string_view, bool readOnly) const override
    {
        return readOnly && access != base::Access::STATS && access != base::Access::BROADCAST;
    }
    [[nodiscard]] bool allowsEverything() const override { return false; }
};

base::Principal principal(std::string type, std::shared_ptr<const base::Permissions> permissions = nullptr)
{
    base::Principal made;
    made.id = made.name = made.type = std::move(type);
    made.permissions = std::move(permissions);
    return made;
}

} // namespace

class BroadcastTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(BroadcastTest);
    CPPUNIT_TEST(notification);
    CPPUNIT_TEST(text);
    CPPUNIT_TEST(formOfOtherServers);
    CPPUNIT_TEST(anyObject);
    CPPUNIT_TEST(eventNames);
    CPPUNIT_TEST(filterByType);
    CPPUNIT_TEST(filterByPermission);
    CPPUNIT_TEST(filterBySession);
    CPPUNIT_TEST(refused);
    CPPUNIT_TEST_SUITE_END();

    static std::string sent(const std::string& message)
    {
        const Broadcast broadcast("{\"message\":" + message + "}");
        return jsonrpc::notification(broadcast.method(), broadcast.params());
    }

    static std::size_t reached(const std::string& filter)
    {
        const std::vector<std::pair<std::string, base::Principal>> sessions{
            {"1", principal("master")},
            {"2", principal("team", std::make_shared<ReadTools>())},
            {"3", principal("readonly", std::make_shared<OnlyReading>())}};
        const Broadcast broadcast("{\"message\":\"x\",\"filter\":" + filter + "}");
        return static_cast<std::size_t>(std::count_if(sessions.begin(), sessions.end(),
                                                      [&](const auto& session)
                                                      { return broadcast.isFor(session.first, session.second); }));
    }

public:
    void notification()
    {
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})"),
                             sent(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})"));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"jsonrpc":"2.0","method":"notifications/x","params":{"a":1}})"),
                             sent(R"({"method": "notifications/x", "params": {"a": 1}})"));
    }

    void text()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"notice",)"
                        R"("logger":"broadcast","data":"down\nat 5"}})"),
            sent("\"down\\nat 5\""));
    }

    void formOfOtherServers()
    {
        const std::string message =
            R"({"type":"mcp-notification","result":{"message":"Server maintenance in 5 minutes","level":"warning"},)"
            R"("timestamp":"t"})";
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning",)"
                        R"("logger":"broadcast","data":"Server maintenance in 5 minutes"}})"),
            sent(message));
        const Broadcast broadcast("{\"message\":" + message + "}");
        CPPUNIT_ASSERT_EQUAL(std::string("mcp-notification"), broadcast.event());
        CPPUNIT_ASSERT_EQUAL(message, broadcast.payload());
    }

    void anyObject()
    {
        CPPUNIT_ASSERT_EQUAL(
            std::string(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"notice",)"
                        R"("logger":"broadcast","data":{"a":[1,2]}}})"),
            sent(R"({"a":[1,2]})"));
        CPPUNIT_ASSERT(sent(R"({"level":"fatal","x":1})").find("\"level\":\"notice\"") != std::string::npos);
    }

    // An event's name stands in a line of its own.
    void eventNames()
    {
        CPPUNIT_ASSERT(Broadcast(R"({"message":{"type":"a\ndata: forged\n\n"}})").event().empty());
        CPPUNIT_ASSERT(Broadcast(R"({"message":{"type":7}})").event().empty());
    }

    void filterByType()
    {
        CPPUNIT_ASSERT_EQUAL(std::size_t(3), reached("{}"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), reached(R"({"tokenTypes":["team","readonly"]})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), reached(R"({"tokenTypes":["nobody"]})"));
    }

    void filterByPermission()
    {
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), reached(R"({"permissions":["tool:read_file"]})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), reached(R"({"permissions":["tool:write_file"]})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), reached(R"({"permissions":["resource:file:///a"]})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), reached(R"({"permissions":["broadcast"]})"));
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), reached(R"({"permissions":["broadcast"],"tokenTypes":["team"]})"));
    }

    void filterBySession() { CPPUNIT_ASSERT_EQUAL(std::size_t(1), reached(R"({"sessions":["2"]})")); }

    void refused()
    {
        for (const char* body :
             {"", "7", "[]", "{}", R"({"message":null})", R"({"message":{"method":"tools/list"}})",
              R"({"message":{"id":1,"method":"notifications/x"}})", R"({"message":"x","filter":7})",
              R"({"message":"x","filter":{"tokenType":["team"]}})", R"({"message":"x","filter":{"tokenTypes":"team"}})",
              R"({"message":"x","filter":{"tokenTypes":[7]}})", R"({"message":"x","filter":{"tokenTypes":[]}})",
              R"({"message":"x","filter":{"permissions":["everything"]}})"})
            CPPUNIT_ASSERT_THROW_MESSAGE(body, Broadcast(std::string_view(body)), Poco::DataFormatException);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(BroadcastTest);
