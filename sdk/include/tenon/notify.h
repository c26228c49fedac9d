#ifndef TENON_NOTIFY_H
#define TENON_NOTIFY_H

/// `tenon.notify/1`, the host's: news of the plugin for the clients.

#include "abi.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

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

        /// What the plugin lacks at present of what its settings name, in words for the operator; absent or empty: nothing any
        /// more. It goes on without; `/stats` says it, and `/ready` if the plugin is required. Copied. [any-thread], from the
        /// beginning of `create`. After 1.1: ask TENON_HAS.
        void(TENON_ABI* lacks)(const tenon_host* host, tenon_text what);
    } tenon_notify_api;

#ifdef __cplusplus
}
#endif

#endif
