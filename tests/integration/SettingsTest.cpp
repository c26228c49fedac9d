#include "support/FreePort.h"
#include "support/Mcp.h"
#include "support/ServerProcess.h"
#include "support/TemporaryFolder.h"

#include <Poco/File.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <csignal>
#include <sstream>

using namespace tenon::tests;

namespace
{

void assertContains(const std::string& text, const std::string& part)
{
    CPPUNIT_ASSERT_MESSAGE("\"" + part + "\" is not in:\n" + text, text.find(part) != std::string::npos);
}

std::vector<std::string> linesOf(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

} // namespace

/// Wrong settings stop the start and say where, what and what would be right; `validate-config` says the same.
class SettingsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(SettingsTest);
    CPPUNIT_TEST(unknownKeyNamesTheNearest);
    CPPUNIT_TEST(badValueSaysWhatWasExpected);
    CPPUNIT_TEST(everyFaultIsNamedAtOnce);
    CPPUNIT_TEST(faultsOfAllRoomsAreNamedAtOnce);
    CPPUNIT_TEST(missingFileIsNamed);
    CPPUNIT_TEST(unknownArgumentIsRefused);
    CPPUNIT_TEST(toolsTakeFoldersFromSettings);
    CPPUNIT_TEST(settingsWithoutEffectAreNamed);
    CPPUNIT_TEST(whatLetsNobodyInIsNamed);
    CPPUNIT_TEST(badEnvironmentIsNamed);
    CPPUNIT_TEST(theEnvironmentSetsNothingOfAPluginsOwn);
    CPPUNIT_TEST(goodFileIsValid);
    CPPUNIT_TEST(shippedFileIsValid);
    CPPUNIT_TEST(commandLineBeatsEnvironmentBeatsFile);
    CPPUNIT_TEST(portInUseIsNamed);
    CPPUNIT_TEST(helpAndVersion);
    CPPUNIT_TEST(keysOfPluginsAreChecked);
    CPPUNIT_TEST(pathsOfPluginsStartAtTheirFile);
    CPPUNIT_TEST(whatIsValidStarts);
    CPPUNIT_TEST(faultsOfOneValueHaveTheirPlace);
    CPPUNIT_TEST(whatWouldRefuseAPluginIsNamed);
    CPPUNIT_TEST(whatIsProbablyNotMeantIsNamed);
    CPPUNIT_TEST(anAddressMayStandAsInAUrl);
    CPPUNIT_TEST(portInUseIsSaidBefore);
    CPPUNIT_TEST(pluginSettingsAreShown);
    CPPUNIT_TEST_SUITE_END();

    /// Both ways of finding out: the check and the start.
    void assertRefused(const std::string& text, const std::vector<std::string>& parts)
    {
        const std::string file = _folder.write("tenon.properties", text);
        for (const auto& arguments : {ServerProcess::Arguments{"validate-config", "--config=" + file},
                                      ServerProcess::Arguments{"--config=" + file}})
        {
            const Finished finished = runToEnd(arguments);
            CPPUNIT_ASSERT(finished.status != 0 && finished.status < 128);
            for (const std::string& part : parts)
                assertContains(finished.output + finished.error, part);
        }
    }

    void unknownKeyNamesTheNearest()
    {
        assertRefused("# a comment\nhttp.prot = 8080\n", {"tenon.properties:2", "http.prot", "http.port"});
        assertRefused("\n\nlimit.maxSessions = 5\n", {"tenon.properties:3", "limits.maxSessions"});
    }

    void badValueSaysWhatWasExpected()
    {
        assertRefused("http.port = eighty\n", {"tenon.properties:1", "http.port", "eighty", "65535"});
        assertRefused("http.host = 127.0.0.1\nhttp.port = 70000\n", {"tenon.properties:2", "70000", "65535"});
        assertRefused("plugins.reload = perhaps\n", {"tenon.properties:1", "perhaps", "true"});
    }

