#include "filesystem/paths/Roots.h"

#include "filesystem/paths/FileUri.h"
#include "filesystem/text/Text.h"

#include <algorithm>
#include <filesystem>
#include <optional>

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

/// The path of a normalised name.
std::string pathOf(const std::string& name)
{
#if defined(_WIN32)
    return name;
#else
    return "/" + name;
#endif
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

Roots::Roots(const std::vector<std::string>& directories, Hear hear) : _hear(std::move(hear))
{
    for (const std::string& directory : directories)
        _roots.push_back({normalise(absoluteOf(directory)), false, nullptr, {}});
    std::vector<RootNews> news;
    for (Root& root : _roots)
    {
        refresh(root, news);
        if (!root.tree)
            news.push_back({RootNews::What::MISSING, toUtf8(pathOf(root.name)), root.why});
    }
    tell(news);
}

Roots::Roots(std::vector<std::unique_ptr<Tree>> trees)
{
    for (auto& tree : trees)
    {
        std::string name = normalise(tree->path());
        _roots.push_back({std::move(name), true, std::move(tree), {}});
    }
}

/// Looks which directory has the root's name now. The caller holds _mutex, or is the constructor.
std::shared_ptr<const Tree> Roots::refresh(Root& root, std::vector<RootNews>& news) const
{
    if (root.fixed)
        return root.tree;
    const std::string path = pathOf(root.name);
    const std::optional<Identity> found = Tree::identityOf(path);
    if (found && root.tree && root.tree->identity() == *found)
        return root.tree;
    const bool wasThere = root.tree != nullptr;
    const bool wasMissing = !root.why.empty();
    try
    {
        root.tree = Tree::make(path);
        root.why.clear();
        if (wasThere || wasMissing)
            news.push_back({wasThere ? RootNews::What::REPLACED : RootNews::What::APPEARED, toUtf8(path), {}});
    }
    catch (const Failure& failure)
    {
        root.tree = nullptr;
        root.why = failure.reason() == Reason::NOT_FOUND ? "it does not exist" : failure.what();
        if (wasThere)
            news.push_back({RootNews::What::MISSING, toUtf8(path), root.why});
    }
    return root.tree;
}

std::shared_ptr<const Tree> Roots::treeOf(Root& root) const
{
    std::vector<RootNews> news;
    std::shared_ptr<const Tree> tree;
    std::string why;
    {
        const std::lock_guard<std::mutex> lock(_mutex);
        tree = refresh(root, news);
        why = root.why;
    }
    tell(news);
    if (!tree)
        throw Failure(Reason::NOT_FOUND, "The directory " + toUtf8(pathOf(root.name)) +
                                             ", which the settings of this server allow, is not there at present: " +
                                             why + ". Tell the user; it can be used as soon as it is there.");
    return tree;
}

void Roots::tell(const std::vector<RootNews>& news) const
{
    if (_hear)
        for (const RootNews& one : news)
            _hear(one);
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

    Root* root = nullptr;
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
    Location location{treeOf(*root), relative, pathOf(root->name), {}};
    if (!relative.empty())
        location.path += (location.path.back() == '/' ? "" : "/") + relative;
    location.uri = toFileUri(location.path);
    return location;
}

/// The root with the longest name that holds `path`: roots may lie in one another. Each has the name of the settings and
/// the one without links.
Roots::Root* Roots::find(const std::string& path, std::string& relative) const
{
    const std::lock_guard<std::mutex> lock(_mutex);
    Root* best = nullptr;
    for (Root& root : _roots)
    {
        for (const std::string& name : {root.name, root.tree ? normalise(root.tree->path()) : root.name})
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

std::vector<std::string> Roots::names() const
{
    std::vector<std::string> names;
    for (const Root& root : _roots)
        names.push_back(pathOf(root.name));
    return names;
}

std::vector<Location> Roots::locations() const
{
    std::vector<Location> locations;
    for (Root& root : _roots)
    {
        try
        {
            const std::string path = pathOf(root.name);
            locations.push_back({treeOf(root), {}, path, toFileUri(path)});
        }
        catch (const Failure&)
        {
            // Missing: missing() says so.
        }
    }
    return locations;
}

std::string Roots::missing() const
{
    const std::lock_guard<std::mutex> lock(_mutex);
    std::string text;
    for (const Root& root : _roots)
        if (!root.tree)
            text += (text.empty() ? "" : "; ") + toUtf8(pathOf(root.name)) + " (" + root.why + ")";
    return text.empty() ? text : "Allowed, but not there at present: " + text + ".";
}

std::string Roots::allowed() const
{
    std::string names;
    for (const Root& root : _roots)
        names += (names.empty() ? "" : ", ") + toUtf8(pathOf(root.name));
    return names;
}

} // namespace tenon::filesystem
