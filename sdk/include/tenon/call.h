#ifndef TENON_CALL_H
#define TENON_CALL_H

/// One request of a client that a plugin answers: `tools/call`, `resources/read`, `prompts/get` or
/// `completion/complete`. Made by the host, which owns it.
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

    typedef int32_t tenon_log_level;
    enum
    { /* RFC 5424, the protocol's LoggingLevel */
      TENON_LOG_DEBUG = 0,
      TENON_LOG_INFO = 1,
      TENON_LOG_NOTICE = 2,
      TENON_LOG_WARNING = 3,
      TENON_LOG_ERROR = 4,
      TENON_LOG_CRITICAL = 5,
      TENON_LOG_ALERT = 6,
      TENON_LOG_EMERGENCY = 7
    };

    typedef int32_t tenon_client_feature;
    enum
    {
        TENON_CLIENT_ELICITATION = 1, ///< elicitation/create in form mode
        TENON_CLIENT_ELICITATION_URL = 2,
        TENON_CLIENT_SAMPLING = 3, ///< sampling/createMessage
        TENON_CLIENT_SAMPLING_TOOLS = 4,
        TENON_CLIENT_ROOTS = 5,    ///< roots/list
        TENON_CLIENT_PROGRESS = 6, ///< the request carries a progress token
        TENON_CLIENT_TASK = 7      ///< the call runs as a task
    };

    typedef struct tenon_call
    {
        uint32_t struct_size;
        uint32_t reserved;
        void* host_data;

        tenon_value arguments;  ///< an object, checked against the tool's inputSchema; see each extension for its shape
        tenon_value meta;       ///< the request's `_meta`, or none
        tenon_text principal;   ///< who calls; absent without authentication
        tenon_text session;     ///< legacy session id; absent on 2026-07-28 and later
        tenon_text traceparent; ///< W3C Trace Context, absent if the request has none; likewise the next two
        tenon_text tracestate;
        tenon_text baggage;
        uint64_t deadline_ms; ///< milliseconds from the first entry until the caller has its answer; 0: no deadline

        /// Ends the call with its result: JSON text, one object, copied. The result has the shape of the newest revision
        /// (CallToolResult, ReadResourceResult, GetPromptResult, CompleteResult); the host turns it into what the client's
        /// revision knows. A tool that failed is a result with "isError": true.
        ///
        /// Errors:    TENON_ERROR_STATE if the call has ended already (cancelled, deadline, finished twice).
        ///            TENON_ERROR_INVALID if `result` is not one JSON object: the call goes on.
        /// Threading: [any-thread]
        tenon_status(TENON_ABI* finish)(struct tenon_call* call, tenon_text result);

        /// Ends the call as a failure. For a tool it becomes a result with `isError: true` and `message` as its text, worded
        /// for a model to correct itself; TENON_ERROR_NOT_FOUND from a resource is the protocol's "resource not found",
        /// TENON_ERROR_INVALID its -32602. Copied. [any-thread]
        tenon_status(TENON_ABI* fail)(struct tenon_call* call, tenon_status status, tenon_text message);

        /// Tells the client how far the call is. `total` 0 if unknown; `message` may be absent. Sent only if the client
        /// asked for it and `done` has grown; otherwise nothing happens. [any-thread]
        tenon_status(TENON_ABI* progress)(struct tenon_call* call, double done, double total, tenon_text message);

        /// Sends the client a log message about this call, if its level asks for it. `data` is JSON text. [any-thread]
        tenon_status(TENON_ABI* log)(struct tenon_call* call, tenon_log_level level, tenon_text logger,
                                     tenon_text data);

        /// Whether the answer is no longer wanted: cancelled, disconnected, deadline passed. Cheap; ask often. [any-thread]
        bool(TENON_ABI* is_cancelled)(const struct tenon_call* call);

        /// Whether the client can do it. [any-thread]
        bool(TENON_ABI* client_has)(const struct tenon_call* call, tenon_client_feature feature);

        /// Asks the client.
        ///
        /// Shape:     `key` names the question within the call, stable over re-entries; `request` is JSON text
        ///            {"method": "elicitation/create" | "sampling/createMessage" | "roots/list", "params": {…}}; `answer` is
        ///            the client's result (ElicitResult, CreateMessageResult, ListRootsResult).
        /// Errors:    TENON_OK with the answer; TENON_INPUT_PENDING: ask what else is needed in this round, then return
        ///            TENON_INPUT_PENDING at once; TENON_ERROR_UNSUPPORTED if the client lacks the capability: return it,
        ///            the host names the capability to the client.
        /// Threading: [call-thread]; not after TENON_ASYNC.
        /// Ownership: the arguments are copied; `answer` lives as long as the call.
        tenon_status(TENON_ABI* request_input)(struct tenon_call* call, tenon_text key, tenon_text request,
                                               tenon_value* answer);

        /// Keeps a value for re-entry, so that a side effect happens once. Copied, at most 64 kB in all, and
        /// 4 MB with what was replaced, or TENON_ERROR_RESOURCES. [call-thread]
        tenon_status(TENON_ABI* remember)(struct tenon_call* call, tenon_text key, tenon_text value);

        /// What was remembered under `key`; it lives as long as the call. False if nothing was. [call-thread]
        bool(TENON_ABI* recall)(struct tenon_call* call, tenon_text key, tenon_text* value);

        /// On a resumable stream (2025-11-25): lets the client disconnect and come back for the rest after `retry_ms`.
        /// Elsewhere nothing happens. [any-thread]
        tenon_status(TENON_ABI* release_stream)(struct tenon_call* call, uint32_t retry_ms);

        /// From here on the call runs as a task: the client gets its task now and the result later. For tools that declare
        /// "task": "on-demand", which may ask the client first. No effect if it is a task already, or the client knows none
        /// (TENON_ERROR_UNSUPPORTED then if the tool requires one). The function goes on. [call-thread]
        tenon_status(TENON_ABI* begin_task)(struct tenon_call* call);
    } tenon_call;

#ifdef __cplusplus
}
#endif

#endif
