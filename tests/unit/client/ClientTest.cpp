#include "client/Client.h"
#include "support/TemporaryFolder.h"

#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <cppunit/extensions/HelperMacros.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#if !defined(_WIN32)

using namespace tenon::client;
using namespace std::chrono_literals;

namespace
{

/// A server in shell. Its lists of tools have two pages and may be kept for an hour; those of prompts may not be kept. While
/// the file $SILENT exists it answers no ping.
constexpr const char* SERVER = R"(
tools=0; prompts=0
answer() { printf '{"jsonrpc":"2.0","id":%s,%s}\n' "$id" "$1"; }
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case $line in
    *'"initialize"'*) answer '"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"prompts":{}}}' ;;
    *'"cursor":"two"'*) answer '"result":{"tools":[{"name":"last"}],"ttlMs":3600000}' ;;
    *'"tools/list"'*) tools=$((tools + 1)); answer "\"result\":{\"tools\":[{\"name\":\"t$tools\"}],\"nextCursor\":\"two\",\"ttlMs\":3600000}" ;;
    *'"prompts/list"'*) prompts=$((prompts + 1)); answer "\"result\":{\"prompts\":[{\"name\":\"p$prompts\"}]}" ;;
    *'"change"'*) printf '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n'; answer '"result":{}' ;;
    *'"ping"'*) [ -e "$SILENT" ] || answer '"result":{}' ;;
    *'"die"'*) echo "cannot go on" >&2; exit 3 ;;
    *'"id"'*) answer '"error":{"code":-32601,"message":"?"}' ;;
  esac
done
)";

} // namespace

class ClientTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ClientTest);
    CPPUNIT_TEST(opensAnotherSessionWhenOneHasGone);
    CPPUNIT_TEST(keepsListsAsLongAsTheServerSays);
    CPPUNIT_TEST(readsListsAgainWhenTheyHaveChanged);
    CPPUNIT_TEST(looksAfterAServersHealth);
    CPPUNIT_TEST_SUITE_END();

    tenon::tests::TemporaryFolder _folder;
    ClientHandler _handler;
    std::vector<int> _children;

    std::string silent() const { return _folder.path() + "/silent"; }

    std::unique_ptr<Client> clientOf(int healthMs = 0)
    {
        ClientOptions options;
        options.target = Target::ofCommand("sh", {"-c", SERVER});
        options.target.command.environment["SILENT"] = silent();
        options.healthMs = healthMs;
        options.onChild = [this](int id) { _children.push_back(id); };
        return std::make_unique<Client>(std::move(options), _handler);
    }

    static std::string namesOf(Client& client, ListKind kind)
    {
        std::string names;
        const ListingPtr listing = client.list(kind);
        for (const auto& item : listing->items)
            names += std::string(tenon::base::textMember(item, "name")) + ' ';
        return names;
    }

    static void until(const Client& client, Health::State state)
    {
        const auto end = std::chrono::steady_clock::now() + 30s;
        while (client.health().state != state)
        {
            CPPUNIT_ASSERT_MESSAGE(std::string("never ") + nameOf(state), std::chrono::steady_clock::now() < end);
            std::this_thread::sleep_for(1ms);
        }
    }

public:
    void setUp() override { std::signal(SIGPIPE, SIG_IGN); }

    void opensAnotherSessionWhenOneHasGone()
    {
        const auto client = clientOf();
        CPPUNIT_ASSERT(client->health().state == Health::State::CONNECTING);
        client->connect();
        CPPUNIT_ASSERT(client->health().state == Health::State::READY);
        CPPUNIT_ASSERT_THROW((void)client->request("die", ""), ClientException);
        until(*client, Health::State::GONE);
        const std::string why = client->health().reason;
        CPPUNIT_ASSERT_MESSAGE(why, why.find("status 3") != std::string::npos);
        CPPUNIT_ASSERT_MESSAGE(why, why.find("cannot go on") != std::string::npos);
        (void)client->request("ping", "");
        CPPUNIT_ASSERT(client->health().state == Health::State::READY);
        CPPUNIT_ASSERT_EQUAL(std::string(), client->health().reason);
        CPPUNIT_ASSERT_EQUAL(std::size_t(2), _children.size());
    }

    void keepsListsAsLongAsTheServerSays()
    {
        const auto client = clientOf();
        CPPUNIT_ASSERT_EQUAL(std::string("t1 last "), namesOf(*client, ListKind::TOOLS));
        CPPUNIT_ASSERT_EQUAL(std::string("t1 last "), namesOf(*client, ListKind::TOOLS));
        CPPUNIT_ASSERT_EQUAL(std::string("p1 "), namesOf(*client, ListKind::PROMPTS));
        CPPUNIT_ASSERT_EQUAL(std::string("p2 "), namesOf(*client, ListKind::PROMPTS));
    }

    void readsListsAgainWhenTheyHaveChanged()
    {
        const auto client = clientOf();
        CPPUNIT_ASSERT_EQUAL(std::string("t1 last "), namesOf(*client, ListKind::TOOLS));
        (void)client->request("change", "");
        CPPUNIT_ASSERT_EQUAL(std::string("t2 last "), namesOf(*client, ListKind::TOOLS));
    }

    void looksAfterAServersHealth()
    {
        const auto client = clientOf(200);
        client->connect();
        Poco::FileOutputStream(silent()) << "now";
        until(*client, Health::State::DEGRADED);
        CPPUNIT_ASSERT_EQUAL(std::string("no answer within 200 ms"), client->health().reason);
        Poco::File(silent()).remove();
        until(*client, Health::State::READY);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ClientTest);

#endif
