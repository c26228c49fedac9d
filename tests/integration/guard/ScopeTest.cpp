// What a token does not allow: hidden from those who cannot get more, refused with a challenge to those who can.
#include "Tokens.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <ctime>

using namespace tenon::tests;

class ScopeTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(ScopeTest);
    CPPUNIT_TEST(aTokenWithTooFewScopesIsTold);
    CPPUNIT_TEST(staticTokensLearnNothing);
    CPPUNIT_TEST_SUITE_END();

    static constexpr const char* SECRET = "a secret of more than thirty-two bytes, shared";

    static Headers with(Headers headers, const std::string& token)
    {
        headers["Authorization"] = "Bearer " + token;
        return headers;
    }

    static HttpReply modern(std::uint16_t port, const std::string& token, const std::string& method,
                            const std::string& params, const std::string& name)
    {
        return exchange(port, "POST", "/mcp", with(modernHeaders(method, name), token),
                        modernBody("1", method, params));
    }

    std::string token(const std::string& scope) const
    {
        return tokens::hs256(R"({"iss":"https://login.example","sub":"alice","aud":"https://mcp.example/mcp","exp":)" +
                                 std::to_string(std::time(nullptr) + 600) + R"(,"scope":")" + scope + "\"}",
                             SECRET);
    }

public:
    void aTokenWithTooFewScopesIsTold()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve(
            {"--auth.type=oauth", "--auth.jwt.secretFile=" + folder.write("secret", SECRET),
             "--http.publicUrl=https://mcp.example", "--auth.oauth.authorizationServers=https://login.example",
             "--auth.oauth.requiredScopes=mcp:use", "--auth.oauth.scopeTypes=mcp:admin=master,mcp:tools=team",
             "--http.allowedHosts=127.0.0.1", "--plugin.filesystem.roots=" + folder.path(),
             "--plugin.filesystem.writable=true"});
        const std::string narrow = token("mcp:use"), broad = token("mcp:use mcp:tools");
        const std::string call = R"("name":"filesystem_write","arguments":{"path":"a.txt","content":"x"})";

        const HttpReply refused = modern(server->port(), narrow, "tools/call", call, "filesystem_write");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(refused.body, 403, refused.status);
        const std::string challenge = refused.header("www-authenticate");
        CPPUNIT_ASSERT_MESSAGE(challenge, challenge.rfind("Bearer error=\"insufficient_scope\", "
                                                          "scope=\"mcp:use mcp:tools\", resource_metadata=\"https://"
                                                          "mcp.example/.well-known/oauth-protected-resource/mcp\"",
                                                          0) == 0);
        CPPUNIT_ASSERT_EQUAL(std::string("application/json"), refused.header("content-type"));
        CPPUNIT_ASSERT_EQUAL(-32602, errorCode(refused.body));

        const HttpReply allowed = modern(server->port(), broad, "tools/call", call, "filesystem_write");
        CPPUNIT_ASSERT_EQUAL_MESSAGE(allowed.body, 200, allowed.status);
        CPPUNIT_ASSERT_EQUAL(200,
                             modern(server->port(), narrow, "tools/call", R"("name":"clock_now")", "clock_now").status);
        const HttpReply unknown = modern(server->port(), narrow, "tools/call", R"("name":"none")", "none");
        CPPUNIT_ASSERT_EQUAL_MESSAGE("no scope makes it", 200, unknown.status);
        CPPUNIT_ASSERT_EQUAL(-32602, errorCode(unknown.body));
        const HttpReply list = modern(server->port(), narrow, "tools/list", "", "");
        CPPUNIT_ASSERT_MESSAGE("what may not be called is not listed",
                               list.body.find("\"filesystem_write\"") == std::string::npos &&
                                   list.body.find("\"filesystem_read\"") != std::string::npos);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void staticTokensLearnNothing()
    {
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve(
            {"--auth.type=bearer", "--auth.token.r.sha256=" + sha256Hex("reader"), "--auth.token.r.type=readonly",
             "--plugin.filesystem.roots=" + folder.path(), "--plugin.filesystem.writable=true"});
        const HttpReply hidden =
            modern(server->port(), "reader", "tools/call", R"("name":"filesystem_write")", "filesystem_write");
        const HttpReply unknown =
            modern(server->port(), "reader", "tools/call", R"("name":"filesystem_wrote")", "filesystem_wrote");
        CPPUNIT_ASSERT_EQUAL(unknown.status, hidden.status);
        CPPUNIT_ASSERT(hidden.header("www-authenticate").empty());
        CPPUNIT_ASSERT_EQUAL(errorCode(unknown.body), errorCode(hidden.body));
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(ScopeTest);
