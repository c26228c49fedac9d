#include "app/client/ServerConfigs.h"

#include "base/json/JsonDocument.h"
#include "client/http/Proxy.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/Path.h>
#include <Poco/StreamCopier.h>

#include <algorithm>

namespace tenon::app
{

namespace
{

using base::findMember;
using base::JsonDocument;
using base::textMember;

/// Replaces what stands in `${…}`; `fault` says what could not be.
std::string expanded(std::string_view text, const std::string& folder, std::string& fault, References references)
{
    std::string all;
    while (true)
    {
        const auto begin = text.find("${");
        const auto end = begin == std::string_view::npos ? begin : text.find('}', begin);
        if (end == std::string_view::npos)
            return all.append(text);
        all.append(text.substr(0, begin));
        std::string name(text.substr(begin + 2, end - begin - 2));
        text.remove_prefix(end + 1);
        std::string otherwise;
        if (const auto dash = name.find(":-"); dash != std::string::npos)
        {
            otherwise = name.substr(dash + 2);
            name.resize(dash);
        }
        if (name.starts_with("env:"))
            name.erase(0, 4);
        if (name.starts_with("input:"))
            fault = "it needs the input \"" + name.substr(6) + "\", which its client asks the user for";
        else if (name == "workspaceFolder")
            all += folder;
        else if (name == "userHome")
            all += Poco::Path::home();
        else if (references == References::KEPT && otherwise.empty())
            all += "${" + name + '}';
        else
        {
            const std::string value = client::processEnvironment(name.c_str());
            all += value.empty() ? otherwise : value;
        }
    }
}

/// Reads one entry into a server.
class EntryReader
{
public:
    EntryReader(std::string name, std::string file, References references)
        : _folder(Poco::Path(file).makeAbsolute().makeParent().toString()), _references(references)
    {
        _server.name = std::move(name);
        _server.file = std::move(file);
    }

    ConfiguredServer read(const JsonDocument::Element& entry)
    {
        JsonDocument::Element off;
        bool disabled = false;
        _server.disabled = findMember(entry, "disabled", off) && !off.get(disabled) && disabled;
        _server.variablesFile = textMember(entry, "envFile");
        std::string url = text(entry, "url");
        if (url.empty())
            url = text(entry, "serverUrl");
        try
        {
            if (!url.empty())
                readHttp(entry, url);
            else if (!textMember(entry, "command").empty())
                readCommand(entry);
            else
                _server.fault = "it has neither a command nor a url";
        }
        catch (const Poco::Exception& exc)
        {
            _server.fault = exc.displayText();
        }
        return std::move(_server);
    }

private:
    std::string text(const JsonDocument::Element& object, std::string_view name)
    {
        return expanded(textMember(object, name), _folder, _server.fault, _references);
    }

    void readHttp(const JsonDocument::Element& entry, const std::string& url)
    {
        _server.target = client::Target::ofUrl(url);
        if (textMember(entry, "type") == "sse" || textMember(entry, "transport") == "sse")
            _server.target.kind = client::Target::Kind::SSE;
        JsonDocument::Element headers;
        simdjson::dom::object members;
        if (findMember(entry, "headers", headers) && !headers.get(members))
            for (const auto& [name, value] : members)
                if (std::string_view one; !value.get(one))
                    _server.headers.emplace_back(name, expanded(one, _folder, _server.fault, _references));
    }

    void readCommand(const JsonDocument::Element& entry)
    {
        std::vector<std::string> arguments;
        JsonDocument::Element member;
        simdjson::dom::array list;
        if (findMember(entry, "args", member) && !member.get(list))
            for (const auto& item : list)
                if (std::string_view one; !item.get(one))
                    arguments.push_back(expanded(one, _folder, _server.fault, _references));
        _server.target = client::Target::ofCommand(text(entry, "command"), std::move(arguments));
        _server.target.command.folder = text(entry, "cwd");
        simdjson::dom::object variables;
        if (findMember(entry, "env", member) && !member.get(variables))
            for (const auto& [name, value] : variables)
                if (std::string_view one; !value.get(one))
                    _server.target.command.environment[std::string(name)] =
                        expanded(one, _folder, _server.fault, _references);
    }

