#pragma once

#include "filesystem/Tree.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::filesystem
{

/// A place inside one of the roots.
struct Location
{
    const Tree* tree;
    std::string relative; ///< "a/b/c", or "" for the root itself
    std::string path;     ///< absolute, as bytes
    std::string uri;

    /// The path for messages and results: UTF-8.
    std::string shown() const;
    Location child(const std::string& name) const;
};

/// The directories that the settings name, and the way from what a client calls a file to a place in them.
///
/// Threading: immutable after construction; any thread.
class Roots
{
public:
    /// Opens every directory. Relative ones are those of the server's working directory.
    ///
    /// Errors: Failure that names the directory that does not exist or cannot be read.
    explicit Roots(const std::vector<std::string>& directories);

    /// Of trees given directly, for tests.
    explicit Roots(std::vector<std::unique_ptr<Tree>> trees);

    /// The place that `name` means: an absolute path, a `file:` URI, or, if there is exactly one root, a path relative to
    /// it. "" is the only root.
    ///
    /// Errors: Failure: no root is set, it lies outside of all roots, or it contains ".." or NUL.
    ///         The file system is not touched: the answer for a path outside says nothing of what is there.
    Location locate(std::string_view name) const;

    bool empty() const { return _roots.empty(); }
    std::vector<Location> locations() const;

private:
    struct Root
    {
        std::unique_ptr<Tree> tree;
        std::string configured; ///< as the settings name it, made absolute; clients may use it too
    };

    const Root* find(const std::string& path, std::string& relative) const;
    std::string allowed() const;

    std::vector<Root> _roots;
};

} // namespace tenon::filesystem
