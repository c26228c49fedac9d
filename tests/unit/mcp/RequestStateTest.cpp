#include "mcp/calls/RequestState.h"

#include "jsonrpc/Error.h"

#include <cppunit/extensions/HelperMacros.h>

#include <string>

using tenon::base::JsonDocument;
using tenon::jsonrpc::RpcException;
using tenon::mcp::RequestState;
using tenon::mcp::StateSealer;

class RequestStateTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(RequestStateTest);
    CPPUNIT_TEST(whatWasSealedIsOpened);
    CPPUNIT_TEST(noTwoSealsAreAlike);
    CPPUNIT_TEST(nothingCanBeReadInIt);
    CPPUNIT_TEST(everyBitCounts);
    CPPUNIT_TEST(everyLengthIsRefusedOrRight);
    CPPUNIT_TEST(keysAreApart);
    CPPUNIT_TEST(theBindingCounts);
    CPPUNIT_TEST(timeCounts);
    CPPUNIT_TEST(partsOfABindingDoNotFlowTogether);
    CPPUNIT_TEST_SUITE_END();

public:
    void whatWasSealedIsOpened()
    {
        const RequestState state{
            {{"who", R"({"action":"accept"})"}, {"", ""}}, {{"k", std::string("\0\x01ä\"", 5)}}, {{"who", 2}}, 700};
        const auto opened = sealer.open(sealer.seal(state, "b"), "b");
        CPPUNIT_ASSERT(state.answers == opened.answers);
        CPPUNIT_ASSERT(state.memories == opened.memories);
        CPPUNIT_ASSERT(state.asked == opened.asked);
        CPPUNIT_ASSERT(opened.elapsedMs >= 700);
        CPPUNIT_ASSERT(sealer.open(sealer.seal({}, "b"), "b").answers.empty());
    }

    void noTwoSealsAreAlike() { CPPUNIT_ASSERT(sealer.seal({}, "b") != sealer.seal({}, "b")); }

    void nothingCanBeReadInIt()
    {
        const auto sealed = sealer.seal({{{"secret", "secret"}}, {}, {}, 0}, "b");
        CPPUNIT_ASSERT(sealed.find("secret") == std::string::npos);
        CPPUNIT_ASSERT(sealed.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                       std::string::npos);
    }

    void everyBitCounts()
    {
        const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const auto sealed = sealer.seal({}, "b");
        for (std::size_t at = 0; at < sealed.size(); ++at)
            for (const unsigned bit : {1u, 2u, 4u, 8u, 16u, 32u})
            {
                auto changed = sealed;
                changed[at] = alphabet[alphabet.find(sealed[at]) ^ bit];
                CPPUNIT_ASSERT_THROW((void)sealer.open(changed, "b"), RpcException);
            }
    }

    void everyLengthIsRefusedOrRight()
    {
        const auto sealed = sealer.seal({}, "b");
        for (std::size_t size = 0; size < sealed.size(); ++size)
            CPPUNIT_ASSERT_THROW((void)sealer.open(sealed.substr(0, size), "b"), RpcException);
        for (const std::string tail : {"A", "AA", "AAA", "AAAA", "=", "==", "\n", " "})
            CPPUNIT_ASSERT_THROW((void)sealer.open(sealed + tail, "b"), RpcException);
    }

    void keysAreApart()
    {
        const StateSealer same(std::string(64, 'a'), 60'000), other(std::string(64, 'b'), 60'000), made("", 60'000),
            made2("", 60'000);
        CPPUNIT_ASSERT_NO_THROW((void)same.open(sealer.seal({}, "b"), "b"));
        CPPUNIT_ASSERT_THROW((void)other.open(sealer.seal({}, "b"), "b"), RpcException);
        CPPUNIT_ASSERT_NO_THROW((void)made.open(made.seal({}, "b"), "b"));
        CPPUNIT_ASSERT_THROW((void)made2.open(made.seal({}, "b"), "b"), RpcException);
    }

    void theBindingCounts() { CPPUNIT_ASSERT_THROW((void)sealer.open(sealer.seal({}, "b"), "c"), RpcException); }

    void timeCounts()
    {
        const StateSealer expired(std::string(64, 'a'), -1);
        CPPUNIT_ASSERT_THROW((void)expired.open(sealer.seal({}, "b"), "b"), RpcException);
    }

    void partsOfABindingDoNotFlowTogether()
    {
        const auto document = JsonDocument::parse("{}");
        const auto root = document->root();
        const auto of = [&](const char* principal, const char* method, const char* subject)
        { return StateSealer::bindingOf(principal, method, subject, &root); };
        CPPUNIT_ASSERT_EQUAL(of("a", "b", "c"), of("a", "b", "c"));
        CPPUNIT_ASSERT(of("ab", "", "c") != of("a", "b", "c"));
        CPPUNIT_ASSERT(of("a\",\"b", "c", "") != of("a", "b", "c"));
        CPPUNIT_ASSERT(StateSealer::bindingOf("a", "b", "c", nullptr) != of("a", "b", "c"));
    }

private:
    StateSealer sealer{std::string(64, 'a'), 60'000};
};

CPPUNIT_TEST_SUITE_REGISTRATION(RequestStateTest);
