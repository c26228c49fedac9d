#include "client/transport/Stdio.h"
#include "base/threads/Timers.h"
#include "client/protocol/ClientSession.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <thread>

#if !defined(_WIN32)

using namespace tenon::client;

namespace
{

/// A server in shell: takes a line, answers by its method, and talks in between.
constexpr const char* STDIO_SERVER = R"(
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

class SilentListener : public TransportListener
{
public:
    void onMessage(tenon::base::JsonDocumentPtr, std::string_view) override {}
    void onRequestFailed(const std::string&, const ClientException&) override {}
    void onGone(const ClientException&) override {}
};

} // namespace

class StdioTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StdioTest);
    CPPUNIT_TEST(speaksWithAChild);
    CPPUNIT_TEST(saysWhatItSaidWhenItEnded);
    CPPUNIT_TEST(waitsForTheLastWords);
    CPPUNIT_TEST(doesNotWaitForWhoeverHoldsItsErrorsOpen);
    CPPUNIT_TEST(saysWhyItCannotBeWrittenTo);
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
        const auto session = start({"sh", {"-c", STDIO_SERVER}, {{"GREETING", "hello"}}, "/"});
        const Reply reply = session->request("env", "");
        CPPUNIT_ASSERT_EQUAL(std::string("hello in /"), std::string(tenon::base::textMember(reply.result, "text")));
    }

    void saysWhatItSaidWhenItEnded()
    {
        const auto session = start({"sh", {"-c", STDIO_SERVER}, {}, ""});
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

    /// The message of the fault that `request` ends with.
    std::string faultOf(const std::string& script, const std::string& method)
    {
        const auto session = start({"sh", {"-c", script + STDIO_SERVER}, {}, ""});
        try
        {
            (void)session->request(method, "");
        }
        catch (const ClientException& exc)
        {
            CPPUNIT_ASSERT(exc.fault() == Fault::UNREACHABLE);
            return exc.message();
        }
        return "it answered";
    }

    void waitsForTheLastWords()
    {
        const std::string said = faultOf("trap 'exec 1>&-; sleep 0.3; echo \"late words\" >&2' EXIT;", "die");
        CPPUNIT_ASSERT_MESSAGE(said, said.find("late words") != std::string::npos);
    }

    void doesNotWaitForWhoeverHoldsItsErrorsOpen()
    {
        const std::string said = faultOf("sleep 300 >&- & ", "die");
        CPPUNIT_ASSERT_MESSAGE(said, said.find("cannot go on") != std::string::npos);
    }

    void saysWhyItCannotBeWrittenTo()
    {
        Stdio::Options options;
        options.start = [] { return startChild({"sh", {"-c", "exec 0<&-; echo no room >&2; sleep 0.1"}, {}, ""}); };
        options.writeMs = 1000;
        Stdio stdio(std::move(options));
        SilentListener listener;
        stdio.open(listener);
        std::string said;
        while (said.empty())
            try
            {
                stdio.send({"{}", "", "", {}});
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            catch (const ClientException& exc)
            {
                said = exc.message();
            }
        CPPUNIT_ASSERT_MESSAGE(said, said.find("no room") != std::string::npos);
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
