#include "filesystem/Bindings.h"

#include <algorithm>

namespace tenon::filesystem
{

namespace
{

/// What was read, for people and models: the text itself, or the image, and what to know about it.
void show(const Excerpt& excerpt, Result& result)
{
    if (excerpt.text)
        result.text(excerpt.data);
    else if (excerpt.media && excerpt.mimeType.rfind("audio/", 0) == 0)
        result.audio(Bytes{excerpt.data}, excerpt.mimeType);
    else if (excerpt.media)
        result.image(Bytes{excerpt.data}, excerpt.mimeType);
    else
        result.add(Content::resource(excerpt.uri, Bytes{excerpt.data}, excerpt.mimeType));
    std::string remarks;
    for (const std::string& note : excerpt.notes)
        remarks += (remarks.empty() ? "" : " ") + note;
    if (excerpt.truncated)
        remarks += (remarks.empty() ? "" : " ") + std::to_string(excerpt.size) +
                   " bytes in all; this is cut. Go on with " +
                   (excerpt.nextLine ? "firstLine=" + std::to_string(*excerpt.nextLine)
                                     : "offset=" + std::to_string(excerpt.nextOffset.value_or(excerpt.size))) +
                   ".";
    if (!remarks.empty())
        result.text("[" + remarks + "]");
}

Result readResult(const Excerpt& excerpt)
{
    Result result;
    show(excerpt, result);
    return result.structured(ExcerptView(excerpt));
}

Result manyResult(const std::vector<OneOfMany>& files)
{
    Result result;
    ManyViews views;
    for (const OneOfMany& one : files)
    {
        result.text(one.path + ":" + (one.excerpt ? "" : " " + one.error));
        if (one.excerpt)
            show(*one.excerpt, result);
        views.files.emplace_back(one);
    }
    return result.structured(views);
}

} // namespace

void addReadingTools(Plugin& plugin, const Files& files)
{
    plugin
        .tool("filesystem_list", "Lists what a directory holds: names, types, sizes, times. Call it without a path "
                                 "first to learn which directories may be accessed.")
        .title("List a directory")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path",
                            std::string("The directory. ") + PATH +
                                " Left out: the allowed directory, or the "
                                "list of them.",
                            defaultTo(""))
        .param<std::uint64_t>("offset", "How many entries to skip, for the rest of a long list", defaultTo(0))
        .param<std::uint64_t>("limit", "How many entries to give",
                              defaultTo(std::min<std::uint64_t>(200, files.options().maxResults)),
                              range(std::uint64_t(1), files.options().maxResults))
        .handle([&files](const std::string& path, std::uint64_t offset, std::uint64_t limit)
                { return files.list(path, offset, limit); });

    plugin
        .tool("filesystem_stat", "Tells type, size, time of the last change, permissions and MIME type of one file or "
                                 "directory, without reading it.")
        .title("Look at a file's properties")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path", PATH)
        .handle([&files](const std::string& path) { return DetailsView(files.stat(path)); });

    plugin
        .tool("filesystem_read",
              "Reads a file, whole or in part. Text comes as UTF-8, whatever it is written in, images "
              "and sounds as such, anything else as base64. Long files are cut, and the result says "
              "where to go on.")
        .title("Read a file")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path", PATH)
        .param<std::optional<std::uint64_t>>("offset", "Begin at this byte, from 0")
        .param<std::optional<std::uint64_t>>("length", "Read at most this many bytes", atLeast(1))
        .param<std::optional<std::uint64_t>>("firstLine", "Begin at this line, from 1, instead of a byte", atLeast(1))
        .param<std::optional<std::uint64_t>>("lines", "Read at most this many lines", atLeast(1))
        .param<std::optional<std::uint64_t>>("lastLines", "Read this many lines at the end instead", atLeast(1))
        .param<Encoding>("encoding",
                         "'auto' gives text where the file seems to be one, converted if need be; 'text' takes it for "
                         "UTF-8; 'base64' gives the bytes",
                         defaultTo(Encoding::AUTO))
        .output<ExcerptView>()
        .handle(
            [&files](Call& call, const std::string& path, std::optional<std::uint64_t> offset,
                     std::optional<std::uint64_t> length, std::optional<std::uint64_t> firstLine,
                     std::optional<std::uint64_t> lines, std::optional<std::uint64_t> lastLines, Encoding encoding) {
                return readResult(
                    files.read(path, {offset, length, firstLine, lines, lastLines}, encoding, stopOf(call)));
            });

    plugin
        .tool("filesystem_read_many", "Reads several files at once. One that cannot be read says why and does not keep "
                                      "the others back.")
        .title("Read several files")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::vector<std::string>>("paths", std::string("Which files. Each: ") + PATH, items(1, 50))
        .output<ManyViews>()
        .handle([&files](Call& call, const std::vector<std::string>& paths)
                { return manyResult(files.readMany(paths, stopOf(call))); });
}

} // namespace tenon::filesystem