    void everyFaultIsNamedAtOnce()
    {
        assertRefused("http.prot = 1\nhttp.port = x\n", {"tenon.properties:1", "tenon.properties:2"});
    }

    /// Of every room, in the order of the file, and nothing that only follows from another fault.
    void faultsOfAllRoomsAreNamedAtOnce()
    {
        const std::string file = _folder.write("all.properties", "http.mcpPath = mcp\n"
                                                                 "http.port = eighty\n"
                                                                 "http.ssePath = sse\n"
                                                                 "http.trustedProxies = nowhere\n"
                                                                 "auth.type = bearer\n"
                                                                 "auth.token.ci.sha256 = 12\n"
                                                                 "auth.token.ci.type = captain\n"
                                                                 "auth.token.me.permissions = everything\n"
                                                                 "mcp.requestStateKey = abc\n"
                                                                 "telemetry.otlp = nowhere\n"
                                                                 "log.rotation = often\n"
                                                                 "log.level.nte = debug\n"
                                                                 "plugin.clock.prefx = x\n"
                                                                 "upstream.a.url = file:///x\n"
                                                                 "upstream.b.revision = 1999\n"
                                                                 "upstream.b.prefix = b\n"
                                                                 "mcp.naem = x\n"
                                                                 "mcp.naem = y\n");
        for (const auto& arguments : {ServerProcess::Arguments{"validate-config", "--config=" + file},
                                      ServerProcess::Arguments{"--config=" + file}})
        {
            ServerProcess::Arguments all = arguments;
            all.push_back("--plugins.directory=" TENON_TEST_PLUGINS);
            all.push_back("--http.keepAliveMs=x");
            const Finished finished = runToEnd(all);
            CPPUNIT_ASSERT_EQUAL(78, finished.status);
            std::string places;
            for (const auto& line : linesOf(finished.error))
                places += line.starts_with(file) ? line.substr(file.size() + 1, line.find(' ') - file.size() - 2) + ' '
                                                 : "(" + line.substr(0, 20) + ")";
            CPPUNIT_ASSERT_EQUAL_MESSAGE(
                finished.error, std::string("1 2 3 4 6 7 8 9 10 11 12 13 14 16 17 18 (--http.keepAliveMs: )"), places);
        }
    }

    void missingFileIsNamed()
    {
        const std::string file = _folder.path("none.properties");
        for (const auto& arguments : {ServerProcess::Arguments{"validate-config", "--config=" + file},
                                      ServerProcess::Arguments{"--config=" + file}})
        {
            const Finished finished = runToEnd(arguments);
            CPPUNIT_ASSERT(finished.status != 0);
            assertContains(finished.output + finished.error, file);
        }
    }

    void unknownArgumentIsRefused()
    {
        const Finished key = runToEnd({"--http.prot=0"});
        CPPUNIT_ASSERT(key.status != 0);
        assertContains(key.output + key.error, "http.port");
        CPPUNIT_ASSERT(runToEnd({"frobnicate"}).status != 0);
        const Finished slip = runToEnd({"statsu"});
        CPPUNIT_ASSERT_EQUAL(64, slip.status);
        assertContains(slip.error, "there is no command 'statsu'; did you mean 'status'?");
        const Finished process = runToEnd({"status", "--pid=abc"});
        CPPUNIT_ASSERT_EQUAL(64, process.status);
        assertContains(process.error, "--pid=abc is not a process id");
        CPPUNIT_ASSERT_EQUAL(64, runToEnd({"token", "--seconds=soon"}).status);
        const Finished pidFile = runToEnd({"stop", "--pidfile=" + _folder.write("no.pid", "x = y\n")});
        CPPUNIT_ASSERT_EQUAL(4, pidFile.status);
        assertContains(pidFile.error, "contains no process id");
    }

