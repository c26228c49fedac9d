#ifndef TENON_PLUGIN_H
#define TENON_PLUGIN_H

/// What a library exports, and how host and plugin find each other's extensions.
///
/// A plugin library exports exactly one symbol, `tenon_entry`. Everything beyond the structs of this header is an
/// extension, asked for by id: the plugin's (`tenon.tools/1`, `tenon.resources/1`, …) through `tenon_plugin.extension`,
/// the host's (`tenon.value/1`, `tenon.writer/1`, …) through `tenon_host.extension`.
///
/// Life of a plugin, each step on the [main-thread]:
/// `create` → lists are read → `start` → calls, on any number of threads → `stop` → `destroy` → the library is unloaded.

#include "abi.h"

#ifdef __cplusplus
extern "C"
{
#endif

    /// The server, as a plugin sees it. Made by the host; valid from `create` until `destroy` returns.
    typedef struct tenon_host
    {
        uint32_t struct_size;
        uint16_t abi_major;
        uint16_t abi_minor;
        void* host_data;
        tenon_text name;        ///< "tenon"
        tenon_text version;     ///< of the server, "1.2.3"
        tenon_text plugin_name; ///< the name under which the settings know this plugin, "filesystem"

        /// The host's extension `id` (zero-terminated), or null. Valid as long as the host. [any-thread]
        const void*(TENON_ABI* extension)(const struct tenon_host* host, const char* id);
    } tenon_host;

    /// One instance of a plugin. Made by the plugin in `create`; valid until its `destroy` returns.
    typedef struct tenon_plugin
    {
        uint32_t struct_size;
        uint32_t reserved;
        void* plugin_data;

        /// A JSON object: "name" and "version" (strings, required); "title", "description", "websiteUrl" (strings), "icons"
        /// (array of `Icon`), "settings" (array). Borrowed by the host until `destroy`.
        ///
        /// "settings" declares the keys of `plugin.<name>.` that the plugin reads: {"name", "type", "default", "allowed",
        /// "help", "required"}, all but the first two optional. "name" is below `plugin.<name>.`; a part `*` stands for any
        /// one. "type" is "text", "boolean", "integer", "number", "choice", "duration" (milliseconds, or 30s, 5m, 1h),
        /// "size" (bytes, or 64k, 4M, 1G), "path", "paths" or "list" (separated by commas). "allowed" is "1..100" for
        /// numbers, "a|b" for choices. "default" is a text as the settings file would have it. With it, the host refuses
        /// values that do not fit and keys that are not declared; without it, any key is taken.
        tenon_text manifest;

        /// The plugin may start threads and open what it needs. A failure refuses the plugin. May be null. [main-thread]
        tenon_status(TENON_ABI* start)(struct tenon_plugin* plugin);

        /// No further call will come and none runs. Threads of the plugin must have ended on return. May be null.
        /// [main-thread]
        void(TENON_ABI* stop)(struct tenon_plugin* plugin);

        /// Frees everything, the struct included. [main-thread]
        void(TENON_ABI* destroy)(struct tenon_plugin* plugin);

        /// The plugin's extension `id` (zero-terminated), or null. Valid as long as the plugin. [any-thread]
        const void*(TENON_ABI* extension)(struct tenon_plugin* plugin, const char* id);
    } tenon_plugin;

    /// The exported symbol. The host compares `abi_major` before it calls anything: another major version is refused, a
    /// higher minor version than the host's too.
    typedef struct tenon_plugin_entry
    {
        uint32_t struct_size;
        uint16_t abi_major;
        uint16_t abi_minor;

        /// Makes the one instance.
        ///
        /// Shape:     on TENON_OK `*plugin` is not null; otherwise nothing is left behind.
        /// Errors:    any failure refuses the library; say why through `tenon.log/1`.
        /// Threading: [main-thread]; start no threads here, `start` is for that.
        /// Ownership: borrows `host` until `destroy`; the instance belongs to the plugin, the host calls its `destroy`.
        tenon_status(TENON_ABI* create)(const tenon_host* host, tenon_plugin** plugin);
    } tenon_plugin_entry;

    /// Define it as: const tenon_plugin_entry tenon_entry = {sizeof tenon_entry, TENON_ABI_MAJOR, TENON_ABI_MINOR, create};
    TENON_EXPORT const tenon_plugin_entry tenon_entry;

#define TENON_ENTRY_SYMBOL "tenon_entry"

#ifdef __cplusplus
}
#endif

#endif
