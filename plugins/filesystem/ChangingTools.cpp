#include "filesystem/Bindings.h"

namespace tenon::filesystem
{

namespace
{

void addWrite(Plugin& plugin, const Files& files)
{
    plugin
        .tool("filesystem_write",
              "Writes a file: a new one, in the place of an old one (at once and as a whole), or at "
              "the end of one.")
        .title("Write a file")
        .annotations(readOnly(false), destructive(), idempotent(false), openWorld(false))
        .param<std::string>("path", PATH)
        .param<std::string>("content", "What to write: text, or base64 of bytes")
        .param<std::string>("encoding", "What 'content' is", defaultTo("text"), oneOf("text", "base64"))
        .param<WriteMode>("mode",
                          "'create' refuses if the file exists, 'replace' overwrites it, 'append' adds to its end",
                          defaultTo(WriteMode::CREATE))
        .param<bool>("createDirectories", "Whether to make the directories above it", defaultTo(false))
        .handle(
            [&files](std::string path, std::string content, const std::string& encoding, WriteMode mode,
                     bool createDirectories)
            {
                return files.changes().write(
                    {std::move(path), std::move(content), encoding == "base64", mode, createDirectories});
            });
}

void addEdit(Plugin& plugin, const Files& files)
{
    plugin
        .tool("filesystem_edit",
              "Replaces exact texts in a file, all of them or none, and shows what differs as a diff. "
              "With dryRun nothing is written.")
        .title("Edit a file")
        .annotations(readOnly(false), destructive(), idempotent(false), openWorld(false))
        .param<std::string>("path", PATH)
        .param<std::vector<Replacement>>("edits", "Carried out one after the other", items(1, 100))
        .param<bool>("dryRun", "Only show the diff", defaultTo(false))
        .output<Edited>()
        .handle(
            [&files](const std::string& path, const std::vector<Replacement>& edits, bool dryRun)
            {
                const Edited edited = files.changes().edit(path, edits, dryRun);
                Result result;
                result.text(edited.diff.empty() ? "Nothing differs." : edited.diff);
                if (dryRun)
                    result.text("[A dry run: nothing was written.]");
                if (edited.note)
                    result.text("[" + *edited.note + "]");
                return result.structured(edited);
            });
}

void addDelete(Plugin& plugin, const Files& files)
{
    plugin.tool("filesystem_delete", "Deletes a file, a link (not what it leads to) or a directory, for good.")
        .title("Delete a file or directory")
        .annotations(readOnly(false), destructive(), idempotent(false), openWorld(false))
        .param<std::string>("path", PATH)
        .param<bool>("recursive", "Whether a directory is deleted with what it holds", defaultTo(false))
        .handle([&files](Call& call, const std::string& path, bool recursive)
                { return files.changes().remove(path, recursive, stopOf(call)); });
}

} // namespace

void addChangingTools(Plugin& plugin, const Files& files)
{
    addWrite(plugin, files);
    addEdit(plugin, files);
    plugin
        .tool("filesystem_create_directory",
              "Makes a directory, with those above it. One that is there already is left "
              "as it is.")
        .title("Make a directory")
        .annotations(readOnly(false), destructive(false), idempotent(), openWorld(false))
        .param<std::string>("path", PATH)
        .handle([&files](const std::string& path) { return files.changes().createDirectory(path); });
    plugin.tool("filesystem_move", "Gives a file or directory another name or place. Nothing is overwritten.")
        .title("Move or rename")
        .annotations(readOnly(false), destructive(), idempotent(false), openWorld(false))
        .param<std::string>("from", PATH)
        .param<std::string>("to", "The new path, its name included")
        .handle([&files](const std::string& from, const std::string& to) { return files.changes().move(from, to); });
    if (files.options().deletable)
        addDelete(plugin, files);
}

} // namespace tenon::filesystem
