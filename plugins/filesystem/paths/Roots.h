#pragma once

#include "filesystem/tree/Tree.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::filesystem
{

/// A place inside one of the roots.
struct Location
{
    std::shared_ptr<const Tree> tree;
    std::string relative; ///< "a/b/c", or "" for the root itself
    std::string path;     ///< absolute, as bytes; the root by the name that the settings have for it
    std::string uri;

    /// The path for messages and results: UTF-8.
    std::string shown() const;
    Location child(const std::string& name) const;
};

/// A root that went away, came back or was replaced.
struct RootNews
{
    enum class What
    {
        MISSING,
        APPEARED,
        REPLACED
    };

    What what = What::MISSING;
    std::string path; ///< as shown
    std::string why;  ///< of a missing one
};

/// The directories that the settings name, and the way from what a client calls a file to a place in them.
///
/// Each has its name for good; which directory that is is looked at whenever one is used: one that is missing at the start
/// may come later, and one that is replaced (renamed, a link switched to the next release) is the new one from then on.
///
/// Threading: any thread.
class Roots
{
public:
    using Hear = std::function<void(const RootNews&)>;

    /// Relative directories are those of the server's working directory. `hear` is told of every root that is missing, in
    /// the constructor, and of what changes, on the thread that notices.
    explicit Roots(const std::vector<std::string>& directories, Hear hear = {});

    /// Of trees given directly, for tests; they are what they are.
    explicit Roots(std::vector<std::unique_ptr<Tree>> trees);

    /// The place that `name` means: an absolute path, a `file:` URI, or, if there is exactly one root, a path relative to
    /// it. "" is the only root.
    ///
    /// Errors: Failure: no root is set, it lies outside of all roots, it contains ".." or NUL, or its root is missing.
    ///         The answer for a path outside says nothing of what is there.
    Location locate(std::string_view name) const;

    bool empty() const { return _roots.empty(); }

    /// How many the settings name, missing ones included.
    std::size_t size() const { return _roots.size(); }

    /// Their absolute paths by the names that the settings have for them, as bytes, missing ones included.
    std::vector<std::string> names() const;

    /// Those that are there.
    std::vector<Location> locations() const;

    /// What to say of those that are not; empty if all are there.
    std::string missing() const;

private:
    struct Root
    {
        std::string name; ///< absolute, normalised, without a slash in front
        bool fixed = false;
        std::shared_ptr<const Tree> tree; ///< null while it is missing
        std::string why;                  ///< it is missing
    };

    std::shared_ptr<const Tree> refresh(Root& root, std::vector<RootNews>& news) const;
    std::shared_ptr<const Tree> treeOf(Root& root) const;
    Root* find(const std::string& path, std::string& relative) const;
    std::string allowed() const;
    void tell(const std::vector<RootNews>& news) const;

    const Hear _hear;

    mutable std::mutex _mutex;        ///< guards the trees of the roots; not held while _hear runs
    mutable std::vector<Root> _roots; ///< the list itself is constant
};

} // namespace tenon::filesystem
