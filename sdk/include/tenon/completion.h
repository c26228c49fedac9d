#ifndef TENON_COMPLETION_H
#define TENON_COMPLETION_H

/// `tenon.completion/1`, the plugin's: values for arguments of prompts and variables of resource templates.
///
/// Spec: 2026-07-28, Server Features, Utilities, Completion.

#include "call.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_COMPLETION "tenon.completion/1"

    typedef struct tenon_completion
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// Completes an argument of a prompt or a variable of a resource template of this plugin.
        ///
        /// Shape:     `call->arguments` is {"ref": {"type": "ref/prompt", "name"} | {"type": "ref/resource", "uri"},
        ///            "argument": {"name", "value"}, "context": {"arguments": {…}}}. The result is
        ///            {"completion": {"values": [string], "total": integer, "hasMore": boolean}}, at most 100 values.
        /// Errors:    as `tenon_tools.call`.
        /// Threading: [call-thread]
        tenon_status(TENON_ABI* complete)(tenon_plugin* plugin, tenon_call* call);
    } tenon_completion;

#ifdef __cplusplus
}
#endif

#endif
