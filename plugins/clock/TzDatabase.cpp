#include "clock/TzDatabase.h"

#include "clock/TzFile.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

namespace clock_plugin
{

namespace
{

namespace fs = std::filesystem;

/// The same zones under other rules, and what the machine is set to: beside the zones, but none of them.
bool isBesideTheZones(const std::string& name)
{
    for (const char* const other : {"posix", "right", "posixrules", "localtime"})
        if (name == other || name.rfind(std::string(other) + '/', 0) == 0)
            return true;
    return false;
}

/// Whether a name can be one of the database's: "../../etc/passwd" must not reach what consists of files.
bool canBeZone(const std::string& name)
{
    const auto fits = [](char c)
    {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
               c == '+' || c == '-';
    };
    return !name.empty() && name.front() != '/' && name.back() != '/' && name.find("//") == std::string::npos &&
           name.size() < 100 && std::all_of(name.begin(), name.end(), fits) && !isBesideTheZones(name);
}

bool isZoneFile(const fs::path& file)
{
    char magic[4] = {};
    std::ifstream(file, std::ios::binary).read(magic, sizeof magic);
    return std::string_view(magic, sizeof magic) == "TZif";
}

std::vector<std::string> readNames(const fs::path& folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    {
        const std::string name = at->path().lexically_relative(folder).generic_string();
        if (isBesideTheZones(name))
            at.disable_recursion_pending();
        else if (at->is_regular_file(error) && canBeZone(name) && isZoneFile(at->path()))
            names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

/// Nothing if there is nothing.
std::optional<TzDatabase::Stamp> TzDatabase::stampOf(const fs::path& path)
{
#if defined(_WIN32)
    std::error_code error;
    const auto changed = fs::last_write_time(path, error).time_since_epoch().count();
    if (error)
        return std::nullopt;
    const auto size = fs::file_size(path, error); // folders have none
    return Stamp{static_cast<std::int64_t>(changed), error ? 0 : size, 0};
#else
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0)
        return std::nullopt;
#if defined(__APPLE__)
    const timespec& changed = status.st_mtimespec;
#else
    const timespec& changed = status.st_mtim;
#endif
    return Stamp{std::int64_t(changed.tv_sec) * 1'000'000'000 + changed.tv_nsec,
                 static_cast<std::uint64_t>(status.st_size), static_cast<std::uint64_t>(status.st_ino)};
#endif
}

std::shared_ptr<const ZoneRules> TzDatabase::rules(const std::string& name)
{
    const fs::path file = _folder / name;
    const auto stamp = canBeZone(name) ? stampOf(file) : std::nullopt;
    if (!stamp)
        return nullptr;
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        const auto known = _zones.find(name);
        if (known != _zones.end() && known->second.stamp == *stamp)
            return known->second.rules;
    }
    std::error_code error;
    if (!fs::is_regular_file(file, error) || !isZoneFile(file))
        return nullptr;
#if defined(_WIN32)
    // There a file is found in any case; a zone is known by its own name.
    const std::vector<std::string> all = names();
    if (!std::binary_search(all.begin(), all.end(), name))
        return nullptr;
#endif
    std::ifstream stream(file, std::ios::binary);
    const std::string data{std::istreambuf_iterator<char>(stream), {}};
    auto rules = std::make_shared<TzFile>(data);
    const std::lock_guard<std::mutex> lock(_mutex);
    return (_zones[name] = {*stamp, std::move(rules)}).rules;
}

std::vector<std::string> TzDatabase::names()
{
    const auto stamp = stampOf(_folder);
    if (!stamp)
        return {};
    const std::lock_guard<std::mutex> lock(_mutex);
    if (_names.empty() || !(_namesStamp == *stamp))
    {
        _names = readNames(_folder);
        _namesStamp = *stamp;
    }
    return _names;
}

} // namespace clock_plugin
