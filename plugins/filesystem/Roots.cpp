#include "filesystem/Roots.h"

#include "filesystem/FileUri.h"
#include "filesystem/Text.h"

#include <algorithm>
#include <filesystem>

namespace tenon::filesystem
{

namespace
{

bool isSlash(char c)
{
#if defined(_WIN32)
    return c == '/' || c == '\\';
#else
    return c == '/';
#endif
}

bool isAbsolute(std::string_view path)
{
#if defined(_WIN32)
    return path.size() >= 3 && path[1] == ':' && isSlash(path[2]);
#else
    return !path.empty() && path[0] == '/';
#endif
}

/// The components of `path` with one slash between each, none at either end. Refuses what could lead elsewhere.
std::string normalise(std::string_view path)
{
    std::string result;
    std::size_t at = 0;
    while (at < path.size())
    {
        std::size_t end = at;
        while (end < path.size() && !isSlash(path[end]))
            ++end;
        const std::string_view component = path.substr(at, end - at);
        if (component == "..")
            throw Failure(Reason::NOT_ALLOWED, "A path must not contain '..'. Name the file by its full path.");
        if (!component.empty() && component != ".")
        {
            if (!result.empty())
                result += '/';
            result += component;
        }
        at = end + 1;
    }
    return result;
}

bool sameName(char a, char b)
{
#if defined(_WIN32)
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(a) == lower(b);
#else
    return a == b;
#endif
}

/// Whether `path` is `root` or below it, both normalised; `relative` becomes what follows.
bool isBelow(const std::string& path, const std::string& root, std::string& relative)
{
    if (path.size() < root.size() || !std::equal(root.begin(), root.end(), path.begin(), sameName))
        return false;
    if (!root.empty() && path.size() > root.size() && path[root.size()] != '/')
        return false;
    relative = path.size() == root.size() ? std::string() : path.substr(root.empty() ? 0 : root.size() + 1);
    return true;
}

std::string absoluteOf(const std::string& directory)
{
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(std::filesystem::u8path(directory), error);
    return error ? directory : absolute.lexically_normal().generic_u8string();
}

} // namespace

std::string Location::shown() const
{
    return toUtf8(path);
}

Location Location::child(const std::string& name) const
{
    Location location{
        tree, relative.empty() ? name : relative + "/" + name, path == "/" ? "/" + name : path + "/" + name, {}};
    location.uri = toFileUri(location.path);
    return location;
}

Roots::Roots(const std::vector<std::string>& directories)
{
    for (const std::string& directory : directories)
        _roots.push_back({Tree::make(directory), normalise(absoluteOf(directory))});
}

Roots::Roots(std::vector<std::unique_ptr<Tree>> trees)
{
    for (auto& tree : trees)
        _roots.push_back({std::move(tree), {}});
    for (Root& root : _roots)
        root.configured = normalise(root.tree->path());
}

Location Roots::locate(std::string_view name) const
{
    if (_roots.empty())
        throw Failure(
            Reason::NOT_ALLOWED,
            "No directory may be accessed yet: the operator of this server has to name the allowed ones in the "
            "setting plugin.filesystem.roots. Ask the user to do that; no other path will work.");
    std::string path = isFileUri(name) ? fromFileUri(name) : std::string(name);
    if (path.find('\0') != std::string::npos)
        throw Failure(Reason::INVALID, "A path must not contain a NUL character.");

    const Root* root = nullptr;
    std::string relative;
    if (isAbsolute(path))
        root = find(normalise(path), relative);
    else if (_roots.size() == 1)
    {
        root = &_roots.front();
        relative = normalise(path);
    }
    else
        throw Failure(Reason::INVALID, "There are several directories, so a path must be absolute: " + allowed() + ".");
    if (!root)
        throw Failure(Reason::NOT_ALLOWED,
                      "'" + toUtf8(name) + "' is outside of the directories that may be accessed: " + allowed() + ".");
    Location location{root->tree.get(), relative, root->tree->path(), {}};
    if (!relative.empty())
        location.path += "/" + relative;
    else if (location.path.empty())
        location.path = "/";
    location.uri = toFileUri(location.path);
    return location;
}

/// The root with the longest path that holds `path`: roots may lie in one another.
const Roots::Root* Roots::find(const std::string& path, std::string& relative) const
{
    const Root* best = nullptr;
    for (const Root& root : _roots)
    {
        for (const std::string& name : {normalise(root.tree->path()), root.configured})
        {
            std::string rest;
            if (isBelow(path, name, rest) && (!best || rest.size() < relative.size()))
            {
                best = &root;
                relative = rest;
            }
        }
    }
    return best;
}

std::vector<Location> Roots::locations() const
{
    std::vector<Location> locations;
    for (const Root& root : _roots)
    {
        const std::string path = root.tree->path().empty() ? "/" : root.tree->path();
        locations.push_back({root.tree.get(), {}, path, toFileUri(path)});
    }
    return locations;
}

std::string Roots::allowed() const
{
    std::string names;
    for (const Location& location : locations())
        names += (names.empty() ? "" : ", ") + location.shown();
    return names;
}

} // namespace tenon::filesystem
