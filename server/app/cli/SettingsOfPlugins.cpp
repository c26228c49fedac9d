#include "app/cli/SettingsOfPlugins.h"

#include "app/cli/Commands.h"
#include "base/settings/SettingText.h"
#include "plugin/config/DeclaredSettings.h"
#include "plugin/manager/PluginFiles.h"
#include "plugin/tools/Trial.h"

#include <Poco/AutoPtr.h>
#include <Poco/Channel.h>
#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Glob.h>
#include <Poco/Logger.h>
#include <Poco/Message.h>
#include <Poco/String.h>
#include <Poco/Util/OptionException.h>

#include <algorithm>
#include <iostream>
#include <mutex>
#include <optional>
#include <utility>

namespace tenon::app
{

namespace
{

using plugin::DeclaredSettings;

/// What the library says that it reads. Errors: LoadException if it cannot be loaded with these settings.
std::optional<DeclaredSettings> declaredBy(const std::string& path, const base::Settings& settings,
                                           const std::string& name)
{
    const plugin::Trial trial(path, settings.under("plugin." + name + '.'));
    return DeclaredSettings::parse(trial.offer.manifest);
}

/// Keeps the warnings and errors that are logged while a plugin is tried.
class Complaints final : public Poco::Channel
{
public:
    void log(const Poco::Message& message) override
    {
        const std::lock_guard lock(_mutex);
        if (message.getPriority() <= Poco::Message::PRIO_WARNING)
            _texts.push_back(message.getText());
    }
    /// The last one that says more than `known`; empty: none does.
    [[nodiscard]] std::string beside(const std::string& known) const
    {
        const std::lock_guard lock(_mutex);
        const auto last = std::find_if(_texts.rbegin(), _texts.rend(),
                                       [&](const std::string& text) { return text.find(known) == std::string::npos; });
        return last == _texts.rend() ? std::string() : *last;
    }

private:
    mutable std::mutex _mutex;
    std::vector<std::string> _texts;
};

/// Finds what is wrong, or probably not meant, in the settings of one library, which it tries.
class LibraryCheck
{
public:
    LibraryCheck(const base::Settings& settings, plugin::PluginFile file)
        : _settings(settings), _file(std::move(file)), _at("plugin." + _file.name + '.')
    {
    }

    void run(base::SettingFaults& faults, std::vector<std::string>& warnings) const
    {
        const Poco::AutoPtr<Complaints> said(new Complaints);
        Poco::Logger::get("tenon.plugin." + _file.name).setChannel(said);
        try
        {
            const plugin::Trial trial(_file.path, _settings.under(_at));
            const auto declared = DeclaredSettings::parse(trial.offer.manifest);
            const std::string wrong = declared ? declared->faults(_settings, _file.name) : "";
            for (const std::string& line : base::splitList(wrong, '\n'))
                faults.addIfNew({}, line);
            if (const std::string missing = declared ? declared->missing(_settings, _file.name) : ""; !missing.empty())
                warnings.push_back(refused("it needs " + missing));
            if (const auto digest = Poco::toLower(_settings.text(_at + "sha256"));
                !digest.empty() && digest != trial.image->sha256())
                warnings.push_back(_settings.at(_at + "sha256") + " pins another library: this one has " +
                                   trial.image->sha256());
            checkTools(trial, warnings);
        }
        catch (const Poco::Exception& exc)
        {
            const std::string word = said->beside(exc.message());
            warnings.push_back(refused(exc.message() + (word.empty() ? "" : "; it said: " + word)));
        }
    }

private:
    [[nodiscard]] std::string refused(const std::string& why) const
    {
        return "the plugin '" + _file.name + "' would be refused: " + why;
    }

    /// What names tools, and names none.
    void checkTools(const plugin::Trial& trial, std::vector<std::string>& warnings) const
    {
        const auto& tools = trial.entries.tools;
        const auto matches = [&](const std::string& glob)
        {
            Poco::Glob pattern(glob);
            return std::any_of(tools.begin(), tools.end(),
                               [&](const plugin::ToolEntry& tool) { return pattern.match(tool.name); });
        };
        for (const char* key : {"tools.allow", "tools.deny"})
            if (_settings.isSet(_at + key))
                for (const std::string& glob : _settings.list(_at + key))
                    if (!matches(glob))
                        warnings.push_back(_settings.at(_at + key) + " names '" + glob + "', which is no tool of '" +
                                           _file.name + "'");
        for (const auto& [key, value] : _settings.under(_at + "tool."))
            if (std::none_of(tools.begin(), tools.end(),
                             [&](const plugin::ToolEntry& tool) { return key.starts_with(tool.name + '.'); }))
                warnings.push_back(_settings.at(_at + "tool." + key) + " is for no tool of '" + _file.name + "'");
    }

    const base::Settings& _settings;
    const plugin::PluginFile _file;
    const std::string _at;
};

/// The library of a name, or a path that is one already.
plugin::PluginFile fileOf(const base::Settings& settings, const std::string& nameOrPath)
{
    if (nameOrPath.find('/') != std::string::npos && Poco::File(nameOrPath).exists())
        return {plugin::Trial::nameOf(nameOrPath), nameOrPath};
    for (const auto& file : plugin::findPluginFiles(settings.list("plugins.directory")))
        if (file.name == nameOrPath)
            return file;
    throw Poco::NotFoundException("there is no plugin '" + nameOrPath + "' in plugins.directory (" +
                                  settings.text("plugins.directory") + ")");
}

int showSettings(const Arguments& arguments)
{
    if (arguments.rest.size() != 1)
        throw Poco::Util::MissingArgumentException("the name of a plugin, or the path of its library");
    const auto settings = loadSettings(arguments);
    const plugin::PluginFile file = fileOf(*settings, arguments.rest.front());
    const auto declared = declaredBy(file.path, *settings, file.name);
    if (!declared)
        std::cout << "# " << file.name << " does not say which settings it reads, so it is given any.\n";
    else if (declared->keys().empty())
        std::cout << "# " << file.name << " reads no settings.\n";
    else
        std::cout << declared->text(file.name);
    return 0;
}

} // namespace

std::vector<std::string> checkPluginSettings(const base::Settings& settings, base::SettingFaults& faults)
{
    std::vector<std::string> names, warnings;
    for (const std::string& folder : settings.list("plugins.directory"))
        if (!Poco::File(folder).exists())
            warnings.push_back(settings.at("plugins.directory") + " names a folder that does not exist: " + folder);
    for (const auto& file : plugin::findPluginFiles(settings.list("plugins.directory")))
    {
        names.push_back(file.name);
        if (!settings.boolean("plugin." + file.name + ".enabled"))
            continue;
        LibraryCheck(settings, file).run(faults, warnings);
    }
    for (std::string& line : plugin::settingsOfNobody(settings, names))
        warnings.push_back(std::move(line));
    for (const char* room : {"upstream.", "attach."})
        for (std::string& name : settings.namesUnder(room))
            names.push_back(std::move(name));
    for (const std::string& name : settings.list("plugins.required"))
        if (std::find(names.begin(), names.end(), name) == names.end())
            warnings.push_back(settings.at("plugins.required") + " names '" + name +
                               "', but there is no such plugin: /ready would say 503");
    return warnings;
}

Command pluginSettingsCommand()
{
    return {"plugin settings",
            "NAME",
            "print the settings that a plugin reads, with defaults and explanations",
            "",
            true,
            {},
            showSettings};
}

} // namespace tenon::app
