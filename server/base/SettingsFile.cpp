#include "base/SettingsFile.h"

#include "base/SettingsException.h"

#include <Poco/AutoPtr.h>
#include <Poco/Path.h>
#include <Poco/String.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <filesystem>
#include <fstream>

namespace tenon::base
{

namespace
{

/// The key on a line of a properties file; empty for comments and blank lines.
std::string keyOn(const std::string& line)
{
    const std::string text = Poco::trim(line);
    if (text.empty() || text[0] == '#' || text[0] == '!')
        return {};
    return Poco::trim(text.substr(0, text.find_first_of("=:")));
}

/// Whether the value goes on in the next line; a comment never does, nor an escaped backslash.
bool endsInContinuation(const std::string& line)
{
    const auto last = line.find_last_not_of('\\');
    return (line.size() - (last == std::string::npos ? 0 : last + 1)) % 2 == 1;
}

void collectKeys(const Poco::Util::AbstractConfiguration& configuration, const std::string& prefix,
                 std::map<std::string, SettingValue, std::less<>>& values)
{
    Poco::Util::AbstractConfiguration::Keys names;
    configuration.keys(prefix, names);
    for (const auto& name : names)
    {
        const std::string key = prefix.empty() ? name : prefix + '.' + name;
        if (configuration.hasProperty(key))
            values[key].text = configuration.getRawString(key);
        collectKeys(configuration, key, values);
    }
}

} // namespace

std::map<std::string, SettingValue, std::less<>> readSettingsFile(const std::string& file)
{
    // Names are UTF-8 on every system.
    std::ifstream stream(std::filesystem::path(std::u8string(file.begin(), file.end())));
    // A folder can be opened, but not read.
    if (!stream || (stream.peek(), stream.bad()))
        throw SettingsException(file + ": the settings file cannot be read; give its path with --config=FILE");
    stream.clear();

    std::map<std::string, int, std::less<>> lines;
    std::string faults;
    std::string line;
    bool continued = false;
    for (int number = 1; std::getline(stream, line); ++number)
    {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        const std::string key = continued ? std::string() : keyOn(line);
        continued = (continued || !key.empty()) && endsInContinuation(line);
        if (key.empty())
            continue;
        const auto [known, isNew] = lines.emplace(key, number);
        if (!isNew)
            faults += file + ':' + std::to_string(number) + ": '" + key + "' is set twice, first in line " +
                      std::to_string(known->second) + "; remove one\n";
    }
    if (!faults.empty())
        throw SettingsException(Poco::trimRight(faults));

    std::map<std::string, SettingValue, std::less<>> values;
    try
    {
        Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> configuration(
            new Poco::Util::PropertyFileConfiguration(file));
        collectKeys(*configuration, "", values);
    }
    catch (const Poco::Exception& exc)
    {
        throw SettingsException(file + ": " + exc.displayText());
    }
    const std::string folder = Poco::Path(file).makeAbsolute().makeParent().toString();
    for (auto& [key, value] : values)
    {
        value.folder = folder;
        const auto at = lines.find(key);
        value.origin = at == lines.end() ? file : file + ':' + std::to_string(at->second);
    }
    return values;
}

} // namespace tenon::base
