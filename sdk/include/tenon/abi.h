#ifndef TENON_ABI_H
#define TENON_ABI_H

/// The words every other header of the ABI is made of: versions, calling convention, status codes, borrowed text.
///
/// Rules that hold everywhere in the ABI
///
/// Ownership:  memory is freed by the side that allocated it. Every pointer that crosses is borrowed, for as long as
///             the function that takes or returns it says.
/// Text:       UTF-8, never zero-terminated unless a function says so; JSON crosses as text or as `tenon_value`.
/// Exceptions: none crosses, in either direction; failures are status codes.
/// Growth:     append-only from 1.0. A struct starts with `struct_size`, the size its maker was compiled with; a reader
///             touches a member only if it lies within that size. A changed layout is a new extension id.
/// Threads:    each function names the thread it may be called on: [main-thread] (never two at a time for one plugin),
///             [call-thread] (the thread that runs the call, while it runs), [any-thread].

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TENON_ABI_MAJOR 1
#define TENON_ABI_MINOR 1
/// The lowest minor version of major 1 that loads: before it, `tenon_call` was laid out otherwise.
#define TENON_ABI_MINOR_FROZEN 1

#if defined(_WIN32)
#define TENON_ABI __cdecl
#define TENON_EXPORT_SYMBOL __declspec(dllexport)
#else
#define TENON_ABI
#define TENON_EXPORT_SYMBOL __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define TENON_EXPORT extern "C" TENON_EXPORT_SYMBOL
#else
#define TENON_EXPORT extern TENON_EXPORT_SYMBOL
#endif

/// Whether `member` lies within the `type` that `pointer` points to, as far as its maker knew it.
#define TENON_HAS(type, pointer, member) ((pointer)->struct_size >= offsetof(type, member) + sizeof((pointer)->member))

#ifdef __cplusplus
extern "C"
{
#endif

    /// 0 is success, positive values are outcomes that are not failures, negative values are failures.
    typedef int32_t tenon_status;

    enum
    {
        TENON_OK = 0,
        /// The call goes on after the function returned; it ends with `tenon_call_api.finish` on any thread.
        TENON_ASYNC = 1,
        /// `request_input` has no answer yet: return it from the call at once; the call is entered again with the answer.
        TENON_INPUT_PENDING = 2,

        /// An argument of the function is outside what it allows. The caller's mistake.
        TENON_ERROR_INVALID = -1,
        /// What was named (a resource, an extension, a key) does not exist.
        TENON_ERROR_NOT_FOUND = -2,
        /// The host, or the client behind the call, cannot do this.
        TENON_ERROR_UNSUPPORTED = -3,
        /// The function was called in the wrong state: finished twice, or after the call had ended.
        TENON_ERROR_STATE = -4,
        /// Memory, descriptors or a limit were exhausted.
        TENON_ERROR_RESOURCES = -5,
        /// The call was cancelled or its deadline has passed.
        TENON_ERROR_CANCELLED = -6,
        /// Anything else; the message given to `tenon_call_api.fail` or the log tells.
        TENON_ERROR_FAILED = -7,
        /// The other side has another ABI version.
        TENON_ERROR_ABI = -8,
        /// Given to `tenon_call_api.fail`: the request itself fails, as the protocol's internal error (-32603), instead of giving
        /// a result with `isError`. For what no model could mend.
        TENON_ERROR_INTERNAL = -9,
        /// From `request_input`: the client has answered several times (`mcp.maxQuestionRounds`), each time with what does not
        /// fit the question.
        TENON_ERROR_INVALID_ANSWER = -10,
        /// From `request_input`: the client has the capability, but failed to answer.
        TENON_ERROR_UNAVAILABLE = -11,
        /// From `tenon_writer_api.finish`: the result has what JSON cannot hold, NaN or an infinity. Also for `tenon_call_api.fail`.
        TENON_ERROR_NOT_REPRESENTABLE = -12
    };

    /// Bytes, borrowed: `size` of them at `data`. An absent text has `data` null and `size` 0.
    typedef struct tenon_text
    {
        const char* data;
        uint64_t size;
    } tenon_text;

#ifdef __cplusplus
}
#endif

#endif
