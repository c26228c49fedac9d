#include "app/cli/CommandLine.h"

#include "app/Settings.h"
#include "base/text/NearestName.h"

#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/OptionException.h>
#include <Poco/Util/OptionProcessor.h>

#include <algorithm>
#include <iterator>
#include <ostream>

namespace tenon::app
{

namespace
{

constexpr int WIDTH = 100;

/// Settings are told from options by the dot in their name; the few that are of no room, such as `store`, by their name.
bool isSetting(const std::string& argument)
{
    if (!argument.starts_with("--"))
        return false;
    const std::string name = argument.substr(2, argument.find('=') - 2);
    if (name.find('.') != std::string::npos)
        return true;
    const auto all = allSettings();
    return argument.size() > name.size() + 2 &&
           std::any_of(all.begin(), all.end(), [&name](const auto& setting) { return setting.key == name; });
}

void addSetting(const std::string& argument, std::map<std::string, std::string>& settings)
{
    const auto equals = argument.find('=');
    if (equals == std::string::npos)
        throw Poco::Util::MissingArgumentException(argument + "=VALUE");
    settings[argument.substr(2, equals - 2)] = argument.substr(equals + 1);
}

/// The option or setting that was probably meant, as a question; empty: there is none like it.
std::string suggestionFor(const Command& command, const std::string& word)
{
    constexpr std::size_t SLIP = 2;
    base::NearestName nearest(word.substr(0, word.find('=')));
    for (const auto& option : command.allOptions())
        nearest.consider("--" + option.fullName());
    if (command.takesSettings)
        for (const auto& setting : allSettings())
            if (setting.key.find('*') == std::string_view::npos)
                nearest.consider("--" + std::string(setting.key));
    return nearest.distance() <= SLIP ? "; did you mean " + nearest.name() + "?" : "";
}

/// Reads `typed` into `arguments`; without them, up to the first word that is no option. Gives where it stopped.
std::size_t walk(const Command& command, const std::vector<std::string>& typed, Arguments* arguments)
{
    const Poco::Util::OptionSet options = command.allOptions();
    Poco::Util::OptionProcessor processor(options);
    processor.setUnixStyle(true);
    bool valueFollows = false; // POCO waits for the value of the option before
    Arguments ignored;
    Arguments& into = arguments ? *arguments : ignored;
    for (std::size_t at = 0; at < typed.size(); ++at)
    {
        const std::string& word = typed[at];
        if (!valueFollows && command.takesSettings && isSetting(word))
        {
            addSetting(word, into.settings);
            continue;
        }
        if (!valueFollows && word == "-")
        {
            if (!arguments)
                return at;
            into.rest.push_back(word); // standard input, by custom
            continue;
        }
        if (!valueFollows && arguments && word == "--")
        {
            into.behind.assign(typed.begin() + static_cast<std::ptrdiff_t>(at) + 1, typed.end());
            return typed.size();
        }
        std::string name, value;
        bool isOption = false;
        try
        {
            isOption = processor.process(word, name, value);
        }
        catch (const Poco::Util::UnknownOptionException& exc)
        {
            throw Poco::Util::UnknownOptionException(exc.message() + suggestionFor(command, word));
        }
        if (!isOption)
        {
            if (!arguments)
                return at;
            into.rest.push_back(word);
            continue;
        }
        valueFollows = name.empty() && word != "--";
        if (!name.empty())
            into.options.emplace(name, value);
    }
    if (valueFollows)
        throw Poco::Util::MissingArgumentException(typed.back());
    return typed.size();
}

} // namespace

std::string Arguments::text(std::string_view option, std::string_view otherwise) const
{
    const auto [first, end] = options.equal_range(option);
    return first == end ? std::string(otherwise) : std::prev(end)->second; // the last one counts, as of settings
}

std::vector<std::string> Arguments::texts(std::string_view option) const
{
    std::vector<std::string> all;
    for (auto [at, end] = options.equal_range(option); at != end; ++at)
        all.push_back(at->second);
    return all;
}

Poco::Util::OptionSet Command::allOptions() const
{
    Poco::Util::OptionSet all(options);
    if (takesSettings)
        all.addOption(option("config", "settings file; conf/tenon.properties explains every key", "FILE"));
    all.addOption(option("help", "print this", {}, "h"));
    return all;
}

Arguments parseArguments(const Command& command, const std::vector<std::string>& typed)
{
    Arguments arguments;
    (void)walk(command, typed, &arguments);
    if (command.rest.empty() && !arguments.has("help"))
        for (const auto* words : {&arguments.rest, &arguments.behind})
            if (!words->empty())
                throw Poco::Util::UnexpectedArgumentException(words->front());
    return arguments;
}

std::size_t commandAt(const Command& root, const std::vector<std::string>& typed)
{
    return walk(root, typed, nullptr);
}

void printHelp(const Command& command, std::ostream& out)
{
    const Poco::Util::OptionSet options = command.allOptions();
    Poco::Util::HelpFormatter help(options);
    help.setUnixStyle(true);
    help.setWidth(WIDTH);
    help.setCommand("tenon" + (command.name.empty() ? "" : " " + command.name));
    std::string usage = "[OPTION]...";
    if (command.takesSettings)
        usage += " [--KEY=VALUE]...";
    if (!command.rest.empty())
        usage += ' ' + command.rest;
    help.setUsage(usage);
    help.setHeader(command.summary);
    if (!command.details.empty())
        help.setFooter(command.details);
    help.setAutoIndent();
    help.format(out);
}

Poco::Util::Option option(const std::string& name, const std::string& description, const std::string& argument,
                          const std::string& shortName)
{
    Poco::Util::Option made(name, shortName, description, false);
    if (!argument.empty())
        made.argument(argument).repeatable(true);
    return made;
}

} // namespace tenon::app
