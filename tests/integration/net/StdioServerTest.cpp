#include "net/stdio/StdioServer.h"
#include "StubDispatcher.h"
#include "base/threads/Executor.h"

#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

using namespace tenon;

class StdioServerTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(StdioServerTest);
    CPPUNIT_TEST(answersLinesWhole);
    CPPUNIT_TEST(aSlowCallHoldsNobody);
    CPPUNIT_TEST(boundsLines);
    CPPUNIT_TEST(answersALineThatIsTooLongUnderItsId);
    CPPUNIT_TEST(skipsAByteOrderMark);
    CPPUNIT_TEST(doesNotWaitForWhoListens);
    CPPUNIT_TEST(queuedWorkOutlivesTheServer);
    CPPUNIT_TEST(nothingFollowsAnAnswer);
    CPPUNIT_TEST(endsWithItsInput);
    CPPUNIT_TEST(answersWhatWasAskedBeforeTheEnd);
    CPPUNIT_TEST(stopsWhenTold);
    CPPUNIT_TEST(survivesAClientThatDoesNotRead);
    CPPUNIT_TEST_SUITE_END();

    /// A server between two pipes.
    struct Fixture
    {
        explicit Fixture(std::chrono::milliseconds grace = std::chrono::seconds(10))
        {
            CPPUNIT_ASSERT(::pipe(_in) == 0 && ::pipe(_out) == 0);
            server = std::make_unique<net::StdioServer>(dispatcher, executor, net::ProtocolDescriptors(_in[0], _out[1]),
                                                        std::make_shared<base::Principal>(), 1000, durations);
            thread = std::thread(
                [this, grace]
                {
                    server->run(grace);
                    ended = true;
                });
        }
        ~Fixture()
        {
            services.release();
            closeInput();
            thread.join();
            server.reset();
            executor.stop();
            ::close(_out[0]);
        }
        void send(std::string_view text)
        {
            CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(text.size()), ::write(_in[1], text.data(), text.size()));
        }
        void closeInput()
        {
            if (_in[1] >= 0)
                ::close(std::exchange(_in[1], -1));
        }
        std::string line()
        {
            std::size_t end;
            while ((end = _read.find('\n')) == std::string::npos)
            {
                char buffer[4096];
                const ssize_t got = ::read(_out[0], buffer, sizeof buffer);
                if (got <= 0)
                    return "end";
                _read.append(buffer, static_cast<std::size_t>(got));
            }
            const std::string text = _read.substr(0, end);
            _read.erase(0, end + 1);
            return text;
        }

        mcp::Services services;
        mcp::Dispatcher dispatcher{services};
        base::Executor executor{4};
        base::Histogram durations;
        std::unique_ptr<net::StdioServer> server;
        std::thread thread;
        std::atomic<bool> ended{false};

    private:
        int _in[2];
        int _out[2];
        std::string _read;
    };