    /// The tools of authors too.
    void toolsTakeFoldersFromSettings()
    {
        const std::string file = _folder.write("folders.properties", "plugins.directory = " TENON_TEST_PLUGINS "\n");
        const Finished listed = runToEnd({"plugin", "list", "--config=" + file});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(listed.error, 0, listed.status);
        assertContains(listed.output, "tool clock_now");
        const Finished locked = runToEnd({"--config=" + file, "plugin", "lock", _folder.path("plugins.lock")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(locked.error, 0, locked.status);
        assertContains(locked.output, "locked sysinfo");
    }

    /// What is well-formed and changes nothing.
    void settingsWithoutEffectAreNamed()
    {
        const std::vector<std::pair<std::string, std::string>> cases = {
            {"--auth.token.ci.sha256=" + std::string(64, 'a'), "auth.type does not name bearer or apikey"},
            {"--auth.user.ada.type=team", "auth.type does not name basic"},
            {"--auth.jwt.issuers=x", "auth.type does not name jwt or oauth"},
            {"--tls.certificate=/etc/hosts", "tls.enabled is not true"},
            {"--attach.gdb.users=root", "attach.enabled is not true"},
            {"--plugins.required=clokc", "there is no such plugin"}};
        for (const auto& [argument, why] : cases)
        {
            const std::string key = argument.substr(0, argument.find('='));
            const Finished checked = runToEnd({"validate-config", "--http.port=0", "--plugins.directory=", argument});
            CPPUNIT_ASSERT_EQUAL_MESSAGE(checked.error, 0, checked.status);
            assertContains(checked.error, "warning: " + key + ": '" + key.substr(2) + "'");
            assertContains(checked.error, why);
        }
        const auto server = ServerProcess::serve({cases.front().first});
        server->waitForOutput("has no effect");
    }

    /// Said before the start, at the start and when the file is read again, each with its place.
    void whatLetsNobodyInIsNamed()
    {
        const TemporaryFolder folder;
        const auto write = [&](const std::string& more)
        {
            return folder.write("t.properties", "auth.type = bearer\nauth.token.ci.sha256 = " + std::string(64, 'a') +
                                                    "\nauth.token.ci.expires = 2020-01-31T00:00:00Z\n"
                                                    "auth.types.bot.rate = 5\ninclude = conf.d/*.properties\n" +
                                                    more);
        };
        const std::string file = write("");
        const std::vector<std::string> parts = {
            file + ":3: 'auth.token.ci.expires' is in the past, so the token lets nobody in",
            file + ":4: 'auth.types.bot.rate' belongs to a type that may use nothing: set auth.types.bot.tools",
            file + ":5: 'include' names 'conf.d/*.properties', which matches no file"};
        const Finished checked =
            runToEnd({"validate-config", "--http.port=0", "--plugins.directory=", "--config=" + file});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(checked.error, 0, checked.status);
        const auto server = ServerProcess::serve({"--config=" + file});
        for (const std::string& part : parts)
        {
            assertContains(checked.error, "warning: " + part);
            server->waitForOutput(part);
        }
        (void)write("auth.token.me.sha256 = " + std::string(64, 'b') +
                    "\nauth.token.me.expires = 2021-01-31T00:00:00Z\n");
        server->signal(SIGHUP);
        server->waitForOutput(file + ":7: 'auth.token.me.expires' is in the past");
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    void badEnvironmentIsNamed()
    {
        const Finished finished = runToEnd({}, {{"TENON_HTTP_PORT", "many"}});
        CPPUNIT_ASSERT(finished.status != 0);
        assertContains(finished.output + finished.error, "TENON_HTTP_PORT");
        for (const Finished& slip : {runToEnd({"validate-config"}, {{"TENON_HTTP_PROT", "9000"}}),
                                     runToEnd({"--http.port=0"}, {{"TENON_HTTP_PROT", "9000"}})})
        {
            CPPUNIT_ASSERT_EQUAL(78, slip.status);
            assertContains(slip.error, "TENON_HTTP_PROT: unknown setting; the nearest known one is TENON_HTTP_PORT");
        }
    }

    /// It says where to write it instead.
    void theEnvironmentSetsNothingOfAPluginsOwn()
    {
        const ServerProcess::Arguments check{"validate-config", "--http.port=0",
                                             "--plugins.directory=" TENON_TEST_PLUGINS};
        const Finished own = runToEnd(check, {{"TENON_PLUGIN_CLOCK_ZONE", "UTC"}});
        CPPUNIT_ASSERT_EQUAL(78, own.status);
        assertContains(own.error, "TENON_PLUGIN_CLOCK_ZONE: the environment sets only what the server itself reads");
        assertContains(own.error, "--plugin.NAME.KEY=VALUE");
        const Finished servers = runToEnd(check, {{"TENON_PLUGIN_CLOCK_PREFIX", "my_"}});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(servers.error, 0, servers.status);
    }

    void goodFileIsValid()
    {
        const Finished finished =
            runToEnd({"validate-config", "--config=" + _folder.write("tenon.properties", "http.port = 0\n")});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.output + finished.error, 0, finished.status);
    }

    void shippedFileIsValid()
    {
        const Finished finished = runToEnd({"validate-config", "--http.port=0", "--config=" TENON_TEST_CONFIG});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(finished.output + finished.error, 0, finished.status);
    }

    void commandLineBeatsEnvironmentBeatsFile()
    {
        const std::string file = _folder.write("tenon.properties", "http.mcpPath = /file\nhttp.ssePath = /file-sse\n"
                                                                   "http.messagePath = /file-messages\n");
        const auto server =
            ServerProcess::serve({"--config=" + file, "--http.mcpPath=/line"},
                                 {{"TENON_HTTP_MCPPATH", "/environment"}, {"TENON_HTTP_SSEPATH", "/environment-sse"}});
        const auto status = [&server](const char* path) { return exchange(server->port(), "PUT", path).status; };
        CPPUNIT_ASSERT_EQUAL(405, status("/line"));
        CPPUNIT_ASSERT_EQUAL(404, status("/environment"));
        CPPUNIT_ASSERT_EQUAL(404, status("/file"));
        CPPUNIT_ASSERT_EQUAL(405, status("/environment-sse"));
        CPPUNIT_ASSERT_EQUAL(404, status("/file-sse"));
        CPPUNIT_ASSERT_EQUAL(405, status("/file-messages"));
        server->stop();
    }

    void portInUseIsNamed()
    {
        const Poco::Net::ServerSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
        const std::string port = std::to_string(taken.address().port());
        const Finished finished = runToEnd({"--http.port=" + port});
        CPPUNIT_ASSERT(finished.status != 0 && finished.status < 128);
        assertContains(finished.output + finished.error, port);
    }

    void helpAndVersion()
    {
        CPPUNIT_ASSERT_EQUAL(runToEnd({"--help"}).output, runToEnd({"help"}).output);
        const Finished help = runToEnd({"--help"});
        CPPUNIT_ASSERT_EQUAL(0, help.status);
        for (const char* part : {"--config", "--stdio", "--daemon", "--pidfile", "validate-config", "--version"})
            assertContains(help.output, part);
        const Finished version = runToEnd({"--version"});
        CPPUNIT_ASSERT_EQUAL(0, version.status);
        assertContains(version.output, "tenon " TENON_TEST_VERSION);
    }

    TemporaryFolder _folder;

    /// Both ways to hear of it: before, and at the start.
    static void assertBothRefuse(const std::string& argument, const std::vector<std::string>& parts,
                                 const std::string& folder = {})
    {
        const std::string plugins = "--plugins.directory=" + folder; // each plugin there is loaded to be asked
        for (const Finished& finished : {runToEnd({"validate-config", "--http.port=0", plugins, argument}),
                                         runToEnd({"--http.port=0", plugins, argument})})
        {
            CPPUNIT_ASSERT_MESSAGE(argument + ": " + finished.output, finished.status != 0);
            for (const std::string& part : parts)
                assertContains(finished.error, part);
        }
    }

    void keysOfPluginsAreChecked()
    {
        assertBothRefuse("--plugin.clock.isolatoin=none", {"plugin.clock.isolatoin", "'plugin.clock.isolation'"},
                         TENON_TEST_PLUGINS);
        assertBothRefuse("--plugin.filesystem.rots=/tmp", {"plugin.filesystem.rots", "'plugin.filesystem.roots'"},
                         TENON_TEST_PLUGINS);
        const Finished other = runToEnd(
            {"validate-config", "--http.port=0", "--plugins.directory=" TENON_TEST_PLUGINS, "--plugin.clok.prefix=x"});
        CPPUNIT_ASSERT_EQUAL(0, other.status);
        assertContains(other.error, "'clok'");
        assertContains(other.error, "'clock'");
        const auto server = ServerProcess::serve({"--plugin.clok.prefix=x"});
        server->waitForOutput("'clok'");
    }

    void pathsOfPluginsStartAtTheirFile()
    {
        const TemporaryFolder folder;
        Poco::File(folder.path("data")).createDirectory();
        (void)folder.write("data/here.txt", "here");
        const std::string file = folder.write("t.properties", "plugin.filesystem.roots = data\n");
        const Finished listed =
            runToEnd({"call", "filesystem_list", "path=" + folder.path("data"), "--", TENON_TEST_BINARY, "--stdio",
                      "--config=" + file, "--plugins.directory=" TENON_TEST_PLUGINS});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(listed.error, 0, listed.status);
        assertContains(listed.output, "here.txt");
    }

    void whatIsValidStarts()
    {
        assertBothRefuse("--http.mcpPath=\"/mcp\"", {"'http.mcpPath'", "without quotes: /mcp"});
        assertBothRefuse("--http.mcpPath=mcp", {"'http.mcpPath'", "'/'"});
        assertBothRefuse("--http.ssePath=/mcp", {"'http.ssePath'", "/mcp"});
        assertBothRefuse("--http.messagePath=/sse", {"'http.messagePath'", "/sse"});
        assertBothRefuse("--http.ssePath=/messages", {"'http.ssePath'", "/messages"});
        assertBothRefuse("--http.mcpPath=/health", {"'http.mcpPath'", "/health"});
        assertBothRefuse("--http.mcpPath=/mcp?x=1", {"'http.mcpPath'"});
        assertBothRefuse("--http.publicUrl=mcp.example", {"'http.publicUrl'", "https://mcp.example"});
        assertBothRefuse("--http.publicUrl=ftp://mcp.example", {"'http.publicUrl'"});
        assertBothRefuse("--sse.profiles=standard,nobody", {"'sse.profiles'", "nobody"});
        assertBothRefuse("--log.file=/nowhere/tenon.log", {"'log.file'", "/nowhere"});
        assertBothRefuse("--ops.accessLogFile=/nowhere/access.log", {"'ops.accessLogFile'", "/nowhere"});
        assertBothRefuse("--ops.accessLogRotation=often", {"'ops.accessLogRotation'", "often"});
        assertBothRefuse("--http.host=0.0.0.0", {"--http.host: 'http.host'", "auth.allowAnonymous"});
        assertBothRefuse("--mcp.requestStateKey=abc", {"--mcp.requestStateKey: 'mcp.requestStateKey'", "64"});
        assertRefused("auth.type = bearer\nauth.token.ci.type = team\n",
                      {"tenon.properties:2", "auth.token.ci.sha256"});
        assertBothRefuse("--http.host=127.0.0.1:9000",
                         {"--http.host: 'http.host' must be an address", "the port goes into http.port"});
        assertBothRefuse("--http.host='127.0.0.1", {"'http.host' must be an address"});
        assertBothRefuse("--store=sqlite:/nowhere/x.db", {"--store: 'store' is in a folder", "/nowhere"});
        assertBothRefuse("--cluster.redis=localhost:6379", {"--cluster.redis: 'cluster.redis'", "redis://"});
        assertBothRefuse("--cluster.instance=one two", {"--cluster.instance: 'cluster.instance'"});
        assertBothRefuse("--http.allowedOrigins=app.example", {"'http.allowedOrigins'", "https://app.example"});
        assertBothRefuse("--http.allowedOrigins=https://app.example/", {"'http.allowedOrigins'", "without a path"});
        assertBothRefuse("--http.allowedHosts=https://mcp.example", {"'http.allowedHosts'", "mcp.example"});
        assertBothRefuse("--http.publicUrl=https://mcp.example/mcp", {"'http.publicUrl'", "write https://mcp.example"});
        assertRefused("= 8080\n", {"tenon.properties:1: there is no key before the value"});
        assertRefused("tls.enabled = true\ntls.certificate = gone.pem\ntls.key = gone.key\n",
                      {"tenon.properties:2: 'tls.certificate' cannot be read"});
        assertRefused("tls.key = c.pem\ntls.enabled = true\ntls.certificate = " TENON_TEST_CONFIG "\n",
                      {"tenon.properties:3: 'tls.certificate' contains no certificate"});
        assertBothRefuse("--log.file=/tmp", {"'log.file' is a folder"});
        for (const Finished& foreign :
             {runToEnd({"validate-config", "--http.port=81", "--http.host=192.0.2.1", "--auth.allowAnonymous=true"}),
              runToEnd({"--http.port=81", "--http.host=192.0.2.1", "--auth.allowAnonymous=true"})})
            assertContains(foreign.error, "--http.host: 'http.host' cannot be used: ");
        assertBothRefuse("--tls.enabled=true", {"--tls.enabled: 'tls.enabled' needs tls.certificate"});
        assertBothRefuse("--log.channel=file", {"--log.channel: 'log.channel' is file, which needs log.file"});
        assertBothRefuse("--log.channel=eventlog", {"--log.channel: 'log.channel'", "eventlog"});
        const Finished missing = runToEnd({"validate-config", "--http.port=0", "--plugins.directory=/nowhere"});
        CPPUNIT_ASSERT_EQUAL(0, missing.status); // it may come
        assertContains(missing.error,
                       "--plugins.directory: 'plugins.directory' names a folder that does not exist: /nowhere");
        // All at once, each with its place in the file.
        const TemporaryFolder folder;
        const std::string file = folder.write("t.properties", "http.mcpPath = mcp\n\nlog.rotation = often\n");
        const Finished finished = runToEnd({"validate-config", "--config=" + file});
        CPPUNIT_ASSERT_EQUAL(78, finished.status);
        assertContains(finished.error, "t.properties:1");
        assertContains(finished.error, "t.properties:3");
    }

    /// Of settings that are read as texts and looked at later.
    void faultsOfOneValueHaveTheirPlace()
    {
        const std::string hash(64, 'a');
        const std::vector<std::pair<std::string, std::string>> cases = {
            {"sse.profiles = standard, nobody\n", "'sse.profiles' names 'nobody'"},
            {"auth.type = bearer, nobody\nauth.token.ci.sha256 = " + hash + '\n', "'auth.type'"},
            {"http.trustedProxies = nowhere\n", "'http.trustedProxies'"},
            {"http.publicUrl = mcp.example\n", "'http.publicUrl'"},
            {"log.rotation = often\n", "'log.rotation'"},
            {"log.file = /nowhere/tenon.log\n", "'log.file'"},
            {"http.messagePath = /mcp\n", "'http.messagePath' takes the path /mcp"},
            {"http.mcpPath = \"/mcp\"\n", "'http.mcpPath' must be without quotes"},
            {"auth.token.ci.sha256 = 12\nauth.type = bearer\n", "'auth.token.ci.sha256'"},
            {"auth.token.ci.expires = soon\nauth.type = bearer\nauth.token.ci.sha256 = " + hash + '\n',
             "'auth.token.ci.expires'"},
            {"tls.certificate = gone.pem\ntls.enabled = true\ntls.key = gone.key\n", "'tls.certificate'"},
            {"timeouts.idleMs = 5 minutes\n", "'timeouts.idleMs' must be a duration"},
            {"limits.maxMessageBytes = 4 apples\n", "'limits.maxMessageBytes' must be a size"}};
        for (const auto& [text, what] : cases)
            assertRefused("\n# the second line\n" + text, {"tenon.properties:3: " + what});
    }

    /// What the server reads of a plugin as a text. It used to serve without the plugin.
    void whatWouldRefuseAPluginIsNamed()
    {
        const std::vector<std::pair<std::string, std::string>> cases = {
            {"plugin.clock.prefix = my tool\n", "'plugin.clock.prefix' may have letters, digits"},
            {"plugin.clock.tool.clock_now.timeuotMs = 5\n",
             "'plugin.clock.tool.clock_now.timeuotMs' must end in .title"},
            {"plugin.clock.tool.clock_now.timeoutMs = soon\n",
             "'plugin.clock.tool.clock_now.timeoutMs' must be a duration"},
            {"plugin.clock.tool.clock_now.maxResultBytes = much\n",
             "'plugin.clock.tool.clock_now.maxResultBytes' must be a size"},
            {"plugin.clock.workers = many\n", "'plugin.clock.workers' must be 'each' or an integer"},
            {"plugin.clock.sha256 = abc\n", "'plugin.clock.sha256' must be the 64 hexadecimal digits"},
            {"plugin.clock.sandbox.read = /usr\n",
             "'plugin.clock.sandbox.read' needs plugin.clock.isolation = process"},
            {"upstream.docs.prefix = my tool\nupstream.docs.command = cat\n",
             "'upstream.docs.prefix' may have letters"},
            {"plugins.lock = /nowhere/lock\n", "'plugins.lock' cannot be read: /nowhere/lock"},
            {"plugins.lock = tenon.properties\n", "'plugins.lock' is not a lock file"},
            {"auth.jwt.secretFile = /dev/null\nauth.type = jwt\n", "'auth.jwt.secretFile' names /dev/null"},
            {"auth.type =\n", "'auth.type' is empty; write none"},
            {"auth.token.ci.sha256 = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nauth.type = "
             "bearer\n",
             "'auth.token.ci.sha256' is the hash of an empty text"}};
        for (const auto& [text, what] : cases)
            assertRefused("\n\n" + text, {"tenon.properties:3: " + what});
        const TemporaryFolder folder;
        const auto server = ServerProcess::serve(
            {"--config=" + folder.write("t.properties", "plugin.clock.tool.clock_now.timeoutMs = 30s\n")});
        CPPUNIT_ASSERT_EQUAL(
            200,
            modernRequest(server->port(), "tools/call", R"("name":"clock_now","arguments":{})", "clock_now").status);
        CPPUNIT_ASSERT_EQUAL(0, server->stop());
    }

    /// It hinders nothing.
    void whatIsProbablyNotMeantIsNamed()
    {
        const TemporaryFolder folder;
        const std::string file = folder.write("t.properties", "plugins.directory = " TENON_TEST_PLUGINS "\n"
                                                              "plugin.clock.tools.allow = clock_now, clokc_*\n"
                                                              "plugin.clock.tool.clock_nwo.title = Now\n"
                                                              "plugin.clock.limits.memoryMb = 64\n"
                                                              "timeouts.heartbeatMs = 10m\n"
                                                              "mcp.name = tenon # mine\n"
                                                              "plugin.filesystem.deletable = true\n"
                                                              "plugin.sysinfo.sha256 = " +
                                                                  std::string(64, 'a') + '\n');
        const Finished checked = runToEnd({"validate-config", "--http.port=0", "--config=" + file});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(checked.error, 0, checked.status);
        for (const char* part :
             {":2: 'plugin.clock.tools.allow' names 'clokc_*', which is no tool of 'clock'",
              ":3: 'plugin.clock.tool.clock_nwo.title' is for no tool of 'clock'",
              ":4: 'plugin.clock.limits.memoryMb' has no effect: plugin.clock.isolation is not process",
              ":5: 'timeouts.heartbeatMs' has streams closed while they are quiet",
              ":6: 'mcp.name' contains ' # ', which begins no comment there",
              ":8: 'plugin.sysinfo.sha256' pins another library"})
            assertContains(checked.error, "warning: " + file + part);
        assertContains(checked.error, "the plugin 'filesystem' would be refused: its create failed with "
                                      "TENON_ERROR_FAILED; it said: plugin.filesystem.deletable needs");
    }

    void anAddressMayStandAsInAUrl()
    {
        try
        {
            const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("::1", 0));
        }
        catch (const Poco::Exception&)
        {
            return; // a machine without IPv6
        }
        for (const char* host : {"::1", "[::1]"})
        {
            const std::string argument = std::string("--http.host=") + host;
            const std::string plugins = "--plugins.directory=" TENON_TEST_PLUGINS;
            CPPUNIT_ASSERT_EQUAL(0, runToEnd({"validate-config", "--http.port=0", plugins, argument}).status);
            const auto server = ServerProcess::start({"--http.port=0", plugins, argument});
            server->waitForOutput("Listening on http://[::1]:");
            CPPUNIT_ASSERT_EQUAL(0, server->stop());
        }
    }

    void portInUseIsSaidBefore()
    {
        const Poco::Net::ServerSocket taken(Poco::Net::SocketAddress("127.0.0.1", 0));
        const TemporaryFolder folder;
        const std::string file = folder.write(
            "t.properties", "\nhttp.port = " + std::to_string(taken.address().port()) + "\nplugins.directory = .\n");
        for (const Finished& finished :
             {runToEnd({"validate-config", "--config=" + file}), runToEnd({"--config=" + file})})
        {
            CPPUNIT_ASSERT(finished.status != 0 && finished.status < 128);
            assertContains(finished.error, "t.properties:2: 'http.port'");
        }
        // What a server that runs listens on is no fault of the settings it is to read again; it is one of others'.
        const std::string port = std::to_string(freePort());
        const std::string text =
            "http.port = " + port + "\nplugins.directory = .\ncontrol.directory = " + folder.path() + '\n';
        const std::string own = folder.write("own.properties", text), other = folder.write("other.properties", text);
        const auto server =
            ServerProcess::serve({"--config=" + own, "--http.port=" + port, "--plugins.directory=" + folder.path()});
        CPPUNIT_ASSERT_EQUAL(0, runToEnd({"validate-config", "--config=" + own}).status);
        const Finished conflict = runToEnd({"validate-config", "--config=" + other});
        CPPUNIT_ASSERT_EQUAL(78, conflict.status);
        assertContains(conflict.error, "other.properties:1: 'http.port'");
        assertContains(conflict.error, "process " + std::to_string(server->pid()));
    }

    void pluginSettingsAreShown()
    {
        const Finished shown =
            runToEnd({"plugin", "settings", "filesystem", "--plugins.directory=" TENON_TEST_PLUGINS});
        CPPUNIT_ASSERT_EQUAL_MESSAGE(shown.error, 0, shown.status);
        assertContains(shown.output, "#plugin.filesystem.roots =");
        const Finished none = runToEnd({"plugin", "settings", "nobody", "--plugins.directory=" TENON_TEST_PLUGINS});
        CPPUNIT_ASSERT(none.status != 0);
        assertContains(none.error, "nobody");
        const Finished checked =
            runToEnd({"plugin", "check", TENON_TEST_PLUGINS "/clock.so", "--seed=1", "--set=prefx=x"});
        assertContains(checked.output + checked.error, "pass  setting 'zone'");
        assertContains(checked.output + checked.error, "fail  setting 'prefx': the plugin does not declare it");
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);