    const std::string _folder;
    const References _references;
    ConfiguredServer _server;
};

void addServers(const JsonDocument::Element& object, std::string_view member, const std::string& file,
                References references, std::vector<ConfiguredServer>& servers, const std::string& project = {})
{
    JsonDocument::Element found;
    simdjson::dom::object entries;
    if (findMember(object, member, found) && !found.get(entries))
        for (const auto& [name, entry] : entries)
            if (entry.is_object())
            {
                servers.push_back(EntryReader(std::string(name), file, references).read(entry));
                servers.back().project = project;
            }
}

/// Without a separator at its end.
std::string plainFolder(std::string folder)
{
    while (folder.size() > 1 && (folder.back() == '/' || folder.back() == '\\'))
        folder.pop_back();
    return folder;
}

std::string readFile(const std::string& path)
{
    Poco::FileInputStream in(path);
    std::string text;
    Poco::StreamCopier::copyToString(in, text);
    return text;
}

} // namespace

std::string withoutComments(std::string_view text)
{
    std::string plain;
    bool inText = false;
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        const char byte = text[at];
        if (inText)
        {
            plain += byte;
            if (byte == '\\' && at + 1 < text.size())
                plain += text[++at];
            else if (byte == '"')
                inText = false;
        }
        else if (byte == '/' && text.substr(at, 2) == "//")
            at = std::min(text.find('\n', at), text.size()) - 1;
        else if (byte == '/' && text.substr(at, 2) == "/*")
        {
            const auto end = text.find("*/", at + 2);
            at = end == std::string_view::npos ? text.size() : end + 1;
        }
        else
        {
            if (byte == '}' || byte == ']')
                if (const auto last = plain.find_last_not_of(" \t\r\n");
                    last != std::string::npos && plain[last] == ',')
                    plain.erase(last, 1);
            inText = byte == '"';
            plain += byte;
        }
    }
    return plain;
}

std::vector<ConfiguredServer> serversIn(const std::string& file, const std::string& project, References references)
{
    std::vector<ConfiguredServer> servers;
    try
    {
        const auto document = JsonDocument::parse(withoutComments(readFile(file)));
        const JsonDocument::Element root = document->root();
        JsonDocument::Element projects, own, mcp;
        const bool byProject = findMember(root, "projects", projects);
        for (std::string folder = byProject ? project : std::string(); !folder.empty() && servers.empty();)
        {
            if (findMember(projects, folder, own))
                addServers(own, "mcpServers", file, references, servers, folder);
            const std::string above = plainFolder(Poco::Path::forDirectory(folder).parent().toString());
            folder = above == folder ? std::string() : above;
        }
        addServers(root, "mcpServers", file, references, servers);
        addServers(root, "servers", file, references, servers);
        if (findMember(root, "mcp", mcp))
            addServers(mcp, "servers", file, references, servers);
        simdjson::dom::object all;
        if (references == References::KEPT && byProject && !projects.get(all))
            for (const auto& [folder, settings] : all)
                addServers(settings, "mcpServers", file, references, servers, std::string(folder));
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::DataFormatException(file + ": " + exc.displayText());
    }
    return servers;
}

std::vector<std::string> configurationFiles()
{
    std::vector<std::string> files;
    const auto add = [&](const Poco::Path& path)
    {
        const std::string name = path.toString();
        if (Poco::File(name).exists() && std::find(files.begin(), files.end(), name) == files.end())
            files.push_back(name);
    };
    for (Poco::Path folder(Poco::Path::current());; folder.makeParent())
    {
        add(Poco::Path(folder).setFileName(".mcp.json"));
        add(Poco::Path(folder, ".cursor/mcp.json"));
        add(Poco::Path(folder, ".vscode/mcp.json"));
        if (folder.depth() == 0)
            break;
    }
    const Poco::Path home(Poco::Path::home());
#if defined(_WIN32)
    const Poco::Path config = Poco::Path(client::processEnvironment("APPDATA")).makeDirectory();
#elif defined(__APPLE__)
    const Poco::Path config(home, "Library/Application Support/");
#else
    const std::string named = client::processEnvironment("XDG_CONFIG_HOME");
    const Poco::Path config = named.empty() ? Poco::Path(home, ".config/") : Poco::Path(named).makeDirectory();
#endif
    const std::string claude = client::processEnvironment("CLAUDE_CONFIG_DIR");
    add(Poco::Path(claude.empty() ? home : Poco::Path(claude).makeDirectory(), ".claude.json"));
    add(Poco::Path(config, "Claude/claude_desktop_config.json"));
    add(Poco::Path(home, ".cursor/mcp.json"));
    add(Poco::Path(config, "Code/User/mcp.json"));
    add(Poco::Path(config, "Code/User/settings.json"));
    return files;
}

std::vector<ConfiguredServer> configuredServers()
{
    const std::string project = plainFolder(Poco::Path::current());
    std::vector<ConfiguredServer> all;
    for (const std::string& file : configurationFiles())
    {
        try
        {
            for (ConfiguredServer& server : serversIn(file, project))
                if (std::none_of(all.begin(), all.end(),
                                 [&](const ConfiguredServer& other) { return other.name == server.name; }))
                    all.push_back(std::move(server));
        }
        catch (const Poco::Exception&)
        {
            // A file that its own program may be writing just now.
        }
    }
    return all;
}

} // namespace tenon::app
