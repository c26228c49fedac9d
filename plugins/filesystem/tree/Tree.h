#pragma once

#include "filesystem/Failure.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tenon::filesystem
{

enum class Kind
{
    FILE,
    DIRECTORY,
    LINK, ///< a symbolic link that leads nowhere, or out of the tree
    OTHER ///< pipes, sockets, devices
};

/// What is known of one entry. A symbolic link that stays within the tree is described as what it leads to.
struct Info
{
    Kind kind = Kind::OTHER;
    bool link = false;             ///< reached through a symbolic link
    std::uint64_t bytes = 0;       ///< files only
    std::int64_t modifiedNs = 0;   ///< since 1970
    std::uint32_t permissions = 0; ///< Unix: the lower nine bits; elsewhere 0
};

struct Item
{
    std::string name;
    Info info;
};

/// A regular file, open for reading.
class OpenFile
{
public:
    virtual ~OpenFile() = default;
    virtual const Info& info() const = 0;

    /// Up to `size` bytes from `offset`; fewer only at the end.
    ///
    /// Errors: Failure (FAILED).
    virtual std::string read(std::uint64_t offset, std::size_t size) const = 0;
};

enum class WriteMode
{
    CREATE,  ///< the file must not exist yet
    REPLACE, ///< at once and as a whole; readers see the old contents or the new
    APPEND
};

/// What tells one directory of this machine from every other.
struct Identity
{
    std::uint64_t device = 0;
    std::uint64_t number = 0;

    bool operator==(const Identity& other) const { return device == other.device && number == other.number; }
};

/// One root directory, held open: everything goes through it, and nothing that lies outside can be reached, whatever
/// links there are and whoever moves directories about meanwhile.
///
/// Shape:     a relative path is "a/b/c" with forward slashes; "" is the root itself. It has no component that is empty,
///            "." or "..", and no NUL (see Roots).
/// Errors:    Failure, its message naming the entry as `shown`.
/// Threading: immutable; any thread.
class Tree
{
public:
    using Stop = std::function<bool()>;

    virtual ~Tree() = default;

    /// The canonical absolute path of the root, with forward slashes and none at the end.
    virtual const std::string& path() const = 0;

    virtual Identity identity() const = 0;

    /// Whether links are followed as long as they stay inside. If not, every link is refused.
    virtual bool followsLinks() const = 0;

    virtual Info stat(const std::string& relative, const std::string& shown) const = 0;
    virtual std::unique_ptr<OpenFile> open(const std::string& relative, const std::string& shown) const = 0;

    /// What a directory holds, in no order, at most `limit` entries. Without `details` only name, `link` and kind are
    /// set, and links are Kind::LINK.
    virtual std::vector<Item> list(const std::string& relative, const std::string& shown, bool details,
                                   std::size_t limit) const = 0;

    /// Errors: NOT_FOUND if the directory does not exist, NOT_ALLOWED if CREATE finds something.
    virtual void write(const std::string& relative, const std::string& shown, const std::string& data,
                       WriteMode mode) const = 0;

    /// Makes the directory and those above it, as far as they do not exist.
    virtual void makeDirectories(const std::string& relative, const std::string& shown) const = 0;

    /// Gives an entry another name, in this tree or in another one. A link is moved itself.
    ///
    /// Errors: NOT_ALLOWED if something has that name, FAILED if it lies on another file system.
    virtual void move(const std::string& relative, const std::string& shown, const Tree& target,
                      const std::string& targetRelative, const std::string& targetShown) const = 0;

    /// Removes a file, a link (not what it leads to) or an empty directory.
    virtual void remove(const std::string& relative, const std::string& shown) const = 0;

    /// A path under which the operating system watches the directory `relative` itself rather than whatever has its name
    /// later; valid as long as `keep` lives. Empty if there is none.
    virtual std::string watchablePath(const std::string& relative, const std::string& shown,
                                      std::shared_ptr<void>& keep) const = 0;

    /// Opens the directory `path`, links in it resolved once, now.
    ///
    /// Errors: Failure if it is no directory that can be read.
    static std::unique_ptr<Tree> make(const std::string& path);

    /// Of the directory that has this name now, links in it resolved; nothing if there is none.
    static std::optional<Identity> identityOf(const std::string& path);
};

} // namespace tenon::filesystem
