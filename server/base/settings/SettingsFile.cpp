#include "base/settings/SettingsFile.h"

#include "base/settings/SettingText.h"

#include <Poco/Ascii.h>
#include <Poco/AutoPtr.h>
#include <Poco/Glob.h>
#include <Poco/Path.h>
#include <Poco/String.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace tenon::base
{

namespace
{

using Values = std::map<std::string, SettingValue, std::less<>>;

/// The key on a line of a properties file; nothing for comments and blank lines.
std::optional<std::string> keyOn(const std::string& line)
{
    const std::string text = Poco::trim(line);
    if (text.empty() || text[0] == '#' || text[0] == '!')
        return std::nullopt;
    return Poco::trim(text.substr(0, text.find_first_of("=:")));
}

/// Whether the value goes on in the next line; a comment never does, nor an escaped backslash.
bool endsInContinuation(const std::string& line)
{
    const auto last = line.find_last_not_of('\\');
    return (line.size() - (last == std::string::npos ? 0 : last + 1)) % 2 == 1;
}

/// The first backslash before a letter that makes no escape with it, and would be lost; empty: there is none.
std::string lostBackslash(const std::string& line)
{
    constexpr std::string_view ESCAPES = "trnf";
    for (auto at = line.find('\\'); at != std::string::npos && at + 1 < line.size(); at = line.find('\\', at + 2))
        if (Poco::Ascii::isAlpha(line[at + 1]) && ESCAPES.find(line[at + 1]) == std::string_view::npos)
            return line.substr(at, 2);
    return {};
}

using Lines = std::map<std::string, int, std::less<>>;

/// The text of a file, which may be a pipe: it is read once. Nothing if it cannot be read.
std::optional<std::string> textOf(const std::string& file)
{
    // Names are UTF-8 on every system.
    std::ifstream stream(std::filesystem::path(std::u8string(file.begin(), file.end())));
    // A folder can be opened, but not read.
    if (!stream || (stream.peek(), stream.bad()))
        return std::nullopt;
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (constexpr std::string_view MARK = "\xEF\xBB\xBF"; text.starts_with(MARK)) // some editors begin with it
        text.erase(0, MARK.size());
    return text;
}

/// The line of every key of a file.
Lines linesOf(const std::string& file, const std::string& text, SettingFaults& faults)
{
    std::istringstream stream(text);
    Lines lines;
    std::string line;
    bool continued = false;
    for (int number = 1; std::getline(stream, line); ++number)
    {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        const auto key = continued ? std::nullopt : keyOn(line);
        if (!continued && !key)
            continue;
        const std::string place = file + ':' + std::to_string(number) + ": ";
        if (const std::string lost = lostBackslash(line); !lost.empty())
            faults.add({}, place + "'" + lost + "' is not an escape; write \\\\ for a backslash");
        continued = endsInContinuation(line);
        if (!key)
            continue;
        if (key->empty())
        {
            faults.add({}, place + "there is no key before the value");
            continue;
        }
        const auto [known, isNew] = lines.emplace(*key, number);
        if (!isNew)
            faults.add({}, place + "'" + *key + "' is set twice, first in line " + std::to_string(known->second) +
                               "; remove one");
    }
    return lines;
}

Values valuesOf(const std::string& file, const std::string& text, SettingFaults& faults)
{
    Values values;
    const Lines lines = linesOf(file, text, faults);
    const std::string folder = Poco::Path(file).makeAbsolute().makeParent().toString();
    try
    {
        std::istringstream stream(text);
        const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> configuration(
            new Poco::Util::PropertyFileConfiguration(stream));
        for (const auto& [key, line] : lines)
            values[key] = {configuration->getRawString(key), file + ':' + std::to_string(line), folder};
    }
    catch (const Poco::Exception& exc)
    {
        faults.addGap(file + ": " + exc.displayText());
    }
    return values;
}

/// A name that no other of the same file has, whatever links lead to it.
std::string identityOf(const std::string& file)
{
    std::error_code unknown;
    const auto path = std::filesystem::weakly_canonical(std::u8string(file.begin(), file.end()), unknown).u8string();
    return unknown ? file : std::string(path.begin(), path.end());
}

/// The files that one item of an `include` names, in the order of their names.
std::vector<std::string> filesOf(const SettingValue& include, const std::string& item, SettingFaults& faults)
{
    const std::string pattern = Poco::Path(item).makeAbsolute(Poco::Path(include.folder)).toString();
    std::set<std::string> found;
    Poco::Glob::glob(pattern, found);
    if (found.empty() && item.find_first_of("*?[") == std::string::npos)
        faults.addGap(include.origin + ": 'include' names '" + item + "', which does not exist");
    else if (found.empty()) // a folder for files that may come, or a slip
        faults.warn(include.origin + ": 'include' names '" + item + "', which matches no file");
    return {found.begin(), found.end()};
}

/// Reads `file` into `values`; `open` are the files whose includes are being read, `from` is where it is included.
void readInto(Values& values, const std::string& file, const std::string& from, std::vector<std::string>& open,
              SettingFaults& faults)
{
    const auto text = textOf(file);
    if (!text)
        return faults.addGap(from + (from.empty()
                                         ? file + ": the settings file cannot be read; give its path with --config=FILE"
                                         : ": 'include' names '" + file + "', which cannot be read"));
    Values own = valuesOf(file, *text, faults);
    const auto include = own.extract("include");
    for (auto& [key, value] : own)
        values[key] = std::move(value);
    if (!include)
        return;
    open.push_back(identityOf(file));
    for (const std::string& item : splitList(include.mapped().text))
        for (const std::string& next : filesOf(include.mapped(), item, faults))
        {
            if (std::find(open.begin(), open.end(), identityOf(next)) == open.end())
                readInto(values, next, include.mapped().origin, open, faults);
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
    readInto(values, file, {}, open, faults);
    return values;
}

} // namespace tenon::base
