#ifndef TENON_CALL_H
#define TENON_CALL_H

/// One request of a client that a plugin answers: `tools/call`, `resources/read`, `prompts/get` or
/// `completion/complete`. Made by the host, which owns it. This is what it carries; what can be done with it is the table
/// `api`, of call_api.h.
///
/// Life:      from the entry of the plugin's function until the call has ended AND that function has returned. A call
///            ends once: by `finish`, by `fail`, or by the function returning a failure. A function that returns
///            TENON_OK without having ended its call has failed. With TENON_ASYNC the call ends later, by `finish` or
///            `fail` on any thread; after that the pointer is dead.
/// Re-entry:  a function that returned TENON_INPUT_PENDING is entered again, possibly in another process, with the same
///            arguments, when the client has answered. What it asked is answered at once then, under the same keys, and
///            what it remembered is there.
/// Spec:      2026-07-28, Multi Round-Trip Requests; legacy revisions, Elicitation, Sampling, Roots.

#include "abi.h"
#include "value.h"

#ifdef __cplusplus
extern "C"
{
#endif

    struct tenon_call_api;

    typedef struct tenon_call
    {
        uint32_t struct_size;
        uint32_t reserved;
        const struct tenon_call_api* api; ///< what can be done with the call; one table for all calls of a host
        void* host_data;                  ///< the host's own

        tenon_value arguments;  ///< an object, checked against the tool's inputSchema; see each extension for its shape
        tenon_value meta;       ///< the request's `_meta`, or none
        tenon_text principal;   ///< who calls; absent without authentication
        tenon_text session;     ///< legacy session id; absent on 2026-07-28 and later
        tenon_text traceparent; ///< W3C Trace Context, absent if the request has none; likewise the next two
        tenon_text tracestate;
        tenon_text baggage;
        uint64_t deadline_ms; ///< milliseconds from the first entry until the caller has its answer; 0: no deadline
    } tenon_call;

#ifdef __cplusplus
}
#endif

#endif
