#pragma once

#include "filesystem/Options.h"
#include "filesystem/files/Reader.h"

#include <functional>
#include <string>
#include <vector>

namespace tenon::filesystem
{

struct SearchRequest
{
    std::string glob;                 ///< of the path relative to where the search begins; empty: every file
    std::vector<std::string> exclude; ///< globs of files and whole directories to leave out
    std::string content;              ///< what a line has to contain; empty: only names are looked at
    bool regularExpression = false;   ///< `content` is one, in RE2's syntax
    bool caseSensitive = true;
    std::uint64_t maxResults = 100;
    std::uint64_t maxPerFile = 20; ///< lines of one file
};

/// One line that contains what was searched, or, without content, one file or directory.
struct SearchMatch
{
    std::string path;
    std::string uri;
    Kind kind = Kind::FILE;
    std::uint64_t line = 0; ///< from 1; 0 if names were searched
    std::string text;       ///< the line, shortened around what was found
};

/// Something that was not searched, or not to its end.
struct Omission
{
    std::string path;
    std::string why;
};

struct SearchResult
{
    std::vector<SearchMatch> matches; ///< ordered by path, then line
    std::uint64_t files = 0;          ///< that were looked at
    std::vector<Omission> omitted;    ///< the first of them, in the order in which they were met
    std::uint64_t skipped = 0;        ///< how many there were in all
    bool truncated = false;
    std::string reason; ///< if truncated: which limit, and what to do
};

/// Walks the directory at `where`, or looks at the one file there. Links to directories are not followed.
///
/// Shape:     a glob that begins with the directory's own path is taken as relative to it.
/// Errors:    Failure; entries below that cannot be read are omitted, and the result says so.
/// Threading: any thread. `tell` hears now and then how many entries were looked at; `stop` is asked as often.
SearchResult search(const Location& where, const SearchRequest& request, const Options& options, const Stop& stop,
                    const std::function<void(std::uint64_t)>& tell);

} // namespace tenon::filesystem
