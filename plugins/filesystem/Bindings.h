#pragma once

#include "filesystem/Described.h"

/// What of the core becomes tools and resources. Each adds some to the plugin, with handlers that borrow `files`.

namespace tenon::filesystem
{

void addReadingTools(Plugin& plugin, const Files& files);
void addSearchTools(Plugin& plugin, const Files& files);
void addChangingTools(Plugin& plugin, const Files& files);
void addResources(Plugin& plugin, const Files& files);

inline Stop stopOf(const Call& call)
{
    return [&call] { return call.cancelled(); };
}

constexpr const char* PATH = "An absolute path, a file: URI from another result, or a path relative to the allowed "
                             "directory if there is only one. '..' is not allowed.";

} // namespace tenon::filesystem
