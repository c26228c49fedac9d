#ifndef TENON_RESOURCES_H
#define TENON_RESOURCES_H

/// `tenon.resources/1`, the plugin's: what it lets clients read.
///
/// Spec: 2026-07-28, Server Features, Resources.

#include "call.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_RESOURCES "tenon.resources/1"

    typedef struct tenon_resources
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// A JSON array of `Resource`. May be null. Threading and ownership as `tenon_tools.list`.
        tenon_text(TENON_ABI* list)(tenon_plugin* plugin);

        /// A JSON array of `ResourceTemplate`; their "uriTemplate" (RFC 6570, `{name}` and `{+name}`) decides which URIs
        /// beyond the listed ones are this plugin's. May be null.
        tenon_text(TENON_ABI* templates)(tenon_plugin* plugin);

        /// Reads one resource.
        ///
        /// Shape:     `call->arguments` is {"uri": string, "template": string, "variables": {name: string}}; the last two
        ///            only if a template matched, variables percent-decoded. The result is a ReadResourceResult:
        ///            {"contents": [{"uri", "mimeType", "text" | "blob"}]}, and "ttlMs", "cacheScope" if known.
        /// Errors:    as `tenon_tools.call`; TENON_ERROR_NOT_FOUND: there is no such resource.
        /// Threading: [call-thread]
        tenon_status(TENON_ABI* read)(tenon_plugin* plugin, tenon_call* call);

        /// The first client wants to know of changes of `uri`; tell them with `tenon.notify/1`. A failure refuses the
        /// subscription. May be null: then subscriptions are accepted and it is the plugin that knows when to notify.
        /// [any-thread], never two at once for one plugin.
        tenon_status(TENON_ABI* subscribe)(tenon_plugin* plugin, tenon_text uri);

        /// The last client has gone. May be null. Threading as `subscribe`.
        void(TENON_ABI* unsubscribe)(tenon_plugin* plugin, tenon_text uri);
    } tenon_resources;

#ifdef __cplusplus
}
#endif

#endif
