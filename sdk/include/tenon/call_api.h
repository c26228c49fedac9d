#ifndef TENON_CALL_API_H
#define TENON_CALL_API_H

/// What a plugin can do with a call: `call->api->finish(call, result)`.
///
/// Growth: functions are appended; ask `TENON_HAS(tenon_call_api, call->api, name)` for one that came after 1.1.

#include "call.h"
#include "log.h"

#ifdef __cplusplus
extern "C"
{
#endif

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

    /// Made by the host, constant, the same for all its calls; valid as long as the host.
    ///
    /// What a call hands over may have as many bytes as the operator allows (`limits.maxResultBytes`, 16 MB). A larger result
    /// or failure becomes an error that tells the model to ask for less; anything else gets TENON_ERROR_RESOURCES.
    typedef struct tenon_call_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// Ends the call with its result: JSON text, one object, copied. The result has the shape of the newest revision
        /// (CallToolResult, ReadResourceResult, GetPromptResult, CompleteResult); the host turns it into what the client's
        /// revision knows. A tool that failed is a result with "isError": true.
        ///
        /// Errors:    TENON_ERROR_STATE if the call has ended already (cancelled, deadline, finished twice).
        ///            TENON_ERROR_INVALID if `result` is no JSON object: the call goes on, or fails after TENON_ASYNC.
        /// Threading: [any-thread]
        tenon_status(TENON_ABI* finish)(tenon_call* call, tenon_text result);

        /// Ends the call as a failure. For a tool it becomes a result with `isError: true` and `message` as its text, worded
        /// for a model to correct itself; TENON_ERROR_NOT_FOUND from a resource is the protocol's "resource not found",
        /// TENON_ERROR_INVALID its -32602. Copied. [any-thread]
        tenon_status(TENON_ABI* fail)(tenon_call* call, tenon_status status, tenon_text message);

        /// Tells the client how far the call is. `total` 0 if unknown; `message` may be absent. Sent only if the client
        /// asked for it and `done` has grown; otherwise nothing happens. [any-thread]
        tenon_status(TENON_ABI* progress)(tenon_call* call, double done, double total, tenon_text message);

        /// Sends the client a log message about this call, if its level asks for it. `data` is JSON text. [any-thread]
        tenon_status(TENON_ABI* log)(tenon_call* call, tenon_log_level level, tenon_text logger, tenon_text data);

        /// Whether the answer is no longer wanted: cancelled, disconnected, deadline passed. Cheap; ask often. [any-thread]
        bool(TENON_ABI* is_cancelled)(const tenon_call* call);

        /// Whether the client can do it. [any-thread]
        bool(TENON_ABI* client_has)(const tenon_call* call, tenon_client_feature feature);

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
        tenon_status(TENON_ABI* request_input)(tenon_call* call, tenon_text key, tenon_text request,
                                               tenon_value* answer);

        /// Keeps a value for re-entry, so that a side effect happens once. Copied, at most 64 kB in all, and
        /// 4 MB with what was replaced, or TENON_ERROR_RESOURCES. [call-thread]
        tenon_status(TENON_ABI* remember)(tenon_call* call, tenon_text key, tenon_text value);

        /// What was remembered under `key`; it lives as long as the call. False if nothing was. [call-thread]
        bool(TENON_ABI* recall)(tenon_call* call, tenon_text key, tenon_text* value);

        /// On a resumable stream (2025-11-25): lets the client disconnect and come back for the rest after `retry_ms`.
        /// Elsewhere nothing happens. [any-thread]
        tenon_status(TENON_ABI* release_stream)(tenon_call* call, uint32_t retry_ms);

        /// From here on the call runs as a task: the client gets its task now and the result later. For tools that declare
        /// "task": "on-demand", which may ask the client first. No effect if it is a task already, or the client knows none
        /// (TENON_ERROR_UNSUPPORTED then if the tool requires one). The function goes on. [call-thread]
        tenon_status(TENON_ABI* begin_task)(tenon_call* call);

        /// Sends the client an event of a type of the plugin's own, on the stream of this call: the notification
        /// `notifications/<type>` with `data` as its params. Who does not know the type ignores it. After 1.1: ask TENON_HAS.
        ///
        /// Shape:     `type` is "<plugin>/<name>", each of A-Z a-z 0-9 _ - . ; `data` is the JSON text of an object. Copied.
        /// Errors:    TENON_ERROR_INVALID for another shape and for the types of the protocol; TENON_ERROR_UNSUPPORTED where
        ///            events of calls have no way to the client: in tasks, and where the answer is one JSON text.
        /// Threading: [call-thread], or for TENON_ASYNC one thread at a time
        tenon_status(TENON_ABI* emit)(tenon_call* call, tenon_text type, tenon_text data);
    } tenon_call_api;

#ifdef __cplusplus
}
#endif

#endif
