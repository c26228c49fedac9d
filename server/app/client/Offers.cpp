#include "app/client/Offers.h"

#include "app/client/ServerConfigs.h"
#include "app/client/ServerConnection.h"
#include "app/client/ToolArguments.h"
#include "base/json/JsonWriter.h"
#include "base/text/NearestName.h"

#include <algorithm>

namespace tenon::app
{

namespace
{

using base::textMember;
using client::ListKind;

constexpr const char* COMPLETION_SECONDS = "3";

void keepBegun(std::vector<std::string>& candidates, const std::string& begun)
{
    std::erase_if(candidates, [&](const std::string& one) { return !one.starts_with(begun); });
}

std::vector<std::string> namesIn(const client::Listing& listing, std::string_view member)
{
    std::vector<std::string> names;
    for (const auto& item : listing.items)
        names.emplace_back(textMember(item, member));
    return names;
}

/// Parameters that are not given yet, as "name=", or the values of the one that is begun.
std::vector<std::string> parametersFor(client::Client& client, const std::string& tool,
                                       const std::vector<std::string>& given, const std::string& begun)
{
    std::vector<std::string> candidates;
    base::JsonDocument::Element schema;
    const client::ListingPtr tools = client.list(ListKind::TOOLS);
    if (!findSchema(*tools, tool, schema))
        return candidates;
    if (const auto equals = begun.find('='); equals != std::string::npos)
    {
        const std::string name = begun.substr(0, equals);
        for (const std::string& value : parameterValues(schema, name))
            candidates.push_back(name + '=' + value);
        return candidates;
    }
    for (const std::string& name : parameterNames(schema))
        if (std::none_of(given.begin(), given.end(),
                         [&](const std::string& one) { return one.starts_with(name + '='); }))
            candidates.push_back(name + '=');
    return candidates;
}

std::vector<std::string> promptParametersFor(client::Client& client, const std::string& name, const std::string& begun)
{
    std::vector<std::string> candidates;
    const client::ListingPtr prompts = client.list(ListKind::PROMPTS);
    const auto* prompt = prompts->find(name);
    base::JsonDocument::Element arguments;
    simdjson::dom::array list;
    if (!prompt)
        return candidates;
    if (const auto equals = begun.find('='); equals != std::string::npos)
    {
        std::string quotedName;
        base::JsonWriter::appendString(quotedName, name);
        for (const std::string& value : client.complete(R"({"type":"ref/prompt","name":)" + quotedName + '}',
                                                        begun.substr(0, equals), begun.substr(equals + 1)))
            candidates.push_back(begun.substr(0, equals + 1) + value);
        return candidates;
    }
    if (base::findMember(*prompt, "arguments", arguments) && !arguments.get(list))
        for (const auto& one : list)
            candidates.push_back(std::string(textMember(one, "name")) + '=');
    return candidates;
}

/// "--output=", "--quiet".
std::vector<std::string> optionsOf(const Command& command)
{
    std::vector<std::string> names;
    for (const Poco::Util::Option& one : command.allOptions())
        names.push_back("--" + one.fullName() + (one.takesArgument() ? "=" : ""));
    return names;
}

/// What follows the name of a command and a server.
std::vector<std::string> following(client::Client& client, const std::string& command,
                                   const std::vector<std::string>& words)
{
    const std::string begun = words.empty() ? std::string() : words.back();
    std::vector<std::string> candidates;
    if (command == "list" || command == "ls")
        candidates = {"tools", "resources", "templates", "prompts"};
    else if (command == "read" && words.size() <= 1)
        candidates = namesIn(*client.list(ListKind::RESOURCES), "uri");
    else if (command == "prompt")
        candidates = words.size() <= 1 ? namesIn(*client.list(ListKind::PROMPTS), "name")
                                       : promptParametersFor(client, words.front(), begun);
    else if (command == "call" || command == "describe")
    {
        if (words.size() <= 1)
            candidates = namesIn(*client.list(ListKind::TOOLS), "name");
        else if (command == "call")
            candidates = parametersFor(client, words.front(), {words.begin() + 1, words.end() - 1}, begun);
    }
    keepBegun(candidates, begun);
    return candidates;
}

} // namespace

bool findSchema(const client::Listing& tools, const std::string& name, base::JsonDocument::Element& schema)
{
    const auto* tool = tools.find(name);
    return tool && base::findMember(*tool, "inputSchema", schema);
}

std::string unknownTool(const client::Listing& tools, const std::string& name)
{
    for (const std::string& rejected : tools.rejected)
        if (rejected.starts_with(name + ": "))
            return "the tool must not be used: " + rejected;
    base::NearestName nearest(name);
    for (const std::string& one : namesIn(tools, "name"))
        nearest.consider(one);
    const bool near = !nearest.name().empty() && nearest.distance() <= std::max<std::size_t>(2, name.size() / 3);
    return "the server has no tool " + name + (near ? "; do you mean " + nearest.name() + "?" : "");
}

std::vector<std::string> shellCompletions(client::Client& client, const std::vector<std::string>& words)
{
    if (words.size() <= 1)
    {
        std::vector<std::string> candidates{"call", "describe", "exit", "help", "list", "prompt", "read", "status"};
        for (std::string& tool : namesIn(*client.list(ListKind::TOOLS), "name"))
            candidates.push_back(std::move(tool));
        keepBegun(candidates, words.empty() ? "" : words.front());
        return candidates;
    }
    base::JsonDocument::Element schema;
    if (findSchema(*client.list(ListKind::TOOLS), words.front(), schema))
        return following(client, "call", words);
    return following(client, words.front(), {words.begin() + 1, words.end()});
}

std::vector<std::string> completionsFor(const std::vector<Command>& commands, const TypedLine& line)
{
    std::vector<std::string> candidates;
    const auto command = std::find_if(commands.begin(), commands.end(),
                                      [&](const Command& one) { return one.name == line.words.front(); });
    if (line.at == 0 || command == commands.end())
        return candidates;
    const std::string& begun = line.words[line.at];
    if (begun.starts_with('-'))
    {
        candidates = optionsOf(*command);
        keepBegun(candidates, begun);
        return candidates;
    }
    const auto place = line.words.begin() + static_cast<std::ptrdiff_t>(line.at);
    std::vector<std::string> typed(line.words.begin() + 1, place);
    const auto dashes = std::find(place + 1, line.words.end(), "--");
    typed.insert(typed.end(), dashes, line.words.end());

    Arguments target = parseArguments(*command, typed);
    const bool needsServer = target.behind.empty();
    if (needsServer && target.rest.empty())
    {
        for (const ConfiguredServer& server : configuredServers())
            candidates.push_back(server.name);
        keepBegun(candidates, begun);
        return candidates;
    }
    std::vector<std::string> words = std::move(target.rest);
    if (needsServer)
    {
        target.rest = {words.front()};
        words.erase(words.begin());
    }
    words.push_back(begun);
    target.options.erase("browser"); // a key that is pressed opens none
    target.options.erase("trace");
    target.options.erase("timeout");
    target.options.emplace("timeout", COMPLETION_SECONDS);
    target.options.emplace("quiet", "");
    ServerConnection connection(target, Login::NEVER);
    return following(connection.client(), command->name, words);
}

} // namespace tenon::app
