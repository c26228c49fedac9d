#include "filesystem/files/Changes.h"

#include "filesystem/files/Replacer.h"
#include "filesystem/text/LineDiff.h"
#include "filesystem/text/Text.h"

#include <algorithm>

namespace tenon::filesystem
{

namespace
{

std::string parentOf(const std::string& relative)
{
    const std::size_t slash = relative.rfind('/');
    return slash == std::string::npos ? std::string() : relative.substr(0, slash);
}

bool isThere(const Location& where, const std::string& relative)
{
    try
    {
        where.tree->stat(relative, where.shown());
        return true;
    }
    catch (const Failure& failure)
    {
        if (failure.reason() == Reason::NOT_FOUND)
            return false;
        throw;
    }
}

} // namespace

Location Changes::locate(const std::string& path) const
{
    Location where = _roots.locate(path);
    if (!_options.writable)
        throw Failure(Reason::NOT_ALLOWED, "Files may only be read here: the operator has not set "
                                           "plugin.filesystem.writable=true.");
    return where;
}

Written Changes::write(const WriteRequest& request) const
{
    const Location where = locate(request.path);
    std::string data;
    if (!request.base64)
        data = request.content;
    else if (!decodeBase64(request.content, data))
        throw Failure(Reason::INVALID, "The content is not valid base64.");
    if (data.size() > _options.maxWriteBytes)
        throw Failure(Reason::LIMIT, "The content has " + std::to_string(data.size()) + " bytes; at most " +
                                         std::to_string(_options.maxWriteBytes) +
                                         " may be written at once. Write it in parts with the mode 'append'.");
    const std::string parent = parentOf(where.relative);
    if (request.createDirectories && !parent.empty())
        where.tree->makeDirectories(parent, where.shown());

    Written written;
    written.path = where.shown();
    written.uri = where.uri;
    written.bytes = data.size();
    written.created = !isThere(where, where.relative);
    if (written.created && !parent.empty() && !isThere(where, parent))
        throw Failure(Reason::NOT_FOUND,
                      "The directory of " + where.shown() + " does not exist. Set createDirectories to make it.");
    where.tree->write(where.relative, where.shown(), data, request.mode);
    written.size = where.tree->stat(where.relative, where.shown()).bytes;
    return written;
}

Edited Changes::edit(const std::string& path, const std::vector<Replacement>& replacements, bool dryRun) const
{
    const Location where = locate(path);
    const std::unique_ptr<OpenFile> file = where.tree->open(where.relative, where.shown());
    if (file->info().bytes > _options.maxWriteBytes)
        throw Failure(Reason::LIMIT, where.shown() + " has " + std::to_string(file->info().bytes) + " bytes; at most " +
                                         std::to_string(_options.maxWriteBytes) + " may be written at once.");
    const std::string before = file->read(0, static_cast<std::size_t>(file->info().bytes));
    if (validUtf8Prefix(before) != before.size())
        throw Failure(Reason::WRONG_KIND,
                      where.shown() +
                          " is not UTF-8, so it is not edited: its other characters would be lost. Read it, "
                          "and write it as a whole.");
    Replacer replacer(before);
    for (const Replacement& replacement : replacements)
        replacer.replace(replacement);

    Edited edited;
    edited.path = where.shown();
    edited.uri = where.uri;
    edited.replacements = replacer.count();
    edited.diff = unifiedDiff(before, replacer.text(), where.shown().substr(where.shown().front() == '/'));
    if (replacer.tookCrLf())
        edited.note = "The file's lines end with CRLF; the texts were taken with CRLF as well.";
    if (dryRun || edited.diff.empty())
        return edited;
    const Info now = where.tree->stat(where.relative, where.shown());
    if (now.modifiedNs != file->info().modifiedNs || now.bytes != file->info().bytes)
        throw Failure(Reason::FAILED, where.shown() + " was changed by somebody else meanwhile. Read it again.");
    where.tree->write(where.relative, where.shown(), replacer.text(), WriteMode::REPLACE);
    edited.written = true;
    return edited;
}

Moved Changes::move(const std::string& from, const std::string& to) const
{
    const Location source = locate(from);
    const Location target = locate(to);
    if (source.relative.empty())
        throw Failure(Reason::NOT_ALLOWED, source.shown() + " is an allowed directory itself and is not moved.");
    if (target.path.rfind(source.path + "/", 0) == 0)
        throw Failure(Reason::INVALID, source.shown() + " cannot be moved into itself.");
    if (!isThere(target, parentOf(target.relative)))
        throw Failure(Reason::NOT_FOUND, "The directory of " + target.shown() +
                                             " does not exist. Make it with filesystem_create_directory.");
    source.tree->move(source.relative, source.shown(), *target.tree, target.relative, target.shown());
    return {source.shown(), target.shown(), target.uri};
}

Entry Changes::createDirectory(const std::string& path) const
{
    const Location where = locate(path);
    if (!where.relative.empty())
        where.tree->makeDirectories(where.relative, where.shown());
    const Info info = where.tree->stat(where.relative, where.shown());
    if (info.kind != Kind::DIRECTORY)
        throw Failure(Reason::NOT_ALLOWED, where.shown() + " exists already and is not a directory.");
    return toEntry(where, info);
}

Deleted Changes::remove(const std::string& path, bool recursive, const Stop& stop) const
{
    const Location where = locate(path);
    if (!_options.deletable)
        throw Failure(Reason::NOT_ALLOWED, "Nothing may be deleted here: the operator has not set "
                                           "plugin.filesystem.deletable=true.");
    Deleted deleted{where.shown(), 0};
    if (where.relative.empty())
        throw Failure(Reason::NOT_ALLOWED, where.shown() + " is an allowed directory itself and is not deleted.");
    const Info info = where.tree->stat(where.relative, where.shown());
    if (recursive && info.kind == Kind::DIRECTORY && !info.link)
        removeAll(where, deleted, stop);
    where.tree->remove(where.relative, where.shown());
    ++deleted.entries;
    return deleted;
}

/// What a directory holds. Links are removed, not followed.
void Changes::removeAll(const Location& where, Deleted& deleted, const Stop& stop) const
{
    if (stop && stop())
        throw Failure(Reason::CANCELLED, "The call was cancelled.");
    const auto limit = static_cast<std::size_t>(_options.maxSearchEntries - deleted.entries) + 1;
    for (const Item& item : where.tree->list(where.relative, where.shown(), false, limit))
    {
        const Location child = where.child(item.name);
        if (item.info.kind == Kind::DIRECTORY && !item.info.link)
            removeAll(child, deleted, stop);
        if (deleted.entries >= _options.maxSearchEntries)
            throw Failure(Reason::LIMIT, "There are more than " + std::to_string(_options.maxSearchEntries) +
                                             " entries; that many were deleted. Call it again for the rest.");
        child.tree->remove(child.relative, child.shown());
        ++deleted.entries;
    }
}

} // namespace tenon::filesystem
