#pragma once

#include "filesystem/Options.h"
#include "filesystem/files/Changes.h"
#include "filesystem/files/Outline.h"
#include "filesystem/files/Search.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::filesystem
{

struct Listing
{
    std::string path;                        ///< empty for the list of the roots
    std::vector<Entry> entries;              ///< by name
    std::uint64_t total = 0;                 ///< entries in the directory
    std::optional<std::uint64_t> nextOffset; ///< there are more
    std::optional<std::string> note;         ///< what is missing
};

struct Details
{
    Entry entry;
    std::optional<std::string> mimeType;    ///< files only
    std::optional<std::string> permissions; ///< "rw-r--r--", where there are such
    bool writable = false;                  ///< whether filesystem_write may change it
};

/// One of several files that were asked for.
struct OneOfMany
{
    std::string path; ///< as it was asked for
    std::optional<Excerpt> excerpt;
    std::string error; ///< if there is no excerpt
};

/// What the tools do that change nothing.
///
/// Errors:    Failure, worded for a model.
/// Threading: any thread.
class Files
{
public:
    explicit Files(Options options, Roots::Hear hear = {});

    const Options& options() const { return _options; }
    const Roots& roots() const { return _roots; }
    const Changes& changes() const { return _changes; }

    /// `path` empty with several roots: the roots. `limit` is cut to the settings' `maxResults`.
    Listing list(const std::string& path, std::uint64_t offset, std::uint64_t limit) const;
    Details stat(const std::string& path) const;
    Excerpt read(const std::string& path, const Range& range, Encoding encoding, const Stop& stop) const;

    /// Each from its beginning; together at most `maxReadBytes`, and what no longer fits is cut or left out, and says so.
    std::vector<OneOfMany> readMany(const std::vector<std::string>& paths, const Stop& stop) const;
    Outline outline(const std::string& path, const OutlineRequest& request, const Stop& stop) const;
    SearchResult search(const std::string& path, const SearchRequest& request, const Stop& stop,
                        const std::function<void(std::uint64_t)>& tell) const;

private:
    const Options _options;
    const Roots _roots;
    const Changes _changes;
};

} // namespace tenon::filesystem
