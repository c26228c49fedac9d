#include "mcp/messages/Operation.h"
#include "unit/mcp/TestServer.h"

#include <cppunit/extensions/HelperMacros.h>

#include <mutex>
#include <vector>

using namespace tenon;
using namespace tenon::tests;
using mcp::Operation;

namespace
{

/// Keeps what it is told.
class Watcher : public mcp::OperationListener
{
public:
    bool wants() noexcept override { return wanted; }
    void begins(Operation&, mcp::TraceContext& trace) noexcept override
    {
        if (!handedOn.empty())
            trace.traceparent = handedOn;
    }
    void ended(const Operation& operation) noexcept override
    {
        const std::lock_guard lock(_mutex);
        _ended.push_back(operation);
    }

    std::size_t count() const
    {
        const std::lock_guard lock(_mutex);
        return _ended.size();
    }
    Operation last() const
    {
        const std::lock_guard lock(_mutex);
        CPPUNIT_ASSERT(!_ended.empty());
        return _ended.back();
    }

    bool wanted = true;
    std::string handedOn;

private:
    mutable std::mutex _mutex; // guards:
    std::vector<Operation> _ended;
};

} // namespace

/// What those who watch are told of requests.
class OperationTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(OperationTest);
    CPPUNIT_TEST(callOfATool);
    CPPUNIT_TEST(errorOfATool);
    CPPUNIT_TEST(unknownMethodAndTool);
    CPPUNIT_TEST(cancelledCall);
    CPPUNIT_TEST(legacySession);
    CPPUNIT_TEST(aSessionBeginsWithinATrace);
    CPPUNIT_TEST(traceOfTheClient);
    CPPUNIT_TEST(pluginsGetTheirOwnParent);
    CPPUNIT_TEST(nobodyIsToldUnasked);
    CPPUNIT_TEST(figuresByMethodAndError);
    CPPUNIT_TEST_SUITE_END();

    TestServer _server;
    Watcher _watcher;
    std::string _trace;           ///< what the plugin was told
    plugin::CallBackendPtr _held; ///< of the tool that waits

    std::uint64_t observed(const base::Labels& labels)
    {
        std::uint64_t count = 0;
        for (const auto& family : _server.metrics.snapshot())
            for (const auto& metric : family.metrics)
                if (family.name == mcp::OperationFigures::NAME && metric.labels == labels)
                    for (std::size_t at = 0; at <= metric.histogram->bounds().size(); ++at)
                        count += metric.histogram->bucket(at);
        return count;
    }

