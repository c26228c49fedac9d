#include "plugin/tools/ToolMain.h"

#include "base/json/JsonWriter.h"
#include "plugin/config/LockFile.h"
#include "plugin/manager/PluginFiles.h"
#include "plugin/tools/Check.h"
#include "plugin/tools/NewProject.h"
#include "plugin/tools/Trial.h"

#include <Poco/AutoPtr.h>
#include <Poco/ConsoleChannel.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/NumberParser.h>
#include <Poco/Path.h>
#include <Poco/PatternFormatter.h>
#include <Poco/StreamCopier.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>

namespace tenon::plugin
{

namespace
{

constexpr int OK = 0, FAULTY = 1, USAGE = 2;

constexpr const char* USAGE_TEXT =
    "usage: tenon plugin new NAME [--c|--rust]           make a project from the template\n"
    "       tenon plugin check FILE [--json] [--seed=N] [--call=TOOL=JSON]... [--set=KEY=VALUE]...  check a plugin\n"
    "       tenon plugin run FILE TOOL [JSON|NAME=VALUE...] [--answers=FILE] [--json] [--set=KEY=VALUE]...  call one "
    "tool\n"
    "       tenon plugin list [FOLDER|FILE]...           show what plugins offer (default: plugins)\n"
    "       tenon plugin lock LOCKFILE [FOLDER|FILE]...  record the digests of libraries and tools\n"
    "       tenon plugin diff LOCKFILE [FOLDER|FILE]...  show what differs from what was recorded\n"
    "       tenon plugin diff OLDFILE NEWFILE            show what a new version changes\n";

/// The words of a command line, options apart.
struct Words
{
    std::vector<std::string> plain;
    std::map<std::string, std::vector<std::string>> options; ///< "--set=a" is "set": {"a"}

    explicit Words(const std::vector<std::string>& args)
    {
        for (const auto& word : args)
        {
            if (!word.starts_with("--"))
            {
                plain.push_back(word);
                continue;
            }
            const auto equals = word.find('=');
            const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
            options[name].push_back(equals == std::string::npos ? "" : word.substr(equals + 1));
        }
    }
    [[nodiscard]] bool has(const std::string& name) const { return options.contains(name); }

    /// The first option that is none of `known`, as it was typed; empty: there is none.
    [[nodiscard]] std::string unknownAmong(const std::vector<std::string>& known) const
    {
        for (const auto& [name, values] : options)
            if (std::find(known.begin(), known.end(), name) == known.end())
                return "--" + name;
        return {};
    }

