#pragma once

#include "filesystem/Options.h"
#include "filesystem/files/Entry.h"
#include "filesystem/files/Reader.h"

#include <string>
#include <vector>

namespace tenon::filesystem
{

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

/// One text that takes the place of another.
struct Replacement
{
    std::string oldText;
    std::string newText;
    bool all = false; ///< wherever it occurs; else it has to occur once
};

struct Edited
{
    std::string path;
    std::string uri;
    bool written = false; ///< false: it was a trial, or nothing changed
    std::uint64_t replacements = 0;
    std::string diff; ///< unified
    std::optional<std::string> note;
};

struct Moved
{
    std::string from;
    std::string path;
    std::string uri;
};

struct Deleted
{
    std::string path;
    std::uint64_t entries = 0; ///< files and directories
};

/// What the tools do that change something.
///
/// Errors:    Failure, worded for a model; NOT_ALLOWED unless the settings allow it.
/// Threading: immutable; any thread.
/// Ownership: borrows both.
class Changes
{
public:
    Changes(const Options& options, const Roots& roots) : _options(options), _roots(roots) {}

    Written write(const WriteRequest& request) const;

    /// Replaces exact texts, one after the other, all of them or none. A file that is not UTF-8 is refused. In a file with
    /// CRLF, texts that were written with LF are found and put as CRLF.
    Edited edit(const std::string& path, const std::vector<Replacement>& replacements, bool dryRun) const;

    /// Nothing is ever overwritten.
    Moved move(const std::string& from, const std::string& to) const;

    /// With those above it; nothing happens if it is there.
    Entry createDirectory(const std::string& path) const;

    /// Errors: NOT_ALLOWED also if a directory is not empty, unless `recursive`. What was deleted before a failure is gone.
    Deleted remove(const std::string& path, bool recursive, const Stop& stop) const;

private:
    Location locate(const std::string& path) const;
    void removeAll(const Location& where, Deleted& deleted, const Stop& stop) const;

    const Options& _options;
    const Roots& _roots;
};

} // namespace tenon::filesystem
