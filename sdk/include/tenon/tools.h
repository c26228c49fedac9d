#ifndef TENON_TOOLS_H
#define TENON_TOOLS_H

/// `tenon.tools/1`, the plugin's: the tools it offers.
///
/// Spec: 2026-07-28, Server Features, Tools.

#include "call.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_TOOLS "tenon.tools/1"

    typedef struct tenon_tools
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// A JSON array of `Tool`: "name", "inputSchema" (required), "title", "description", "outputSchema", "annotations",
        /// "icons", "_meta", "execution" ({"taskSupport": "forbidden" | "optional" | "required"}). What is for the host only
        /// stands under "tenon":
        ///   "concurrency": "parallel" (default) | "serial" (one call at a time) | "session" (one per session),
        ///   "maxConcurrent": integer, calls at once; 0 or absent: the host's limit,
        ///   "timeoutMs": integer, deadline of a call; absent: the host's `timeouts.requestMs`; 0: none,
        ///   "task": "immediate" (default: with task support, the call is a task before it is entered) | "on-demand" (it
        ///   becomes one when it calls `begin_task`),
        ///   "thread": "main": in a program that lends its tools (attach.h), runs on the thread that polls; else ignored,
        ///   "index": integer, the number that stands for this tool in `call`; absent: its position in the array. For lists
        ///   that lose entries: a call that was made with the old list may be entered after the new one was read.
        ///
        /// Threading: [main-thread]; read after `create`, and again after `tenon.notify/1` said that the list changed.
        /// Ownership: borrowed until the next `list` or `destroy`.
        tenon_text(TENON_ABI* list)(tenon_plugin* plugin);

        /// Runs the tool `index`: its "index", or its position in the list that the call was made with.
        ///
        /// Shape:     `call->arguments` is the request's "arguments" object (an empty one if there are none).
        /// Errors:    TENON_OK (the call has ended), TENON_ASYNC, TENON_INPUT_PENDING, or a failure.
        /// Threading: [call-thread]; as many at once as "concurrency" allows.
        tenon_status(TENON_ABI* call)(tenon_plugin* plugin, uint32_t index, tenon_call* call);
    } tenon_tools;

#ifdef __cplusplus
}
#endif

#endif
