#pragma once

#include "filesystem/tree/Beneath.h"
#include "filesystem/tree/Tree.h"

namespace tenon::filesystem
{

/// A tree on POSIX systems: the root is an open directory, paths are opened beneath it.
class TreePosix : public Tree
{
public:
    TreePosix(std::string path, Descriptor root, Confinement how);

    const std::string& path() const override { return _path; }
    Identity identity() const override { return _identity; }
    bool followsLinks() const override { return _how == Confinement::OPENAT2; }
    Info stat(const std::string& relative, const std::string& shown) const override;
    std::unique_ptr<OpenFile> open(const std::string& relative, const std::string& shown) const override;
    std::vector<Item> list(const std::string& relative, const std::string& shown, bool details,
                           std::size_t limit) const override;
    void write(const std::string& relative, const std::string& shown, const std::string& data,
               WriteMode mode) const override;
    void makeDirectories(const std::string& relative, const std::string& shown) const override;
    void move(const std::string& relative, const std::string& shown, const Tree& target,
              const std::string& targetRelative, const std::string& targetShown) const override;
    void remove(const std::string& relative, const std::string& shown) const override;
    std::string watchablePath(const std::string& relative, const std::string& shown,
                              std::shared_ptr<void>& keep) const override;

    /// With a confinement of the test's choice.
    static std::unique_ptr<TreePosix> make(const std::string& path, Confinement how);

private:
    Descriptor openInside(const std::string& relative, int flags) const;
    Descriptor openPath(const std::string& relative) const;
    Descriptor openParent(const std::string& relative, const std::string& shown, std::string& name) const;
    Info describe(int directory, const std::string& name, const std::string& relative, bool details) const;
    void replace(int directory, const std::string& name, const std::string& shown, const std::string& data) const;
    bool append(int directory, const std::string& name, const std::string& shown, const std::string& data,
                bool mustBeNew) const;

    const std::string _path;
    const Descriptor _root;
    const Confinement _how;
    const Identity _identity;
};

} // namespace tenon::filesystem