    /// What `--set` says.
    [[nodiscard]] std::map<std::string, std::string> settings() const
    {
        std::map<std::string, std::string> pairs;
        if (has("set"))
            for (const auto& pair : options.at("set"))
                pairs[pair.substr(0, pair.find('='))] =
                    pair.find('=') == std::string::npos ? "" : pair.substr(pair.find('=') + 1);
        return pairs;
    }
};

/// The library files that `places`, folders and files, name.
std::vector<PluginFile> filesOf(std::vector<std::string> places)
{
    if (places.empty())
        places.emplace_back("plugins");
    std::vector<PluginFile> files;
    for (const auto& place : places)
    {
        const Poco::File file(place);
        if (!file.exists())
            throw Poco::FileNotFoundException(place);
        if (!file.isDirectory())
            files.push_back({Trial::nameOf(place), place});
        else
            for (auto& found : findPluginFiles({place}))
                files.push_back(std::move(found));
    }
    return files;
}

std::string summary(const std::string& text)
{
    const std::string line = text.substr(0, text.find('\n'));
    return line.size() > 80 ? line.substr(0, 77) + "..." : line;
}

int list(const Words& words)
{
    int status = OK;
    for (const auto& file : filesOf(words.plain))
    {
        try
        {
            const Trial trial(file.path);
            const Entries& entries = trial.entries;
            std::cout << file.name << " " << entries.version << "  " << file.path << "\n";
            for (const auto& tool : entries.tools)
            {
                const auto definition = base::JsonDocument::parse(tool.definition.text());
                std::cout << "  tool " << tool.name << "  "
                          << summary(std::string(base::textMember(definition->root(), "description"))) << "\n";
            }
            for (const auto& resource : entries.resources)
                std::cout << "  resource " << resource.uri << "\n";
            for (const auto& resource : entries.templates)
                std::cout << "  template " << resource.uriTemplate << "\n";
            for (const auto& prompt : entries.prompts)
                std::cout << "  prompt " << prompt.name << "\n";
            for (const auto& skill : entries.skills)
                std::cout << "  skill " << skill.uri << "\n";
            for (const auto& refusal : entries.refusals)
            {
                std::cout << "  refused: " << refusal.subject << ": " << refusal.reason << "\n";
                status = FAULTY;
            }
        }
        catch (const Poco::Exception& exc)
        {
            std::cout << file.name << "  " << file.path << "\n  refused: " << exc.message() << "\n";
            status = FAULTY;
        }
    }
    return status;
}

const char* wordOf(Finding::Verdict verdict)
{
    return verdict == Finding::Verdict::PASS ? "pass" : verdict == Finding::Verdict::WARN ? "warn" : "fail";
}

/// The arguments that tools are to be called with: of the file beside the plugin, hello.calls.json for hello.so, and of
/// `--call=TOOL=JSON`, which wins.
///
/// Errors: Poco::DataFormatException.
std::map<std::string, std::string> sampleCalls(const Words& words)
{
    std::map<std::string, std::string> calls;
    Poco::Path beside(words.plain[0]);
    beside.setFileName(beside.getBaseName() + ".calls.json");
    if (Poco::File(beside).exists())
    {
        std::string text;
        Poco::FileInputStream stream(beside.toString());
        Poco::StreamCopier::copyToString(stream, text);
        const auto document = base::JsonDocument::parse(text);
        simdjson::dom::object tools;
        if (document->root().get_object().get(tools))
            throw Poco::DataFormatException(beside.toString() + " is not a JSON object of tools and their arguments");
        for (const auto& [tool, arguments] : tools)
            calls[std::string(tool)] = base::toJson(arguments);
    }
    if (words.has("call"))
        for (const auto& call : words.options.at("call"))
        {
            const auto equals = call.find('=');
            if (equals == std::string::npos)
                throw Poco::DataFormatException("--call=TOOL=JSON, but found --call=" + call);
            calls[call.substr(0, equals)] = base::toJson(base::JsonDocument::parse(call.substr(equals + 1))->root());
        }
    return calls;
}

int check(const Words& words)
{
    if (words.plain.size() != 1)
        return USAGE;
    if (!Poco::File(words.plain[0]).exists())
        throw Poco::FileNotFoundException(words.plain[0]);
    std::uint64_t seed = std::random_device{}();
    if (words.has("seed") && !Poco::NumberParser::tryParseUnsigned64(words.options.at("seed").back(), seed))
    {
        std::cerr << "tenon plugin check: --seed=" << words.options.at("seed").back() << " is not a number\n";
        return USAGE;
    }
    const bool asJson = words.has("json");
    std::map<Finding::Verdict, int> counts;
    std::string json;
    base::JsonWriter out(json);
    out.beginObject().member("file", words.plain[0]).member("seed", seed).key("findings").beginArray();
    if (!asJson)
        std::cout << words.plain[0] << ", seed " << seed << "\n";
    const auto waits = [asJson](const std::string& what)
    {
        if (!asJson)
            std::cerr << "wait  " << what << std::endl;
    };
    checkPlugin(words.plain[0], {words.settings(), sampleCalls(words), seed, waits},
                [&](const Finding& finding)
                {
                    ++counts[finding.verdict];
                    if (asJson)
                        out.beginObject()
                            .member("check", finding.check)
                            .member("verdict", wordOf(finding.verdict))
                            .member("detail", finding.detail)
                            .endObject();
                    else
                        std::cout << wordOf(finding.verdict) << "  " << finding.check
                                  << (finding.detail.empty() ? "" : ": " + finding.detail) << std::endl;
                });
    const int failed = counts[Finding::Verdict::FAIL], warned = counts[Finding::Verdict::WARN];
    out.endArray().member("passed", counts[Finding::Verdict::PASS]).member("warned", warned).member("failed", failed);
    out.endObject();
    if (asJson)
        std::cout << json << std::endl;
    else
        std::cout << counts[Finding::Verdict::PASS] << " passed, " << warned << " warnings, " << failed << " failed"
                  << std::endl;
    return failed > 0 ? FAULTY : OK;
}

int lock(const Words& words)
{
    if (words.plain.empty())
        return USAGE;
    LockFile file;
    for (const auto& plugin : filesOf({words.plain.begin() + 1, words.plain.end()}))
    {
        const Trial trial(plugin.path);
        file.libraries[plugin.name] = trial.image->sha256();
        file.tools[plugin.name] = trial.entries.toolDigests;
        std::cout << "locked " << plugin.name << " " << trial.entries.version << "\n";
    }
    file.write(words.plain[0]);
    return OK;
}

/// Two versions of a library against each other.
int diffVersions(const std::string& before, const std::string& after)
{
    const Trial one(before), other(after);
    int status = one.image->sha256() == other.image->sha256() ? OK : FAULTY;
    std::cout << one.entries.version << " -> " << other.entries.version << "\n";
    std::map<std::string, std::pair<std::string, std::string>> definitions;
    for (const auto& tool : one.entries.tools)
        definitions[tool.name].first = tool.definition.text();
    for (const auto& tool : other.entries.tools)
        definitions[tool.name].second = tool.definition.text();
    for (const auto& [name, pair] : definitions)
    {
        if (pair.first == pair.second)
            continue;
        status = FAULTY;
        if (!pair.first.empty())
            std::cout << "- " << pair.first << "\n";
        if (!pair.second.empty())
            std::cout << "+ " << pair.second << "\n";
    }
    return status;
}

int diff(const Words& words)
{
    if (words.plain.empty())
        return USAGE;
    const auto isLibrary = [](const std::string& path) { return path.ends_with(Library::suffix()); };
    if (words.plain.size() == 2 && isLibrary(words.plain[0]) && isLibrary(words.plain[1]))
        return diffVersions(words.plain[0], words.plain[1]);
    const LockFile file = LockFile::read(words.plain[0]);
    int status = OK;
    for (const auto& plugin : filesOf({words.plain.begin() + 1, words.plain.end()}))
    {
        const Trial trial(plugin.path);
        for (const auto& difference : file.differences(plugin.name, trial.image->sha256(), trial.entries.toolDigests))
        {
            std::cout << plugin.name << ": " << difference << "\n";
            status = FAULTY;
        }
    }
    return status;
}

int make(const Words& words)
{
    if (words.plain.size() != 1)
        return USAGE;
    const std::string& name = words.plain[0];
    const Language language = words.has("rust") ? Language::RUST : words.has("c") ? Language::C : Language::CPP;
    makeProject(name, language);
    std::cout << "made " << name << "; build it and try it with\n  " << buildCommands(name, language)
              << "\n  tenon plugin check " << libraryOf(name, language) << "\n";
    return OK;
}

/// What is wrong of what plugins log and print, and the traces of their crashes, go to standard error.
void showLog()
{
    const Poco::AutoPtr<Poco::Channel> console(new Poco::ConsoleChannel(std::cerr));
    const Poco::AutoPtr<Poco::Formatter> formatter(new Poco::PatternFormatter("%p %s: %t"));
    const Poco::AutoPtr<Poco::Channel> channel(new Poco::FormattingChannel(formatter, console));
    auto& logger = Poco::Logger::get("tenon.plugin"); // those of plugins are made like it
    logger.setChannel(channel);
    logger.setLevel(Poco::Message::PRIO_ERROR);
}

} // namespace

int toolMain(std::vector<std::string> args)
{
    struct Tool
    {
        int (*run)(const Words&);
        std::vector<std::string> options;
    };
    const std::map<std::string, Tool> tools = {{"new", {make, {"c", "rust"}}},
                                               {"check", {check, {"json", "seed", "call", "set"}}},
                                               {"list", {list, {}}},
                                               {"lock", {lock, {}}},
                                               {"diff", {diff, {}}}};
    const std::string name = args.empty() ? "" : args.front();
    for (const auto& word : args)
        if (word == "--help" || word == "-h")
        {
            std::cout << USAGE_TEXT;
            return OK;
        }
    const auto tool = tools.find(name);
    int status = USAGE;
    showLog();
    try
    {
        if (tool != tools.end())
        {
            const Words words({args.begin() + 1, args.end()});
            if (const std::string unknown = words.unknownAmong(tool->second.options); unknown.empty())
                status = tool->second.run(words);
            else
                std::cerr << "tenon plugin " << name << ": there is no option " << unknown << "\n";
        }
    }
    catch (const Poco::Exception& exc)
    {
        std::cerr << "tenon plugin " << name << ": " << exc.displayText() << std::endl;
        return FAULTY;
    }
    if (status == USAGE)
        std::cerr << USAGE_TEXT;
    return status;
}

} // namespace tenon::plugin
