#pragma once

#include "filesystem/Options.h"
#include "filesystem/files/Reader.h"

#include <string>
#include <vector>

namespace tenon::filesystem
{

struct OutlineRequest
{
    std::uint64_t depth = 3;          ///< how far down; 1: the directory's own entries
    std::vector<std::string> exclude; ///< globs
    std::uint64_t maxEntries = 500;
};

/// One line of the picture of a directory.
struct OutlineEntry
{
    std::string path; ///< relative to the directory, "a/b"
    std::string name;
    Kind kind = Kind::FILE;
    std::uint64_t depth = 0; ///< from 0
};

/// A directory with what lies in it, further and further down.
struct Outline
{
    std::string path;
    std::vector<OutlineEntry> entries; ///< in the order of a picture: each directory before what it holds
    bool truncated = false;
    std::string reason;  ///< if truncated
    bool deeper = false; ///< there are directories at the last level, which were not opened
};

/// Errors:    Failure; directories further down that cannot be read are shown as if they were empty, and `reason` names
///            the first.
/// Threading: any thread. Links to directories are not followed.
Outline outline(const Location& where, const OutlineRequest& request, const Options& options, const Stop& stop);

/// The picture: one line an entry, two spaces a level, directories with a slash.
std::string drawn(const Outline& outline);

} // namespace tenon::filesystem
