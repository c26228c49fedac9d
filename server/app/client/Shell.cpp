#include "app/client/Shell.h"

#include "app/client/LineEditor.h"
#include "app/client/Offers.h"
#include "app/client/ToolArguments.h"
#include "base/text/Reason.h"
#include "client/http/Proxy.h"

#include <Poco/Exception.h>
#include <Poco/Path.h>

#include <algorithm>

namespace tenon::app
{

namespace
{

using client::ListKind;

std::string historyFile()
{
    std::string folder = client::processEnvironment("XDG_STATE_HOME");
    if (folder.empty())
        folder = Poco::Path(Poco::Path::home()).append(".local/state").toString();
    return Poco::Path(folder).makeDirectory().pushDirectory("tenon").setFileName("history").toString();
}

constexpr const char* HELP = R"(TOOL name=value...       call a tool (or: call TOOL ...)
list [tools|resources|templates|prompts]
describe TOOL            its parameters
read URI                 a resource
prompt NAME name=value...
status                   the server, the revision, how it is doing
exit)";

} // namespace

int Shell::run()
{
    Console& console = _connection.console();
    client::Client& client = _connection.client();
    client.connect();
    if (console.asks())
        _rendering.server(client.peer());
    try
    {
        client.listen({});
    }
    catch (const client::ClientException&)
    {
        // Without news, lists are asked for each time.
    }
    LineEditor editor(console.asks() ? historyFile() : std::string(),
                      [&client](const std::vector<std::string>& words) { return shellCompletions(client, words); });
    std::string line;
    while (editor.read("tenon> ", line))
    {
        std::vector<std::string> words;
        if (!splitWords(line, words))
        {
            console.fault("a quote is not closed");
            _status = 2;
            continue;
        }
        if (words.empty() || words.front().starts_with('#'))
            continue;
        try
        {
            _status = 0;
            if (!execute(std::move(words)))
                break;
        }
        catch (const Poco::Exception& exc)
        {
            console.fault(base::reasonOf(exc));
            _status = 1;
        }
        _interrupts.watch(nullptr);
    }
    return console.asks() ? 0 : _status;
}

client::RequestOptions Shell::watched()
{
    client::RequestOptions options = _connection.requestOptions();
    _interrupts.watch(options.cancellation);
    return options;
}

bool Shell::execute(std::vector<std::string> words)
{
    client::Client& client = _connection.client();
    const std::string name = words.front();
    words.erase(words.begin());
    const auto first = [&]
    {
        if (words.empty())
            throw Poco::InvalidArgumentException(name + " needs to know what");
        return words.front();
    };
    const auto rest = [&] { return std::vector<std::string>(words.begin() + 1, words.end()); };
    if (name == "exit" || name == "quit")
        return false;
    if (name == "help" || name == "?")
        help();
    else if (name == "list" || name == "ls")
        list(words);
    else if (name == "describe")
        describe(first());
    else if (name == "read")
        _rendering.resource(client.readResource(first(), watched()).result);
    else if (name == "prompt")
    {
        const std::string prompt = first();
        _rendering.prompt(client.getPrompt(prompt, words.size() > 1 ? promptArguments(rest()) : "", watched()).result);
    }
    else if (name == "status")
    {
        _rendering.server(client.peer());
        const client::Health health = client.health();
        _connection.console().print(std::string(client::nameOf(health.state)) +
                                    (health.reason.empty() ? "" : ": " + health.reason));
    }
    else if (name == "call")
    {
        const std::string tool = first();
        call(tool, rest());
    }
    else
        call(name, words);
    return true;
}

void Shell::help()
{
    _connection.console().print(HELP);
}

void Shell::call(const std::string& tool, const std::vector<std::string>& typed)
{
    const client::ListingPtr tools = _connection.client().list(ListKind::TOOLS);
    base::JsonDocument::Element schema;
    if (!findSchema(*tools, tool, schema))
        throw Poco::NotFoundException(unknownTool(*tools, tool) + "; help lists the commands");
    const std::string json = toolArguments(typed, &schema);
    checkArguments(json, schema);
    const client::Reply reply = _connection.client().callTool(tool, json, watched());
    if (!_rendering.toolResult(reply.result))
        _status = 1;
}

void Shell::list(const std::vector<std::string>& kinds)
{
    for (const ListKind kind : {ListKind::TOOLS, ListKind::RESOURCES, ListKind::TEMPLATES, ListKind::PROMPTS})
    {
        const std::string name(kind == ListKind::TEMPLATES ? "templates" : client::memberOf(kind));
        if (kinds.empty() || std::find(kinds.begin(), kinds.end(), name) != kinds.end())
            _rendering.list(kind, *_connection.client().list(kind));
    }
}

void Shell::describe(const std::string& tool)
{
    const client::ListingPtr tools = _connection.client().list(ListKind::TOOLS);
    const auto* found = tools->find(tool);
    base::JsonDocument::Element schema;
    if (!found || !findSchema(*tools, tool, schema))
        throw Poco::NotFoundException(unknownTool(*tools, tool));
    Console& console = _connection.console();
    console.print(base::textMember(*found, "description"));
    base::JsonDocument::Element properties, property;
    std::vector<Console::Row> rows;
    if (base::findMember(schema, "properties", properties))
        for (const std::string& name : parameterNames(schema))
            if (base::findMember(properties, name, property))
            {
                std::string type(base::textMember(property, "type"));
                for (const std::string& value : parameterValues(schema, name))
                    type += ' ' + value;
                rows.push_back({name, type, std::string(base::textMember(property, "description"))});
            }
    console.table("Parameters: " + signatureOf(schema), rows);
}

} // namespace tenon::app
