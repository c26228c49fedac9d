#ifndef TENON_HOST_H
#define TENON_HOST_H

/// The host's smaller extensions: log, settings, notifications. And `tenon.state/1` of the plugin.

#include "call.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_LOG "tenon.log/1"

    typedef struct tenon_log_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// A line in the server's log, marked with the plugin's name. Nothing reaches clients. Copied. [any-thread]
        void(TENON_ABI* log)(const tenon_host* host, tenon_log_level level, tenon_text message);
    } tenon_log_api;

#define TENON_EXT_SETTINGS "tenon.settings/1"

    /// The settings `plugin.<name>.*` of the server, keys without that prefix; those that are the host's own (isolation,
    /// prefix, limits …) included. Fixed from `create` until `destroy`; texts live as long. [any-thread]
    typedef struct tenon_settings_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// The value of `key`; absent if it is not set.
        tenon_text(TENON_ABI* get)(const tenon_host* host, tenon_text key);

        /// The setting at `index`, from 0, in alphabetical order; false past the end.
        bool(TENON_ABI* at)(const tenon_host* host, uint64_t index, tenon_text* key, tenon_text* value);
    } tenon_settings_api;

#define TENON_EXT_NOTIFY "tenon.notify/1"

    typedef int32_t tenon_list_kind;
    enum
    {
        TENON_LIST_TOOLS = 1,
        TENON_LIST_RESOURCES = 2, ///< resources and resource templates
        TENON_LIST_PROMPTS = 3
    };

    /// News of the plugin for the clients. [any-thread], from the return of `start` until `stop` is called.
    typedef struct tenon_notify_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// A list has changed: the host reads it again, soon, on the [main-thread], and tells the clients. Running calls
        /// keep the index they were made with.
        void(TENON_ABI* list_changed)(const tenon_host* host, tenon_list_kind list);

        /// The resource `uri` has changed: whoever subscribed to it is told. Copied.
        void(TENON_ABI* resource_updated)(const tenon_host* host, tenon_text uri);
    } tenon_notify_api;

#define TENON_EXT_STATE "tenon.state/1"

    /// The plugin's, optional: hands state over to the instance that replaces it when the library file changes.
    typedef struct tenon_state
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// The state of this instance, bytes in a form its successor knows. Called after `stop`. Borrowed until `destroy`.
        /// [main-thread]
        tenon_text(TENON_ABI* save)(tenon_plugin* plugin);

        /// Takes over what the predecessor saved; `from_version` is its manifest's "version". Called before `start`. A
        /// failure is logged and the instance starts without. [main-thread]
        tenon_status(TENON_ABI* load)(tenon_plugin* plugin, tenon_text from_version, tenon_text state);
    } tenon_state;

#ifdef __cplusplus
}
#endif

#endif
