#pragma once

#include "filesystem/files/Files.h"

#include <tenon/plugin.hpp>

/// How the core's types look as JSON.

namespace tenon::filesystem
{

inline auto describe(Type<Kind>)
{
    return choices(choice(Kind::FILE, "file"), choice(Kind::DIRECTORY, "directory"), choice(Kind::LINK, "link"),
                   choice(Kind::OTHER, "other"));
}

inline auto describe(Type<Encoding>)
{
    return choices(choice(Encoding::AUTO, "auto"), choice(Encoding::TEXT, "text"), choice(Encoding::BASE64, "base64"));
}

inline auto describe(Type<WriteMode>)
{
    return choices(choice(WriteMode::CREATE, "create"), choice(WriteMode::REPLACE, "replace"),
                   choice(WriteMode::APPEND, "append"));
}

inline auto describe(Type<Entry>)
{
    return object(field("name", &Entry::name, "The last part of the path"),
                  field("path", &Entry::path, "The absolute path, to be given to the other filesystem tools"),
                  field("uri", &Entry::uri, "The same as a file: URI, to be read as a resource"),
                  field("type", &Entry::kind,
                        "'link' is a symbolic link that leads nowhere or out of the allowed directories; 'other' is a "
                        "pipe, socket or device. Neither can be read"),
                  field("link", &Entry::link, "Whether it is a symbolic link; type and size are those of its target"),
                  field("size", &Entry::size, "Bytes; files only"),
                  field("modified", &Entry::modified, "When it was last changed, UTC", format("date-time")));
}

inline auto describe(Type<Listing>)
{
    return object(field("path", &Listing::path, "The directory; empty if these are the allowed directories"),
                  field("entries", &Listing::entries, "Sorted by name"),
                  field("total", &Listing::total, "Entries in the directory"),
                  field("nextOffset", &Listing::nextOffset, "Give this as 'offset' to get the entries that follow"),
                  field("note", &Listing::note, "Which allowed directories are not there at present"));
}

/// One flat object: models read it more easily than a nested one.
struct DetailsView
{
    std::string name, path, uri;
    Kind kind = Kind::FILE;
    bool link = false;
    std::optional<std::uint64_t> size;
    std::optional<std::string> modified, mimeType, permissions;
    bool writable = false;

    explicit DetailsView(const Details& details)
        : name(details.entry.name), path(details.entry.path), uri(details.entry.uri), kind(details.entry.kind),
          link(details.entry.link), size(details.entry.size), modified(details.entry.modified),
          mimeType(details.mimeType), permissions(details.permissions), writable(details.writable)
    {
    }
};

inline auto describe(Type<DetailsView>)
{
    return object(field("name", &DetailsView::name, "The last part of the path"),
                  field("path", &DetailsView::path, "The absolute path"),
                  field("uri", &DetailsView::uri, "The same as a file: URI"), field("type", &DetailsView::kind),
                  field("link", &DetailsView::link, "Whether it is a symbolic link"),
                  field("size", &DetailsView::size, "Bytes; files only"),
                  field("modified", &DetailsView::modified, "When it was last changed, UTC", format("date-time")),
                  field("mimeType", &DetailsView::mimeType, "What its name and beginning suggest; files only"),
                  field("permissions", &DetailsView::permissions, "For owner, group, others: rwxr-x---"),
                  field("writable", &DetailsView::writable, "Whether the settings let filesystem_write change it"));
}

/// An Excerpt, its data under the name that says what it is.
struct ExcerptView
{
    std::string path, uri, mimeType;
    std::uint64_t size = 0;
    std::string modified;
    std::optional<std::string> text, charset;
    std::optional<Bytes> base64;
    std::uint64_t offset = 0, length = 0;
    std::optional<std::uint64_t> firstLine, lines;
    bool truncated = false;
    std::optional<std::uint64_t> nextOffset, nextLine;
    std::optional<std::string> note;

    explicit ExcerptView(const Excerpt& excerpt)
        : path(excerpt.path), uri(excerpt.uri), mimeType(excerpt.mimeType), size(excerpt.size),
          modified(excerpt.modified), offset(excerpt.offset), length(excerpt.length), firstLine(excerpt.firstLine),
          lines(excerpt.lines), truncated(excerpt.truncated), nextOffset(excerpt.nextOffset), nextLine(excerpt.nextLine)
    {
        for (const std::string& sentence : excerpt.notes)
            note = note ? *note + ' ' + sentence : sentence;
        if (excerpt.text)
        {
            text = excerpt.data;
            charset = excerpt.charset;
        }
        else if (!excerpt.media)
            base64 = Bytes{excerpt.data};
    }
};

inline auto describe(Type<ExcerptView>)
{
    return object(field("path", &ExcerptView::path), field("uri", &ExcerptView::uri),
                  field("mimeType", &ExcerptView::mimeType),
                  field("size", &ExcerptView::size, "Bytes of the whole file"),
                  field("modified", &ExcerptView::modified, "When it was last changed, UTC", format("date-time")),
                  field("text", &ExcerptView::text, "What was read, if it is text"),
                  field("charset", &ExcerptView::charset, "What the text is written in, in the file"),
                  field("base64", &ExcerptView::base64, "What was read, if it is neither text nor an image or a sound"),
                  field("offset", &ExcerptView::offset, "Where in the file it begins, bytes"),
                  field("length", &ExcerptView::length, "Bytes that were read"),
                  field("firstLine", &ExcerptView::firstLine, "If lines were asked for"),
                  field("lines", &ExcerptView::lines, "If lines were asked for: how many these are"),
                  field("truncated", &ExcerptView::truncated, "Whether there is more of what was asked for"),
                  field("nextOffset", &ExcerptView::nextOffset, "If the file goes on: where, as 'offset'"),
                  field("nextLine", &ExcerptView::nextLine, "If lines were asked for and more follow: as 'firstLine'"),
                  field("note", &ExcerptView::note, "What was converted, replaced or moved"));
}

inline auto describe(Type<Written>)
{
    return object(field("path", &Written::path), field("uri", &Written::uri),
                  field("bytes", &Written::bytes, "Bytes written by this call"),
                  field("size", &Written::size, "Bytes of the file now"),
                  field("created", &Written::created, "Whether the file is new"));
}

struct MatchView
{
    std::string path, uri;
    Kind kind = Kind::FILE;
    std::optional<std::uint64_t> line;
    std::optional<std::string> text;