public:
    void setUp() override
    {
        _server.services.operations = &_watcher;
        _server.simpleTool("echo",
                           [this](const plugin::CallBackendPtr& call)
                           {
                               _trace = call->origin().traceparent;
                               return saying("hello")(call);
                           });
        _server.simpleTool("fails", answering(R"({"content":[],"isError":true})"));
        _server.simpleTool("waits",
                           [this](const plugin::CallBackendPtr& call)
                           {
                               _held = call;
                               return TENON_ASYNC;
                           });
        _server.publish();
    }

    void callOfATool()
    {
        _server.modernAnswer("tools/call", R"("name":"echo","arguments":{})");
        const Operation operation = _watcher.last();
        CPPUNIT_ASSERT_EQUAL(std::string("tools/call"), operation.method);
        CPPUNIT_ASSERT_EQUAL(std::string("echo"), operation.name);
        CPPUNIT_ASSERT_EQUAL(std::string("1"), operation.requestId);
        CPPUNIT_ASSERT_EQUAL(std::string("2026-07-28"), std::string(operation.protocolVersion));
        CPPUNIT_ASSERT(operation.outcome == Operation::Outcome::RESULT);
        CPPUNIT_ASSERT(!operation.plugin.empty());
        CPPUNIT_ASSERT(operation.durationUs >= operation.pluginUs);
        CPPUNIT_ASSERT_EQUAL(std::size_t(1), _watcher.count());
    }

    void errorOfATool()
    {
        _server.modernAnswer("tools/call", R"("name":"fails","arguments":{})");
        CPPUNIT_ASSERT(_watcher.last().outcome == Operation::Outcome::TOOL_ERROR);
        CPPUNIT_ASSERT_EQUAL(0, _watcher.last().errorCode);
    }

    void unknownMethodAndTool()
    {
        _server.modernAnswer("no/such");
        CPPUNIT_ASSERT(_watcher.last().outcome == Operation::Outcome::ERROR);
        CPPUNIT_ASSERT_EQUAL(-32601, _watcher.last().errorCode);
        _server.modernAnswer("tools/call", R"("name":"nobody","arguments":{})");
        CPPUNIT_ASSERT_EQUAL(-32602, _watcher.last().errorCode);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), _watcher.count());
    }

    void cancelledCall()
    {
        const auto sink = _server.modern("tools/call", R"("name":"waits","arguments":{})");
        sink->disconnect();
        CPPUNIT_ASSERT(TestServer::eventually([&] { return _watcher.count() == 1; }));
        CPPUNIT_ASSERT(_watcher.last().outcome == Operation::Outcome::NOTHING);
    }

    void legacySession()
    {
        LegacyClient client(_server);
        CPPUNIT_ASSERT_EQUAL(std::string("initialize"), _watcher.last().method);
        CPPUNIT_ASSERT_EQUAL(client.session(), _watcher.last().sessionId);
        client.answer("tools/list");
        CPPUNIT_ASSERT_EQUAL(std::string("tools/list"), _watcher.last().method);
        CPPUNIT_ASSERT_EQUAL(client.session(), _watcher.last().sessionId);
        CPPUNIT_ASSERT_EQUAL(std::string("2025-11-25"), std::string(_watcher.last().protocolVersion));
    }

    void aSessionBeginsWithinATrace()
    {
        LegacyClient client(_server, "2025-06-18",
                            R"({},"_meta":{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"})");
        const Operation begun = _watcher.last();
        CPPUNIT_ASSERT_EQUAL(std::string("initialize"), begun.method);
        CPPUNIT_ASSERT_EQUAL(std::string("4bf92f3577b34da6a3ce929d0e0e4736"), begun.traceId);
        CPPUNIT_ASSERT_EQUAL(std::string("2025-06-18"), std::string(begun.protocolVersion));
        CPPUNIT_ASSERT_EQUAL(client.session(), begun.sessionId);
    }

    void traceOfTheClient()
    {
        TestServer::Modern how;
        how.meta = R"(,"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")";
        _server.modernAnswer("tools/call", R"("name":"echo","arguments":{})", how);
        CPPUNIT_ASSERT_EQUAL(std::string("4bf92f3577b34da6a3ce929d0e0e4736"), _watcher.last().traceId);
        CPPUNIT_ASSERT_EQUAL(std::string("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), _trace);
    }

    void pluginsGetTheirOwnParent()
    {
        _watcher.handedOn = "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01";
        _server.modernAnswer("tools/call", R"("name":"echo","arguments":{})");
        CPPUNIT_ASSERT_EQUAL(_watcher.handedOn, _trace);
    }

    void nobodyIsToldUnasked()
    {
        _watcher.wanted = false;
        _server.modernAnswer("tools/call", R"("name":"echo","arguments":{})");
        CPPUNIT_ASSERT_EQUAL(std::size_t(0), _watcher.count());
    }

    void figuresByMethodAndError()
    {
        using Figures = mcp::OperationFigures;
        _server.modernAnswer("tools/list");
        _server.modernAnswer("tools/call", R"("name":"fails","arguments":{})");
        _server.modernAnswer("tools/call", R"("name":"nobody","arguments":{})");
        _server.modernAnswer("any/thing");
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1), observed({{Figures::METHOD, "tools/list"}}));
        CPPUNIT_ASSERT_EQUAL(
            std::uint64_t(1),
            observed({{Figures::METHOD, "tools/call"}, {Figures::TOOL, "fails"}, {Figures::ERROR_TYPE, "tool_error"}}));
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1),
                             observed({{Figures::METHOD, "tools/call"}, {Figures::ERROR_TYPE, "-32602"}}));
        // What a client may choose freely becomes no label.
        CPPUNIT_ASSERT_EQUAL(std::uint64_t(1),
                             observed({{Figures::METHOD, "_OTHER"}, {Figures::ERROR_TYPE, "-32601"}}));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(OperationTest);
