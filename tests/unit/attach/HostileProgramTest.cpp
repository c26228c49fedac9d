#include "unit/attach/AttachFixture.h"

#include "plugin/worker/channel/Frame.h"

#include <random>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tenon::tests
{

/// Peers that mean harm: nothing changes for a program beside them.
class HostileProgramTest : public CppUnit::TestFixture, private AttachFixture
{
    CPPUNIT_TEST_SUITE(HostileProgramTest);
    CPPUNIT_TEST(strangersBytesChangeNothing);
    CPPUNIT_TEST(programThatNeverReadsIsGivenUp);
    CPPUNIT_TEST(tooManyConnectionsAreClosed);
    CPPUNIT_TEST_SUITE_END();

    class Peer
    {
    public:
        explicit Peer(const std::string& path) : _socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
        {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            path.copy(address.sun_path, sizeof address.sun_path - 1);
            CPPUNIT_ASSERT(connect(_socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
            const timeval patience{60, 0};
            setsockopt(_socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            setsockopt(_socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        }
        ~Peer() { close(_socket); }

        bool send(std::string_view bytes) { return ::send(_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0; }
        void frame(plugin::FrameType type, const std::string& body, std::uint64_t id = 0)
        {
            const auto header = plugin::FrameHeader{static_cast<std::uint32_t>(body.size()), type, 0, id}.bytes();
            send(std::string(header.data(), header.size()) + body);
        }

        /// Reads until the server closes; false if it does not.
        bool isSentAway()
        {
            char bytes[4096];
            for (;;)
            {
                const auto got = recv(_socket, bytes, sizeof bytes, 0);
                if (got <= 0)
                    return got == 0 || errno == ECONNRESET;
            }
        }

    private:
        int _socket;
    };

    static std::string hello(const std::string& name, const std::string& tools)
    {
        std::string offer, body;
        plugin::FieldWriter out(offer);
        out.text(R"({"name":"x","version":"1"})").text(tools);
        for (int count = 0; count < 4; ++count)
            out.text("");
        for (int count = 0; count < 5; ++count)
            out.number(0);
        plugin::FieldWriter(body)
            .text(plugin::ATTACH_GREETING)
            .number(1)
            .number(1)
            .text(name)
            .text("x")
            .number(1)
            .number(1)
            .text("0")
            .text(offer);
        return body;
    }

    void strangersBytesChangeNothing()
    {
        serve();
        const auto program = attached([](Plugin& plugin) { plugin.tool("good", "Is good", [] { return "good"; }); });
        std::mt19937 random(7);
        for (int round = 0; round < 100; ++round)
        {
            Peer peer(socket());
            std::string bytes(1 + random() % 300, '\0');
            for (char& byte : bytes)
                byte = static_cast<char>(random());
            if (round % 2 == 0) // a good header before it
                peer.frame(static_cast<plugin::FrameType>(random() % 90), bytes, random());
            else
                peer.send(bytes);
        }
        for (const std::string& greeting : {std::string(), std::string("\xff\xff\xff\xff\xff\xff\xff\xff", 8),
                                            hello("../etc", "[]"), hello("editor", "[").substr(0, 60)})
        {
            Peer peer(socket());
            peer.frame(plugin::FrameType::HELLO, greeting);
            CPPUNIT_ASSERT(peer.isSentAway());
        }
        {
            Peer peer(socket()); // answers calls that nobody made, and lies about what it has
            peer.frame(plugin::FrameType::HELLO,
                       hello("editor", R"([{"name":"bad"},7,{"name":"good","inputSchema":{"type":"object"}}])"));
            until("it is in", [&] { return manager->status().at(0).instance.programs.size() == 2; });
            for (int type = 0; type < 256; ++type)
                peer.frame(static_cast<plugin::FrameType>(type), std::string(40, '\xff'), random());
        }
        until("it is out", [&] { return manager->status().at(0).instance.programs.size() == 1; });
        CPPUNIT_ASSERT_EQUAL(textResult("good"), call("good"));
    }

    void programThatNeverReadsIsGivenUp()
    {
        serve();
        Peer peer(socket());
        peer.frame(plugin::FrameType::HELLO, hello("editor", R"([{"name":"deaf","inputSchema":{"type":"object"}}])"));
        until("it is in", [&] { return manager->current()->tool("deaf") != nullptr; });
        const std::string large = R"({"text":")" + std::string(8 << 20, 'x') + R"("})";
        std::vector<std::shared_ptr<plugin::FakeCall>> calls;
        for (int count = 0; count < 12; ++count)
            calls.push_back(enter("deaf", large));
        until("it is given up", [&] { return manager->status().at(0).instance.programs.empty(); });
    }

    void tooManyConnectionsAreClosed()
    {
        serve({{"attach.maxPrograms", "3"}});
        std::vector<std::unique_ptr<Peer>> peers;
        for (int count = 0; count < 3; ++count)
            peers.push_back(std::make_unique<Peer>(socket()));
        until("there is no room", [&] { return Peer(socket()).isSentAway(); });
        peers.clear();
        const auto program = attached([](Plugin& plugin) { plugin.tool("good", "Is good", [] { return "good"; }); });
        CPPUNIT_ASSERT_EQUAL(textResult("good"), call("good"));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(HostileProgramTest);

} // namespace tenon::tests
