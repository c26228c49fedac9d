#include "filesystem/Bindings.h"

#include <algorithm>

namespace tenon::filesystem
{

void addSearchTools(Plugin& plugin, const Files& files)
{
    plugin
        .tool("filesystem_search", "Searches a directory and those below it: for files by a glob of their names, for "
                                   "lines by what they contain, or both. Give a glob, a content, or both.")
        .title("Search files")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path",
                            std::string("Where to begin: a directory, or one file to search in. ") + PATH +
                                " Left out: all allowed directories.",
                            defaultTo(""))
        .param<std::string>(
            "glob",
            "Which files, by the path relative to where the search begins: *.txt (at any depth), "
            "src/**/*.{cpp,h}, ./*.md (in that directory alone), [0-9]*.log; a backslash takes the next "
            "character as it is. Left out: every file",
            defaultTo(""), maxLength(1000))
        .param<std::string>("content", "What a line has to contain. Left out: only names are searched", defaultTo(""),
                            maxLength(1000))
        .param<bool>("regularExpression", "Whether 'content' is a regular expression (RE2 syntax)", defaultTo(false))
        .param<bool>("caseSensitive", "Whether 'content' has to agree in upper and lower case", defaultTo(true))
        .param<std::vector<std::string>>("exclude",
                                         "Globs of files and directories to leave out, such as node_modules "
                                         "or .git",
                                         notRequired(), items(0, 50))
        .param<std::uint64_t>("limit", "How many matches to give",
                              defaultTo(std::min<std::uint64_t>(100, files.options().maxResults)),
                              range(std::uint64_t(1), files.options().maxResults))
        .param<std::uint64_t>("limitPerFile", "How many lines of one file to give", defaultTo(20), range(1, 10000))
        .handle(
            [&files](Call& call, const std::string& path, std::string glob, std::string content, bool regularExpression,
                     bool caseSensitive, std::vector<std::string> exclude, std::uint64_t limit,
                     std::uint64_t limitPerFile)
            {
                SearchRequest request{std::move(glob),   std::move(exclude), std::move(content),
                                      regularExpression, caseSensitive,      limit,
                                      limitPerFile};
                return SearchView(files.search(path, request, stopOf(call),
                                               [&call](std::uint64_t entries) {
                                                   call.progress(static_cast<double>(entries), 0, "entries looked at");
                                               }));
            });

    plugin
        .tool("filesystem_tree", "Draws what a directory holds and what lies further down, a line an entry. Links to "
                                 "directories are not followed.")
        .title("Draw a directory tree")
        .annotations(readOnly(), idempotent(), openWorld(false))
        .param<std::string>("path", std::string("The directory. ") + PATH + " Left out: the allowed directory.",
                            defaultTo(""))
        .param<std::uint64_t>("depth", "How many levels", defaultTo(3), range(1, 50))
        .param<std::vector<std::string>>("exclude", "Globs of files and directories to leave out, such as node_modules",
                                         notRequired(), items(0, 50))
        .param<std::uint64_t>("limit", "How many entries to give", defaultTo(500), range(1, 10000))
        .output<OutlineView>()
        .handle(
            [&files](Call& call, const std::string& path, std::uint64_t depth, std::vector<std::string> exclude,
                     std::uint64_t limit)
            {
                const Outline outline = files.outline(path, {depth, std::move(exclude), limit}, stopOf(call));
                return Result().text(drawn(outline)).structured(OutlineView(outline));
            });
}

} // namespace tenon::filesystem
