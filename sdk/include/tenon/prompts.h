#ifndef TENON_PROMPTS_H
#define TENON_PROMPTS_H

/// `tenon.prompts/1` and `tenon.completion/1`, the plugin's.
///
/// Spec: 2026-07-28, Server Features, Prompts; Utilities, Completion.

#include "call.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_PROMPTS "tenon.prompts/1"

    typedef struct tenon_prompts
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// A JSON array of `Prompt`; "tenon": {"index": integer} as in `tenon_tools.list`, likewise threading and ownership.
        tenon_text(TENON_ABI* list)(tenon_plugin* plugin);

        /// Gives the prompt `index`, meant as in `tenon_tools.call`.
        ///
        /// Shape:     `call->arguments` is the request's "arguments": an object of strings, the required ones present. The
        ///            result is a GetPromptResult: {"description", "messages": [{"role", "content"}]}.
        /// Errors:    as `tenon_tools.call`; TENON_ERROR_INVALID: -32602 with the message.
        /// Threading: [call-thread]
        tenon_status(TENON_ABI* get)(tenon_plugin* plugin, uint32_t index, tenon_call* call);
    } tenon_prompts;

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
