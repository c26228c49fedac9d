#include "app/cli/SettingsOfPlugins.h"

#include "app/cli/Commands.h"
#include "base/settings/SettingText.h"
#include "plugin/config/DeclaredSettings.h"
#include "plugin/manager/PluginFiles.h"
#include "plugin/tools/Trial.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Util/OptionException.h>

#include <algorithm>
#include <iostream>
#include <optional>

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
        try
        {
            const auto declared = declaredBy(file.path, settings, file.name);
            for (const std::string& line : base::splitList(declared ? declared->faults(settings, file.name) : "", '\n'))
                faults.addIfNew({}, line);
            if (const std::string missing = declared ? declared->missing(settings, file.name) : ""; !missing.empty())
                warnings.push_back("the plugin '" + file.name + "' would be refused: it needs " + missing);
        }
        catch (const Poco::Exception& exc)
        {
            warnings.push_back("the plugin '" + file.name + "' would be refused: " + exc.message());
        }
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
