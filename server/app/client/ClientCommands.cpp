#include "app/client/ClientCommands.h"

#include "app/client/Import.h"
#include "app/client/Interrupts.h"
#include "app/client/Offers.h"
#include "app/client/Rendering.h"
#include "app/client/ServerConnection.h"
#include "app/client/Shell.h"
#include "app/client/ToolArguments.h"
#include "ops/doctor/Doctor.h"

#include <Poco/Exception.h>
#include <Poco/NumberParser.h>
#include <Poco/StreamCopier.h>
#include <Poco/Util/OptionException.h>

#include <algorithm>
#include <csignal>
#include <iostream>

namespace tenon::app
{

namespace
{

using client::ListKind;
using Poco::Util::InvalidArgumentException;
using Poco::Util::MissingArgumentException;

constexpr const char* TARGETS =
    "SERVER is a URL, the name of a server in the configuration of Claude Desktop, Claude Code, "
    "Cursor or VS Code, or a program after --, as in: tenon list -- npx -y "
    "@modelcontextprotocol/server-everything. Exit status: 0 success, 1 the tool failed, 2 "
    "usage error, 3 no connection, 4 access denied, 5 timed out.";

constexpr const char* DOCTOR = "Prints one finding per line: ok, note, warn or FAIL. Looks further with credentials: "
                               "--token for auth.type = bearer, "
                               "jwt and oauth, --user for basic, --header=X-API-Key:KEY for apikey, "
                               "--client-certificate for certificate, --client-id and --client-secret to get a token "
                               "from the authorization server, or those that tenon login has kept. Exit status: 0 "
                               "nothing is wrong, 1 something is, "
                               "2 usage error.";

enum Status
{
    FINE = 0,
    FAILED = 1,
    USAGE = 2,
    UNREACHABLE = 3,
    NOT_ALLOWED = 4,
    LATE = 5,
    INTERRUPTED = 130
};

int statusOf(const client::ClientException& exc)
{
    switch (exc.fault())
    {
    case client::Fault::UNREACHABLE:
    case client::Fault::PROTOCOL:
    case client::Fault::SESSION_GONE:
        return UNREACHABLE;
    case client::Fault::NOT_ALLOWED:
        return NOT_ALLOWED;
    case client::Fault::TIMEOUT:
        return LATE;
    case client::Fault::CANCELLED:
        return INTERRUPTED;
    case client::Fault::RPC:
        return FAILED;
    }
    return FAILED;
}

/// One command: what it needs, made in order, and its faults as statuses.
template <typename Work>
int withConnection(const Arguments& arguments, const Work& work)
{
#if !defined(_WIN32)
    std::signal(SIGPIPE, SIG_IGN);
#endif
    Interrupts interrupts;
    std::unique_ptr<ServerConnection> connection;
    try
    {
        connection = std::make_unique<ServerConnection>(arguments);
        return work(*connection, interrupts);
    }
    catch (const client::ClientException& exc)
    {
        connection->console().fault(exc.message());
        return statusOf(exc);
    }
    catch (const Poco::Util::OptionException&)
    {
        throw;
    }
    catch (const Poco::Exception& exc)
    {
        std::cerr << "tenon: " << Console::tame(exc.displayText()) << std::endl;
        return USAGE;
    }
}

client::RequestOptions watched(ServerConnection& connection, Interrupts& interrupts)
{
    client::RequestOptions options = connection.requestOptions();
    interrupts.watch(options.cancellation);
    return options;
}

std::string takeWord(std::vector<std::string>& words, const char* what)
{
    if (words.empty())
        throw MissingArgumentException(what);
    std::string word = words.front();
    words.erase(words.begin());
    return word;
}

void refuseRest(const std::vector<std::string>& words)
{
    if (!words.empty())
        throw Poco::Util::UnexpectedArgumentException(words.front());
}

std::vector<ListKind> kindsOf(const std::vector<std::string>& words)
{
    std::vector<ListKind> kinds;
    for (const std::string& word : words)
        if (word == "tools")
            kinds.push_back(ListKind::TOOLS);
        else if (word == "resources")
            kinds.push_back(ListKind::RESOURCES);
        else if (word == "templates")
            kinds.push_back(ListKind::TEMPLATES);
        else if (word == "prompts")
            kinds.push_back(ListKind::PROMPTS);
        else
            throw InvalidArgumentException(word + " is not one of tools, resources, templates, prompts");
    if (kinds.empty())
        kinds = {ListKind::TOOLS, ListKind::RESOURCES, ListKind::TEMPLATES, ListKind::PROMPTS};
    return kinds;
}

int list(const Arguments& arguments)
{
    return withConnection(arguments,
                          [](ServerConnection& connection, Interrupts&) -> int
                          {
                              Rendering rendering(connection.console(), "");
                              const auto kinds = kindsOf(connection.words());
                              const client::Peer peer = connection.client().peer();
                              std::vector<std::pair<ListKind, client::ListingPtr>> lists;
                              for (const ListKind kind : kinds)
                                  lists.emplace_back(kind, connection.client().list(kind));
                              if (connection.console().form() == OutputForm::JSON)
                              {
                                  rendering.document(peer, lists);
                                  return FINE;
                              }
                              rendering.server(peer);
                              for (const auto& [kind, listing] : lists)
                                  rendering.list(kind, *listing);
                              return FINE;
                          });
}

/// The arguments of a call: of --json, of standard input for "-", else of the words.
std::string callArguments(const Arguments& arguments, const std::vector<std::string>& words,
                          const base::JsonDocument::Element* schema)
{
    std::string json;
    if (arguments.has("json"))
    {
        refuseRest(words);
        json = arguments.text("json");
    }
    else if (words.size() == 1 && words.front() == "-")
        Poco::StreamCopier::copyToString(std::cin, json);
    else
        return toolArguments(words, schema);
    try
    {
        if (!base::JsonDocument::parse(json)->root().is_object())
            throw Poco::DataFormatException("it is not an object");
    }
    catch (const Poco::Exception& exc)
    {
        throw InvalidArgumentException("the arguments must be a JSON object: " + exc.message());
    }
    return json;
}

int read(const Arguments& arguments)
{
    return withConnection(arguments,
                          [&](ServerConnection& connection, Interrupts& interrupts) -> int
                          {
                              auto words = connection.words();
                              const std::string uri = takeWord(words, "the URI of a resource");
                              refuseRest(words);
                              const client::Reply reply =
                                  connection.client().readResource(uri, watched(connection, interrupts));
                              Rendering(connection.console(), arguments.text("out")).resource(reply.result);
                              return FINE;
                          });
}

int prompt(const Arguments& arguments)
{
    return withConnection(arguments,
                          [&](ServerConnection& connection, Interrupts& interrupts) -> int
                          {
                              auto words = connection.words();
                              const std::string name = takeWord(words, "the name of a prompt");
                              const client::Reply reply = connection.client().getPrompt(
                                  name, words.empty() ? "" : promptArguments(words), watched(connection, interrupts));
                              Rendering(connection.console(), arguments.text("out")).prompt(reply.result);
                              return FINE;
                          });
}

int login(const Arguments& arguments)
{
    return withConnection(arguments,
                          [&](ServerConnection& connection, Interrupts&) -> int
                          {
                              refuseRest(connection.words());
                              connection.login(true);
                              const client::Peer peer = connection.client().peer();
                              connection.console().print("logged in at " + connection.client().target().text() + " (" +
                                                         peer.name + ')');
                              return FINE;
                          });
}

int shell(const Arguments& arguments)
{
    return withConnection(arguments,
                          [&](ServerConnection& connection, Interrupts& interrupts) -> int
                          {
                              refuseRest(connection.words());
                              return Shell(connection, interrupts, arguments.text("out")).run();
                          });
}

int doctor(const Arguments& arguments)
{
    return withConnection(arguments,
                          [&](ServerConnection& connection, Interrupts&) -> int
                          {
                              refuseRest(connection.words());
                              const client::Target& target = connection.client().target();
                              if (target.kind == client::Target::Kind::STDIO)
                                  throw InvalidArgumentException("doctor needs the URL of a server");
                              ops::DoctorOptions options{connection.credentials(), false, connection.http()};
                              for (const char* option : {"token", "user", "header", "client-id", "client-metadata",
                                                         "key", "client-certificate"})
                                  options.given = options.given || arguments.has(option);
                              if (arguments.has("timeout"))
                                  options.timeoutMs = connection.timeoutMs();
                              return ops::doctor(target.url.toString(), options, std::cout) == 0 ? FINE : FAILED;
                          });
}

/// For the completion of shells: what could follow the words that were typed, a line each. Never says why not.
int complete(const Arguments& arguments)
{
    try
    {
        TypedLine line{arguments.behind.empty() ? arguments.rest : arguments.behind, 0};
        if (line.words.empty())
            return FINE;
        line.at = line.words.size() - 1;
        if (arguments.has("word"))
            line.at = std::min<std::size_t>(line.at, Poco::NumberParser::parseUnsigned(arguments.text("word")));
        for (const std::string& one : completionsFor(clientCommands(), line))
            std::cout << one << '\n';
    }
    catch (const Poco::Exception&)
    {
        // A shell has no place for it.
    }
    return FINE;
}

} // namespace

int callTool(const Arguments& arguments)
{
    return withConnection(
        arguments,
        [&](ServerConnection& connection, Interrupts& interrupts) -> int
        {
            auto words = connection.words();
            const std::string name = takeWord(words, "the name of a tool");
            const client::ListingPtr tools = connection.client().list(ListKind::TOOLS);
            base::JsonDocument::Element schema;
            const bool known = findSchema(*tools, name, schema);
            if (!known && connection.client().peer().has("tools"))
                throw InvalidArgumentException(unknownTool(*tools, name));
            const std::string json = callArguments(arguments, words, known ? &schema : nullptr);
            if (known && !arguments.has("no-check"))
                checkArguments(json, schema);
            const client::Reply reply = connection.client().callTool(name, json, watched(connection, interrupts));
            return Rendering(connection.console(), arguments.text("out")).toolResult(reply.result) ? FINE : FAILED;
        });
}

std::vector<Command> clientCommands()
{
    std::vector<Command> all;
    const auto add = [&](Command command, const std::vector<Poco::Util::Option>& own = {})
    {
        command.details = TARGETS;
        command.usageStatus = USAGE;
        for (const auto& one : own)
            command.options.addOption(one);
        for (const auto& one : connectionOptions())
            command.options.addOption(one);
        all.push_back(std::move(command));
    };
    Command examination{
        "doctor", "URL", "examine a running server from outside and report what is wrong", DOCTOR, false, {}, doctor};
    examination.usageStatus = USAGE;
    for (const auto& one : credentialOptions())
        examination.options.addOption(one);
    examination.options.addOption(option("timeout", "how long to wait for each answer; default: 5", "SECONDS"));
    const auto out = option("out", "save images, audio and other binary content in this folder", "FOLDER");
    add({"list",
         "SERVER [tools|resources|templates|prompts]...",
         "list what an MCP server offers",
         "",
         false,
         {},
         list});
    add({"call", "SERVER TOOL [NAME=VALUE]... | -", "call a tool of an MCP server", "", false, {}, callTool},
        {out, option("json", "the arguments, as a JSON object", "JSON"),
         option("no-check", "send arguments even if they do not match the tool's schema")});
    add({"read", "SERVER URI", "read a resource of an MCP server", "", false, {}, read}, {out});
    add({"prompt", "SERVER NAME [NAME=VALUE]...", "get a prompt of an MCP server", "", false, {}, prompt}, {out});
    add({"login", "URL", "log in to an MCP server and keep the token", "", false, {}, login});
    add({"shell", "SERVER", "use an MCP server interactively, with history and completion", "", false, {}, shell},
        {out});
    all.push_back(std::move(examination));
    all.push_back({"import",
                   "FILE",
                   "turn the servers of an MCP client's configuration into settings",
                   "Prints them as settings for upstream servers, and on standard error what could not be converted.",
                   false,
                   {},
                   importCommand});
    all.push_back({"complete",
                   "-- WORD...",
                   "list what could follow, for shell completion",
                   "WORD are the words after tenon; the last one may be incomplete.",
                   false,
                   {},
                   complete});
    all.back().options.addOption(option("word", "another word is begun; the first has the number 0", "NUMBER"));
    return all;
}

} // namespace tenon::app
