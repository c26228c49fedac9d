#include "base/settings/SettingsFile.h"

#include "base/settings/SettingText.h"

#include <Poco/AutoPtr.h>
#include <Poco/Glob.h>
#include <Poco/Path.h>
#include <Poco/String.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <vector>

namespace tenon::base
{

namespace
{

using Values = std::map<std::string, SettingValue, std::less<>>;

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

void collectKeys(const Poco::Util::AbstractConfiguration& configuration, const std::string& prefix, Values& values)
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

using Lines = std::map<std::string, int, std::less<>>;

/// The line of every key of a file; nothing, with a fault, if it cannot be read.
std::optional<Lines> linesOf(const std::string& file, SettingFaults& faults)
{
    // Names are UTF-8 on every system.
    std::ifstream stream(std::filesystem::path(std::u8string(file.begin(), file.end())));
    // A folder can be opened, but not read.
    if (!stream || (stream.peek(), stream.bad()))
    {
        faults.addGap(file + ": the settings file cannot be read; give its path with --config=FILE");
        return std::nullopt;
    }
    stream.clear();

    Lines lines;
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
            faults.add({}, file + ':' + std::to_string(number) + ": '" + key + "' is set twice, first in line " +
                               std::to_string(known->second) + "; remove one");
    }
    return lines;
}

Values readOne(const std::string& file, SettingFaults& faults)
{
    Values values;
    const auto lines = linesOf(file, faults);
    if (!lines)
        return values;
    try
    {
        Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> configuration(
            new Poco::Util::PropertyFileConfiguration(file));
        collectKeys(*configuration, "", values);
    }
    catch (const Poco::Exception& exc)
    {
        faults.addGap(file + ": " + exc.displayText());
    }
    const std::string folder = Poco::Path(file).makeAbsolute().makeParent().toString();
    for (auto& [key, value] : values)
    {
        value.folder = folder;
        const auto at = lines->find(key);
        value.origin = at == lines->end() ? file : file + ':' + std::to_string(at->second);
    }
    return values;
}

/// The files that one item of an `include` names, in the order of their names.
std::vector<std::string> filesOf(const SettingValue& include, const std::string& item, SettingFaults& faults)
{
    const std::string pattern = Poco::Path(item).makeAbsolute(Poco::Path(include.folder)).toString();
    std::set<std::string> found;
    Poco::Glob::glob(pattern, found);
    if (found.empty() && item.find_first_of("*?[") == std::string::npos)
        faults.addGap(include.origin + ": 'include' names '" + item + "', which is not there");
    return {found.begin(), found.end()};
}

/// Reads `file` into `values`; `open` are the files whose includes are being read.
void readInto(Values& values, const std::string& file, std::vector<std::string>& open, SettingFaults& faults)
{
    Values own = readOne(file, faults);
    const auto include = own.extract("include");
    for (auto& [key, value] : own)
        values[key] = std::move(value);
    if (!include)
        return;
    open.push_back(Poco::Path(file).makeAbsolute().toString());
    for (const std::string& item : splitList(include.mapped().text))
        for (const std::string& next : filesOf(include.mapped(), item, faults))
        {
            if (std::find(open.begin(), open.end(), next) == open.end())
                readInto(values, next, open, faults);
            else
                faults.addGap(include.mapped().origin + ": 'include' leads back to " + next);
        }
    open.pop_back();
}

} // namespace

std::map<std::string, SettingValue, std::less<>> readSettingsFile(const std::string& file, SettingFaults& faults)
{
    Values values;
    std::vector<std::string> open;
    readInto(values, file, open, faults);
    return values;
}

} // namespace tenon::base
