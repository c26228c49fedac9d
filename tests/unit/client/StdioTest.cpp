#include "client/transport/Stdio.h"
#include "base/threads/Timers.h"
#include "client/protocol/ClientSession.h"

#include <cppunit/extensions/HelperMacros.h>

#include <csignal>

#if !defined(_WIN32)

using namespace tenon::client;

namespace
{

/// A server in shell: takes a line, answers by its method, and talks in between.
constexpr const char* SERVER = R"(
echo "I am no message"; echo "starting" >&2
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case $line in
    *'"initialize"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}}" ;;
    *'"env"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"result\":{\"text\":\"$GREETING in $PWD\"}}" ;;
    *'"die"'*) echo "cannot go on" >&2; exit 3 ;;
    *'"id"'*) echo "{\"jsonrpc\":\"2.0\",\"id\":$id,\"error\":{\"code\":-32601,\"message\":\"?\"}}" ;;
  esac
done
)";

} // namespace

class StdioTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StdioTest);
    CPPUNIT_TEST(speaksWithAChild);
    CPPUNIT_TEST(saysWhatItSaidWhenItEnded);
    CPPUNIT_TEST(saysThatThereIsNoSuchProgram);
    CPPUNIT_TEST(endsAChildThatDoesNotListen);
    CPPUNIT_TEST_SUITE_END();

    ClientHandler _handler;
    tenon::base::Timers _timers;

    std::unique_ptr<ClientSession> start(ChildProcess::Command command, int patienceMs = 2000)
    {
        Stdio::Options stdio;
        stdio.start = [command] { return startChild(command); };
        stdio.patienceMs = patienceMs;
        auto session = std::make_unique<ClientSession>(std::make_unique<Stdio>(std::move(stdio)),
                                                       ClientSession::Options{}, _handler, _timers);
        session->open();
        return session;
    }

public:
    void setUp() override { std::signal(SIGPIPE, SIG_IGN); }

    void speaksWithAChild()
    {
        const auto session = start({"sh", {"-c", SERVER}, {{"GREETING", "hello"}}, "/"});
        const Reply reply = session->request("env", "");
        CPPUNIT_ASSERT_EQUAL(std::string("hello in /"), std::string(tenon::base::textMember(reply.result, "text")));
    }

    void saysWhatItSaidWhenItEnded()
    {
        const auto session = start({"sh", {"-c", SERVER}, {}, ""});
        try
        {
            (void)session->request("die", "");
            CPPUNIT_FAIL("it answered");
        }
        catch (const ClientException& exc)
        {
            CPPUNIT_ASSERT(exc.fault() == Fault::UNREACHABLE);
            CPPUNIT_ASSERT_MESSAGE(exc.message(), exc.message().find("cannot go on") != std::string::npos);
        }
    }

    void saysThatThereIsNoSuchProgram()
    {
        try
        {
            (void)start({"/nowhere/to/be/found", {}, {}, ""});
            CPPUNIT_FAIL("it started");
        }
        catch (const ClientException& exc)
        {
            CPPUNIT_ASSERT(exc.fault() == Fault::UNREACHABLE);
            CPPUNIT_ASSERT(exc.message().find("/nowhere/to/be/found") != std::string::npos);
        }
    }

    void endsAChildThatDoesNotListen()
    {
        const auto child = startChild({"sh", {"-c", "trap '' TERM; exec sleep 1000"}, {}, ""});
        const std::string how = child->end(50);
        CPPUNIT_ASSERT_MESSAGE(how, how.find("signal 9") != std::string::npos);
        CPPUNIT_ASSERT(::kill(child->id(), 0) != 0);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StdioTest);

#endif
