#include "app/cli/Commands.h"

#include "app/ConfigCheck.h"
#include "app/IdleSettings.h"
#include "app/Settings.h"
#include "app/client/ClientCommands.h"
#if !defined(_WIN32)
#include "app/control/ControlCommands.h"
#endif
#include "app/cli/PluginRun.h"
#include "app/cli/SettingsOfPlugins.h"
#include "app/log/Logging.h"
#include "base/settings/SettingFaults.h"
#include "base/settings/SettingsException.h"
#include "base/text/NearestName.h"
#include "guard/jwt/JwtSetup.h"
#include "guard/login/Password.h"
#include "plugin/tools/ToolMain.h"

#include <Poco/NumberParser.h>
#include <Poco/Path.h>
#include <Poco/Util/Application.h>
#include <Poco/Util/OptionException.h>

#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <iterator>
#include <map>
#include <utility>

#if defined(_WIN32)
#include <Poco/UnicodeConverter.h>

#include <cstdlib>
#else
#include <unistd.h>
extern char** environ; // NOLINT: POSIX declares it nowhere
#endif

namespace tenon::app
{

namespace
{

std::map<std::string, std::string> environment()
{
    std::map<std::string, std::string> variables;
#if defined(_WIN32)
    // The narrow environment is in the system's code page, and empty in a program with wide arguments.
    for (wchar_t** entry = _wenviron; entry && *entry; ++entry)
    {
        std::string text;
        Poco::UnicodeConverter::toUTF8(*entry, text);
#else
    for (char** entry = environ; entry && *entry; ++entry)
    {
        const std::string text(*entry);
#endif
        if (text.rfind("TENON_", 0) == 0)
            variables[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
    }
    return variables;
}

/// What is wrong is added to `faults`, and is as if it was not set.
base::SettingsPtr readSettings(const Arguments& arguments, base::SettingFaults& faults)
{
    return base::Settings::load({arguments.text("config"), arguments.settings, environment()}, allSettings(), faults);
}

/// Shape: there are no faults, or they have been raised.
CheckedSettings withWarnings(base::SettingsPtr settings, const base::SettingFaults& faults)
{
    CheckedSettings checked{std::move(settings), faults.warnings()};
    for (std::string& line : settingsWithoutEffect(*checked.settings))
        checked.warnings.push_back(std::move(line));
    return checked;
}

int validateConfig(const Arguments& arguments)
{
    for (const std::string& warning : checkedSettings(arguments, true).warnings)
        std::cerr << "warning: " << warning << "\n";
    std::cout << "valid\n";
    return Poco::Util::Application::EXIT_OK;
}

int printConfig(const Arguments&)
{
    printSettings(std::cout);
    return Poco::Util::Application::EXIT_OK;
}

/// From standard input, so that it stands in no list of processes.
int hashPassword(const Arguments&)
{
    std::string password;
    std::cerr << "password: " << std::flush;
    if (!std::getline(std::cin, password) || password.empty())
        throw Poco::Util::MissingArgumentException("a password on standard input");
    std::cout << guard::hashPassword(password) << "\n";
    return Poco::Util::Application::EXIT_OK;
}

int mintToken(const Arguments& arguments)
{
    guard::TokenRequest request;
    request.subject = arguments.text("subject", "me");
    request.type = arguments.text("type");
    request.scope = arguments.text("scope");
    request.audience = arguments.text("audience");
    request.privateKeyFile = arguments.text("key");
    const std::string seconds = arguments.text("seconds", "3600");
    if (!Poco::NumberParser::tryParse64(seconds, request.lifetimeSeconds) || request.lifetimeSeconds <= 0)
        throw Poco::Util::InvalidArgumentException("--seconds=" + seconds + " is not a number of seconds");
    request.permissions = arguments.texts("permission");
    std::cout << guard::mintToken(*loadSettings(arguments), request) << "\n";
    return Poco::Util::Application::EXIT_OK;
}

std::vector<Command> makeCommands()
{
    std::vector<Command> all;
    const auto add = [&](Command command, std::initializer_list<Poco::Util::Option> options = {})
    {
        for (const auto& one : options)
            command.options.addOption(one);
        all.push_back(std::move(command));
    };
    add({"validate-config", "", "check the settings without starting", "", true, {}, validateConfig});
    add({"print-config",
         "",
         "print a settings file with every key, its default and an explanation",
         "",
         false,
         {},
         printConfig});
    add({"hash-password",
         "",
         "read a password from standard input and print what auth.user.NAME.password takes",
         "",
         false,
         {},
         hashPassword});
    add({"token", "", "mint a JWT for trying auth.type=jwt", "", true, {}, mintToken},
        {option("subject", "whom it names; default: me", "NAME"), option("type", "type of the principal", "TYPE"),
         option("scope", "scopes, separated by spaces", "SCOPE"), option("audience", "for which server", "URL"),
         option("permission", "a permission; may be given several times", "PERMISSION"),
         option("key", "private key to sign with", "FILE"), option("seconds", "lifetime; default: 3600", "N")});
    add(pluginSettingsCommand());
    add(pluginRunCommand());
#if !defined(_WIN32)
    for (Command& command : controlCommands())
        all.push_back(std::move(command));
#endif
    for (Command& command : clientCommands())
        all.push_back(std::move(command));
    return all;
}

/// Runs one, with the options that were typed for it.
int runOne(const Command& command, const std::vector<std::string>& typed)
{
    try
    {
        const Arguments arguments = parseArguments(command, typed);
        if (!arguments.has("help"))
            return command.run(arguments);
        printHelp(command, std::cout);
        return Poco::Util::Application::EXIT_OK;
    }
    catch (const Poco::Util::OptionException& exc)
    {
        if (command.usageStatus == 0)
            throw;
        reportFault("tenon: " + exc.displayText() + "\nsee tenon " + command.name + " --help");
        return command.usageStatus;
    }
}

/// Lets the tools that look through folders take those of a settings file, if it is named and they are not.
std::vector<std::string> withFolders(std::vector<std::string> typed)
{
    constexpr std::string_view CONFIG = "--config=";
    const auto config =
        std::find_if(typed.begin(), typed.end(), [](const std::string& word) { return word.starts_with(CONFIG); });
    if (config == typed.end() || (typed[0] != "list" && typed[0] != "lock" && typed[0] != "diff"))
        return typed;
    Arguments arguments;
    arguments.options.emplace("config", config->substr(CONFIG.size()));
    typed.erase(config);
    const auto words =
        std::count_if(typed.begin(), typed.end(), [](const std::string& word) { return !word.starts_with("--"); });
    if (words == (typed[0] == "list" ? 1 : 2))
        for (std::string& folder : loadSettings(arguments)->list("plugins.directory"))
            typed.push_back(std::move(folder));
    return typed;
}

int reportUnknown(const std::string& name)
{
    base::NearestName nearest(name);
    for (const Command& command : commands())
        nearest.consider(command.name);
    for (const char* other : {"serve", "plugin"})
        nearest.consider(other);
    reportFault("tenon: there is no command '" + name + "'" +
                (nearest.distance() <= name.size() / 2 ? "; did you mean '" + nearest.name() + "'?" : "") +
                "\nsee tenon --help");
    return Poco::Util::Application::EXIT_USAGE;
}

std::string joined(const std::vector<std::string>& words, std::size_t count)
{
    std::string text;
    for (std::size_t at = 0; at < count; ++at)
        text += (at ? " " : "") + words[at];
    return text;
}

} // namespace

const std::vector<Command>& commands()
{
    static const std::vector<Command> all = makeCommands();
    return all;
}

base::SettingsPtr loadSettings(const Arguments& arguments)
{
    return base::Settings::load({arguments.text("config"), arguments.settings, environment()}, allSettings());
}

base::SettingsPtr readableSettings(const Arguments& arguments)
{
    base::SettingFaults ignored;
    return readSettings(arguments, ignored);
}

CheckedSettings reloadSettings(const Arguments& arguments)
{
    base::SettingFaults faults(arguments.text("config"));
    auto settings = readSettings(arguments, faults);
    faults.raise();
    return withWarnings(std::move(settings), faults);
}

CheckedSettings checkedSettings(const Arguments& arguments, bool all)
{
    const std::string file = arguments.text("config");
    base::SettingFaults faults(file);
    auto settings = readSettings(arguments, faults);
    checkConfig(settings, faults);
    std::vector<std::string> ofPlugins;
    if (all || !faults.empty())
    {
        try
        {
            checkAddress(*settings, file.empty() ? "" : Poco::Path(file).makeAbsolute().toString());
        }
        catch (const base::SettingsException& exc)
        {
            faults.addIfNew({}, exc.message());
        }
        ofPlugins = checkPluginSettings(*settings, faults);
    }
    faults.raise();
    CheckedSettings checked = withWarnings(std::move(settings), faults);
    std::move(ofPlugins.begin(), ofPlugins.end(), std::back_inserter(checked.warnings));
    return checked;
}

int runCommand(const std::string& name, std::vector<std::string> before, std::vector<std::string> typed)
{
    // The command of two words first: "plugin restart" before the group "plugin".
    std::vector<std::string> words{name};
    words.insert(words.end(), typed.begin(), typed.end());
    for (const std::size_t count : {std::size_t(2), std::size_t(1)})
        for (const Command& command : commands())
        {
            if (count > words.size() || command.name != joined(words, count))
                continue;
            before.insert(before.end(), words.begin() + static_cast<std::ptrdiff_t>(count), words.end());
            return runOne(command, before);
        }
    if (name != "plugin")
        return reportUnknown(name);
    if (!typed.empty())
        typed.insert(typed.end(), before.begin(), before.end());
    return plugin::toolMain(withFolders(std::move(typed)));
}

std::string listOfCommands()
{
    constexpr std::size_t COLUMN = 18;
    std::string list;
    const auto add = [&](std::string name, const std::string& summary)
    {
        name.resize(std::max(COLUMN, name.size() + 1), ' ');
        list += "  " + name + summary + '\n';
    };
    for (const Command& command : commands())
        add(command.name, command.summary);
    add("plugin", "new, check, run, list, lock, diff: the tools of plugin authors");
    return list;
}

} // namespace tenon::app
