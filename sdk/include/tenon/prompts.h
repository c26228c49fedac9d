#ifndef TENON_PROMPTS_H
#define TENON_PROMPTS_H

/// `tenon.prompts/1`, the plugin's: the prompts it offers.
///
/// Spec: 2026-07-28, Server Features, Prompts.

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

#ifdef __cplusplus
}
#endif

#endif
