#pragma once

#include "filesystem/Options.h"
#include "filesystem/Search.h"

#include <optional>
#include <string>
#include <vector>

namespace tenon::filesystem
{

/// A file or directory, as results show it.
struct Entry
{
    std::string name;
    std::string path;
    std::string uri;
    Kind kind = Kind::FILE;
    bool link = false;
    std::optional<std::uint64_t> size;   ///< bytes; files only
    std::optional<std::string> modified; ///< ISO 8601, UTC
};

struct Listing
{
    std::string path;                        ///< empty for the list of the roots
    std::vector<Entry> entries;              ///< by name
    std::uint64_t total = 0;                 ///< entries in the directory
    std::optional<std::uint64_t> nextOffset; ///< there are more
};

struct Details
{
    Entry entry;
    std::optional<std::string> mimeType;    ///< files only
    std::optional<std::string> permissions; ///< "rw-r--r--", where there are such
    bool writable = false;                  ///< whether filesystem_write may change it
};

struct WriteRequest
{
    std::string path;
    std::string content;
    bool base64 = false; ///< `content` is bytes in base64
    WriteMode mode = WriteMode::CREATE;
    bool createDirectories = false;
};

struct Written
{
    std::string path;
    std::string uri;
    std::uint64_t bytes = 0; ///< written by this call
    std::uint64_t size = 0;  ///< of the file now
    bool created = false;
};

/// What the tools do.
///
/// Errors:    Failure, worded for a model.
/// Threading: immutable; any thread.
class Files
{
public:
    explicit Files(Options options);

    const Options& options() const { return _options; }
    const Roots& roots() const { return _roots; }

    /// `path` empty with several roots: the roots. `limit` is cut to the settings' `maxResults`.
    Listing list(const std::string& path, std::uint64_t offset, std::uint64_t limit) const;
    Details stat(const std::string& path) const;
    Excerpt read(const std::string& path, const Range& range, Encoding encoding, const Stop& stop) const;
    SearchResult search(const std::string& path, const SearchRequest& request, const Stop& stop,
                        const std::function<void(std::uint64_t)>& tell) const;

    /// Errors: NOT_ALLOWED unless the settings make the plugin writable.
    Written write(const WriteRequest& request) const;

private:
    const Options _options;
    const Roots _roots;
};

} // namespace tenon::filesystem