public:
    void answersLinesWhole()
    {
        Fixture fixture;
        fixture.send("echo 1\necho 2\r\n\n  \nnotify\nec");
        CPPUNIT_ASSERT_EQUAL(std::string("echo 1"), fixture.line());
        CPPUNIT_ASSERT_EQUAL(std::string("echo 2"), fixture.line());
        fixture.send("ho 3\nprogress\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo 3"), fixture.line());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"progress":1})"), fixture.line());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"progress":2})"), fixture.line());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"done"})"), fixture.line());
        std::uint64_t counted = 0;
        for (std::size_t bucket = 0; bucket <= fixture.durations.bounds().size(); ++bucket)
            counted += fixture.durations.bucket(bucket);
        CPPUNIT_ASSERT_EQUAL_MESSAGE("four requests, and a notification", std::uint64_t(4), counted);
    }

    void aSlowCallHoldsNobody()
    {
        Fixture fixture;
        fixture.send("block\necho after\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo after"), fixture.line());
        fixture.services.release();
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"unblocked"})"), fixture.line());
    }

    void boundsLines()
    {
        Fixture fixture;
        fixture.send("echo " + std::string(3000, 'x') + "\necho short\n");
        CPPUNIT_ASSERT(fixture.line().find("-32600") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(std::string("echo short"), fixture.line());
    }

    void answersALineThatIsTooLongUnderItsId()
    {
        Fixture fixture;
        const std::string much(3000, 'x');
        fixture.send(R"({"method":"tools/call","params":{"id":1,"text":"}\",)" + much +
                     R"("},"id":"a\"7"})"
                     "\n");
        CPPUNIT_ASSERT(fixture.line().find(R"("id":"a\"7")") != std::string::npos);
        fixture.send(R"({"jsonrpc":"2.0", "id" : -12 ,"method":"x","params":[")" + much + "\"]}\n");
        CPPUNIT_ASSERT(fixture.line().find(R"("id":-12)") != std::string::npos);
        // A response is not answered under the id of this server's request.
        fixture.send(R"({"id":3,"result":{"method":")" + much + "\"}}\n");
        CPPUNIT_ASSERT(fixture.line().find("\"id\"") == std::string::npos);
        fixture.send("echo short\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo short"), fixture.line());
    }

    void skipsAByteOrderMark()
    {
        Fixture fixture;
        fixture.send("\xEF\xBB\xBF"
                     "echo 1\n\xEF\xBB\xBF"
                     "echo 2\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo 1"), fixture.line());
        CPPUNIT_ASSERT_EQUAL(std::string("\xEF\xBB\xBF"
                                         "echo 2"),
                             fixture.line());
    }

    void doesNotWaitForWhoListens()
    {
        Fixture fixture(std::chrono::hours(1));
        fixture.send("listen\necho x\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo x"), fixture.line());
        fixture.closeInput();
        fixture.thread.join();
        CPPUNIT_ASSERT(fixture.ended);
        const std::lock_guard lock(fixture.services.mutex);
        fixture.services.kept.clear();
        fixture.thread = std::thread([] {});
    }

    void queuedWorkOutlivesTheServer()
    {
        Fixture fixture(std::chrono::milliseconds(1));
        for (int i = 0; i < 8; ++i) // more than the executor has threads
            fixture.send("block\n");
        fixture.closeInput();
        fixture.thread.join();
        fixture.server.reset();
        fixture.services.release();
        fixture.executor.stop();
        fixture.thread = std::thread([] {});
    }

    void nothingFollowsAnAnswer()
    {
        Fixture fixture;
        for (int i = 0; i < 200; ++i)
        {
            fixture.send("racing\n");
            std::string text;
            while ((text = fixture.line()) == "progress")
                continue;
            CPPUNIT_ASSERT_EQUAL(std::string("answer"), text);
        }
        fixture.send("echo x\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo x"), fixture.line());
    }

    void endsWithItsInput()
    {
        Fixture fixture(std::chrono::milliseconds(1));
        fixture.send("never\necho x\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo x"), fixture.line());
        fixture.closeInput();
        fixture.thread.join();
        CPPUNIT_ASSERT(fixture.ended);
        {
            const std::lock_guard lock(fixture.services.mutex);
            CPPUNIT_ASSERT(fixture.services.sessions.empty());
            CPPUNIT_ASSERT_EQUAL(1, fixture.services.disconnects);
            fixture.services.kept.clear();
        }
        fixture.thread = std::thread([] {});
    }

    void answersWhatWasAskedBeforeTheEnd()
    {
        Fixture fixture;
        fixture.send("later\necho unterminated");
        fixture.closeInput();
        CPPUNIT_ASSERT_EQUAL(std::string("echo unterminated"), fixture.line());
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"result":"later"})"), fixture.line());
    }

    void stopsWhenTold()
    {
        Fixture fixture;
        fixture.send("echo x\n");
        CPPUNIT_ASSERT_EQUAL(std::string("echo x"), fixture.line());
        fixture.server->stop();
        fixture.thread.join();
        CPPUNIT_ASSERT(fixture.ended);
        fixture.thread = std::thread([] {});
    }

    void survivesAClientThatDoesNotRead()
    {
        Fixture fixture(std::chrono::milliseconds(1));
        for (int i = 0; i < 300; ++i)
            fixture.send("echo " + std::string(900, 'x') + "\n");
        fixture.closeInput();
        fixture.thread.join();
        CPPUNIT_ASSERT(fixture.ended);
        fixture.thread = std::thread([] {});
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StdioServerTest);