    explicit MatchView(const SearchMatch& match) : path(match.path), uri(match.uri), kind(match.kind)
    {
        if (match.line == 0)
            return;
        line = match.line;
        text = match.text;
    }
};

inline auto describe(Type<MatchView>)
{
    return object(field("path", &MatchView::path), field("uri", &MatchView::uri), field("type", &MatchView::kind),
                  field("line", &MatchView::line, "From 1; only if 'content' was given"),
                  field("text", &MatchView::text, "The line, shortened if it is long; only if 'content' was given"));
}

inline auto describe(Type<Omission>)
{
    return object(field("path", &Omission::path), field("why", &Omission::why));
}

struct SearchView
{
    std::vector<MatchView> matches;
    std::uint64_t files = 0, skipped = 0;
    std::vector<Omission> notSearched;
    bool truncated = false;
    std::optional<std::string> reason;

    explicit SearchView(const SearchResult& result)
        : matches(result.matches.begin(), result.matches.end()), files(result.files), skipped(result.skipped),
          notSearched(result.omitted), truncated(result.truncated)
    {
        if (truncated)
            reason = result.reason;
    }
};

inline auto describe(Type<SearchView>)
{
    return object(
        field("matches", &SearchView::matches, "By path, then line"),
        field("files", &SearchView::files, "Files that were looked at"),
        field("skipped", &SearchView::skipped, "How many files and directories were not searched, or not to their end"),
        field("notSearched", &SearchView::notSearched, "The first of them, and why: there may be matches in them"),
        field("truncated", &SearchView::truncated, "Whether there is more than this"),
        field("reason", &SearchView::reason, "If truncated: which limit was met, and what to do"));
}

inline auto describe(Type<OutlineEntry>)
{
    return object(field("path", &OutlineEntry::path, "Relative to the directory"),
                  field("type", &OutlineEntry::kind, "What it is"));
}

struct OutlineView
{
    std::string path;
    std::vector<OutlineEntry> entries;
    bool truncated = false;
    std::optional<std::string> reason;

    explicit OutlineView(const Outline& outline)
        : path(outline.path), entries(outline.entries), truncated(outline.truncated)
    {
        if (truncated)
            reason = outline.reason;
    }
};

inline auto describe(Type<OutlineView>)
{
    return object(field("path", &OutlineView::path, "The directory"),
                  field("entries", &OutlineView::entries, "Each directory before what it holds"),
                  field("truncated", &OutlineView::truncated, "Whether there is more than this"),
                  field("reason", &OutlineView::reason, "If truncated: why, and what to do"));
}

struct ManyView
{
    std::string path;
    std::optional<ExcerptView> file;
    std::optional<std::string> error;

    explicit ManyView(const OneOfMany& one) : path(one.path)
    {
        if (one.excerpt)
            file.emplace(*one.excerpt);
        else
            error = one.error;
    }
};

inline auto describe(Type<ManyView>)
{
    return object(field("path", &ManyView::path, "As it was asked for"),
                  field("file", &ManyView::file, "What was read, if it could be"),
                  field("error", &ManyView::error, "If not: why"));
}

struct ManyViews
{
    std::vector<ManyView> files;
};

inline auto describe(Type<ManyViews>)
{
    return object(field("files", &ManyViews::files, "In the order in which they were asked for"));
}

inline auto describe(Type<Replacement>)
{
    return object(
        field("oldText", &Replacement::oldText, "The text to be replaced, exactly as it is in the file"),
        field("newText", &Replacement::newText, "What takes its place"),
        field("replaceAll", &Replacement::all, "Wherever it occurs; else it has to occur exactly once", notRequired()));
}

inline auto describe(Type<Edited>)
{
    return object(field("path", &Edited::path), field("uri", &Edited::uri),
                  field("written", &Edited::written, "False for a dry run, and if nothing differs"),
                  field("replacements", &Edited::replacements, "How many texts were replaced"),
                  field("diff", &Edited::diff, "What differs, as a unified diff"), field("note", &Edited::note));
}

inline auto describe(Type<Moved>)
{
    return object(field("from", &Moved::from, "The path it had"), field("path", &Moved::path, "The path it has now"),
                  field("uri", &Moved::uri));
}

inline auto describe(Type<Deleted>)
{
    return object(field("path", &Deleted::path),
                  field("entries", &Deleted::entries, "How many files and directories were deleted"));
}

} // namespace tenon::filesystem
