#include "unit/attach/AttachFixture.h"

#include "plugin/worker/channel/Frame.h"

#include <Poco/Path.h>

#include <future>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tenon::tests
{

namespace
{

// Version 1 as it was when it came out. These bytes never change: a program of then must get on with the server of now, and
// the library of now with a server of then.

constexpr char HELLO_BYTES[] = "\x0c\0\0\0\0\0\0\0tenon-attach"   // greeting
                               "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0" // versions 1 to 1
                               "\6\0\0\0\0\0\0\0editor"
                               "\5\0\0\0\0\0\0\0scene"
                               "\x2a\0\0\0\0\0\0\0" // key
                               "\7\0\0\0\0\0\0\0"   // process
                               "\5\0\0\0\0\0\0\0"
                               "0.2.0"
                               "\xac\0\0\0\0\0\0\0"
                               "\x21\0\0\0\0\0\0\0{\"name\":\"editor\",\"version\":\"1.0\"}"
                               "\x33\0\0\0\0\0\0\0[{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\"}}]  "
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" // other lists
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
constexpr std::string_view HELLO_BODY(HELLO_BYTES, sizeof HELLO_BYTES - 1);

// What came later, with the same number: what is asked before a program attaches, and what is left after it.
constexpr std::string_view WHO = HELLO_BODY.substr(0, 79);
constexpr char LEFT_BYTES[] = "\3\0\0\0\0\0\0\0"
                              "1.0"
                              "\5\0\0\0\0\0\0\0seven";
constexpr std::string_view LEFT(LEFT_BYTES, sizeof LEFT_BYTES - 1);
constexpr char SETTINGS_BYTES[] = "\1\0\0\0\0\0\0\0"
                                  "\5\0\0\0\0\0\0\0limit"
                                  "\1\0\0\0\0\0\0\0"
                                  "5"
                                  "\6\0\0\0\0\0\0\0/srv/5";
constexpr std::string_view SETTINGS(SETTINGS_BYTES, sizeof SETTINGS_BYTES - 1);

constexpr char CALL_BYTES[] = "\0\0\0\0\0\0\0\0" // a tool
                              "\0\0\0\0\0\0\0\0" // the first
                              "\0\0\0\0\0\0\0\0" // features
                              "\0\0\0\0\0\0\0\0" // deadline
                              "\3\0\0\0\0\0\0\0Ada"
                              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                              "\x0d\0\0\0\0\0\0\0{\"text\":\"hi\"}"
                              "\0\0\0\0\0\0\0\0";
constexpr std::string_view CALL_BODY(CALL_BYTES, sizeof CALL_BYTES - 1);

std::string frame(char type, std::string_view body, char id)
{
    std::string bytes(16, '\0');
    bytes[0] = static_cast<char>(body.size());
    bytes[1] = static_cast<char>(body.size() >> 8);
    bytes[4] = type;
    bytes[8] = id;
    return bytes + std::string(body);
}

sockaddr_un addressOf(const std::string& path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

/// One end that reads as much as it expects.
class End
{
public:
    explicit End(int socket) : _socket(socket)
    {
        const timeval patience{60, 0};
        setsockopt(_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    }
    ~End() { close(_socket); }

    void send(const std::string& bytes)
    {
        CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(bytes.size()),
                             ::send(_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    }

    std::string read(std::size_t size)
    {
        std::string bytes(size, '\0');
        CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(size), recv(_socket, bytes.data(), size, MSG_WAITALL));
        return bytes;
    }

    /// The next frame but for those of `ignored`: header and body.
    std::string readFrame(char ignored = 0)
    {
        for (;;)
        {
            const std::string header = read(16);
            const auto size = static_cast<unsigned char>(header[0]) + 256u * static_cast<unsigned char>(header[1]);
            const std::string body = size > 0 ? read(size) : std::string();
            if (header[4] != ignored)
                return header + body;
        }
    }

private:
    const int _socket;
};

} // namespace

/// The bytes of version 1, kept.
class WireTest : public CppUnit::TestFixture, private AttachFixture
{
    CPPUNIT_TEST_SUITE(WireTest);
    CPPUNIT_TEST(anOldProgramGetsOnWithThisServer);
    CPPUNIT_TEST(thisLibraryGetsOnWithAnOldServer);
    CPPUNIT_TEST(whatIsNotKnownIsIgnored);
    CPPUNIT_TEST(whatAProgramLeavesIsThereForTheNext);
    CPPUNIT_TEST(oneQuestionAtMostComesBeforeTheGreeting);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<End> oldProgram(const std::string& more = {})
    {
        const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = addressOf(socket());
        CPPUNIT_ASSERT(connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        auto end = std::make_unique<End>(made);
        end->send(frame(48, std::string(HELLO_BODY) + more, 0));
        const std::string welcome = end->readFrame();
        CPPUNIT_ASSERT_EQUAL(char(33), welcome[4]);
        CPPUNIT_ASSERT_EQUAL(std::string("\1\0\0\0\0\0\0\0", 8), welcome.substr(16, 8));
        until("its tool is listed", [&] { return manager->current()->tool("echo") != nullptr; });
        return end;
    }

    void anOldProgramGetsOnWithThisServer()
    {
        serve();
        const auto program = oldProgram();
        const auto made = enter("echo", R"({"text":"hi"})", "Ada");
        const std::string call = program->readFrame();
        CPPUNIT_ASSERT_EQUAL(char(4), call[4]);
        const char id = call[8];
        CPPUNIT_ASSERT_EQUAL(std::string(CALL_BODY), call.substr(16));
        program->send(frame(75, std::string("\1\0\0\0\0\0\0\0k\1\0\0\0\0\0\0\0v", 18), id));
        program->send(frame(74, std::string("\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0k\0\0\0\0\0\0\0\0", 25), id));
        CPPUNIT_ASSERT_EQUAL(frame(6, std::string("\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0v", 17), id).substr(4),
                             program->readFrame().substr(4));
        program->send(frame(69, R"({"content":[]})", id));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"content":[]})"), result(made));
    }

    void thisLibraryGetsOnWithAnOldServer()
    {
        const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = addressOf(socket());
        CPPUNIT_ASSERT(bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        CPPUNIT_ASSERT(listen(listening, 1) == 0);
        auto begin = std::async(std::launch::async,
                                [&]
                                {
                                    return attach(
                                        [](Plugin& plugin)
                                        {
                                            plugin.tool(
                                                "echo", "x", [](std::string text) { return text; }, arg("text", "y"));
                                        });
                                });
        {
            // What it asks before it attaches was not known then; and nothing but a greeting was allowed.
            End server(accept(listening, nullptr, nullptr));
            CPPUNIT_ASSERT_EQUAL(char(51), server.readFrame()[4]);
            server.send(frame(34,
                              std::string("\x19\0\0\0\0\0\0\0"
                                          "it did not say what it is",
                                          33),
                              0));
        }
        const auto program = begin.get();
        End server(accept(listening, nullptr, nullptr));
        close(listening);
        const std::string hello = server.readFrame();
        CPPUNIT_ASSERT_EQUAL(char(48), hello[4]);
        CPPUNIT_ASSERT_EQUAL(std::string(HELLO_BODY.substr(0, 50)), hello.substr(16, 50));
        server.send(frame(33,
                          std::string("\1\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0"
                                      "0.2.0",
                                      21),
                          0));
        CPPUNIT_ASSERT(program->wait(20s));
        server.send(frame(4, CALL_BODY, 9));
        CPPUNIT_ASSERT_EQUAL(frame(69, R"({"content":[{"type":"text","text":"hi"}]})", 9), server.readFrame());
        server.send(frame(4, "nonsense", 10));
        CPPUNIT_ASSERT_EQUAL(char(70), server.readFrame()[4]);
    }

    std::unique_ptr<End> connected()
    {
        const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = addressOf(socket());
        CPPUNIT_ASSERT(connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        return std::make_unique<End>(made);
    }

    std::string asked(char type, const std::string& body)
    {
        const auto end = connected();
        end->send(frame(type, body, 0));
        return end->readFrame().substr(4);
    }

    void whatAProgramLeavesIsThereForTheNext()
    {
        serve({{"plugin.editor.limit", "5"}});
        const std::string who(WHO), left(LEFT), no("\0\0\0\0\0\0\0\0", 8), yes("\1\0\0\0\0\0\0\0", 8);
        CPPUNIT_ASSERT_EQUAL(frame(36, no, 0).substr(4), asked(52, who + left)); // nobody by that name has left
        auto program = oldProgram();
        CPPUNIT_ASSERT_EQUAL(frame(36, no, 0).substr(4), asked(52, who + left)); // it is still here
        program.reset();
        CPPUNIT_ASSERT_EQUAL(frame(36, yes, 0).substr(4), asked(52, who + left));
        std::string settings(SETTINGS);
        settings.replace(settings.find("/srv/5"), 6, Poco::Path::current() + "5");
        settings[30] = static_cast<char>(settings.size() - 38);
        std::string size(1, static_cast<char>(settings.size()));
        const std::string prepared = size + std::string(7, '\0') + settings + yes + left;
        CPPUNIT_ASSERT_EQUAL(frame(35, prepared, 0).substr(4), asked(51, who));
        program = oldProgram(); // takes the place, and what was left there
        program.reset();
        CPPUNIT_ASSERT_EQUAL(frame(35, size + std::string(7, '\0') + settings + no, 0).substr(4), asked(51, who));
    }

    void oneQuestionAtMostComesBeforeTheGreeting()
    {
        serve();
        auto end = connected();
        end->send(frame(51, WHO, 0));
        CPPUNIT_ASSERT_EQUAL(char(35), end->readFrame()[4]);
        end->send(frame(48, HELLO_BODY, 0));
        CPPUNIT_ASSERT_EQUAL(char(33), end->readFrame()[4]);
        end = connected();
        end->send(frame(51, WHO, 0));
        CPPUNIT_ASSERT_EQUAL(char(35), end->readFrame()[4]);
        end->send(frame(51, WHO, 0));
        CPPUNIT_ASSERT_EQUAL(char(34), end->readFrame()[4]);
    }

    void whatIsNotKnownIsIgnored()
    {
        serve();
        const auto program = oldProgram("a field of a later version");
        program->send(frame(99, "a type of a later version", 0));
        const auto made = enter("echo", R"({"text":"hi"})");
        const char id = program->readFrame()[8];
        program->send(frame(69, R"({"content":[]})", id));
        CPPUNIT_ASSERT_EQUAL(std::string(R"({"content":[]})"), result(made));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(WireTest);

} // namespace tenon::tests
