#ifndef TENON_ATTACH_H
#define TENON_ATTACH_H

/// Lends the tools of a program that runs on its own to a Tenon server on the same machine (libtenon-attach).
///
/// A program offers the same `tenon_plugin_entry` that a plugin library exports. The library connects to the server's
/// local socket, and connects again by itself, with growing pauses, whenever the server was away: it may come before the
/// program or after it, and be restarted while the program runs.
///
///     tenon_attachment *a;
///     tenon_attach(&(tenon_attach_options){.struct_size = sizeof(tenon_attach_options),
///                                          .entry = &tenon_entry, .name = "editor", .title = "level-3.scene"}, &a);
///     …                              // the program's own loop:
///     tenon_attach_poll(a, 0);       // runs the calls that wait for this thread
///     …
///     tenon_detach(a);
///
/// Threads:   a call runs on a thread of the library, or on the thread that calls `tenon_attach_poll`: all of them with
///            TENON_ATTACH_MAIN_THREAD, else those of tools that say "thread": "main" under "tenon" in their definition.
///            What the plugin's functions mark as [main-thread] runs on one thread at a time; with
///            TENON_ATTACH_MAIN_THREAD on the polling one.
/// Manners:   the library blocks all signals in its threads and changes no handler, nor the locale, the standard streams
///            or the current folder. An idle attachment has one thread, which sleeps.
/// Children:  a child that the program is copied into (`fork`) has no part in the attachment: there the functions below fail, and
///            `tenon_detach` does nothing.
/// Wire:      sdk/ATTACH.md.

#include "call.h"
#include "log.h"
#include "plugin.h"

#if defined(TENON_ATTACH_STATIC)
#define TENON_ATTACH_API
#elif defined(_WIN32) && defined(TENON_ATTACH_BUILDS)
#define TENON_ATTACH_API __declspec(dllexport)
#elif defined(_WIN32)
#define TENON_ATTACH_API __declspec(dllimport)
#else
#define TENON_ATTACH_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C"
{
#endif

    typedef struct tenon_attachment tenon_attachment;

    enum
    {
        /// Every call, and every [main-thread] function, runs on the thread that polls.
        TENON_ATTACH_MAIN_THREAD = 1
    };

    typedef struct tenon_attach_options
    {
        uint32_t struct_size;
        uint32_t flags; ///< TENON_ATTACH_MAIN_THREAD or 0
        const tenon_plugin_entry* entry;
        const char*
            name; ///< as the server's settings know the program (`attach.<name>.*`); zero-terminated, like the next
        const char*
            title; ///< what tells this instance of the program from others, "level-3.scene"; null: "<name> <pid>"
        const char* socket; ///< null: $TENON_ATTACH_SOCKET, else the server's default place
        uint32_t threads;   ///< of the library, for calls, at most; 0: 4
        uint32_t reserved;

        /// What the library and the plugin (`tenon.log/1`) say; null: it goes to the server's log only. [any-thread]
        void(TENON_ABI* log)(void* user_data, tenon_log_level level, tenon_text message);
        void* user_data;
    } tenon_attach_options;

    typedef int32_t tenon_attach_state;
    enum
    {
        TENON_ATTACH_CONNECTING = 0, ///< no server is there, or none yet
        TENON_ATTACH_ATTACHED = 1,
        TENON_ATTACH_REFUSED = 2 ///< the server does not want this program; asked again every ten seconds
    };

    /// Makes the plugin, starts it and begins to connect; returns at once, whether there is a server or not.
    ///
    /// A server that is there is asked before for the plugin's settings (`tenon.settings/1`), and for the state that the program
    /// left when it ran last (`tenon.state/1`); that takes well under a millisecond, and a second at most if it does not answer.
    ///
    /// Errors:    TENON_ERROR_INVALID for options that cannot be; what `create` or `start` of the plugin returned;
    ///            TENON_ERROR_ABI, TENON_ERROR_RESOURCES. `*attachment` is null then.
    /// Ownership: copies the options; borrows `entry` and what it leads to until `tenon_detach` returns.
    TENON_ATTACH_API tenon_status tenon_attach(const tenon_attach_options* options, tenon_attachment** attachment);

    /// The same for languages whose callbacks cannot give structs (Python's ctypes, …): the library makes the plugin, of tools
    /// alone.
    ///
    /// Shape:     `manifest` and `tools` are JSON, zero-terminated, as `tenon_plugin.manifest` and `tenon_tools.list` give
    ///            them; `call` runs the tool `index` as `tenon_tools.call` does. `options->entry` is ignored.
    /// Errors:    as `tenon_attach`.
    /// Ownership: the texts are copied.
    TENON_ATTACH_API tenon_status tenon_attach_tools(const tenon_attach_options* options, const char* manifest,
                                                     const char* tools,
                                                     tenon_status(TENON_ABI* call)(void* user_data, uint32_t index,
                                                                                   tenon_call* call),
                                                     tenon_attachment** attachment);

    /// Other tools, for an attachment made by `tenon_attach_tools`: clients are told. A tool keeps its "index" for good:
    /// calls that were made with the list before may come after it. [any-thread]
    TENON_ATTACH_API tenon_status tenon_attach_set_tools(tenon_attachment* attachment, const char* tools);

    /// A value of a call (`call->arguments`, an answer) as JSON text, which lives as long as the call; absent if there is
    /// none. For those who cannot call `tenon.value/1`. [call-thread]
    TENON_ATTACH_API void tenon_attach_json(tenon_call* call, tenon_value value, tenon_text* json);

    /// Runs the calls that wait for this thread, after waiting up to `timeout_ms` for one (0: not at all, -1: without
    /// end). Always from the same thread.
    ///
    /// Errors: how many calls were run, or a negative status.
    TENON_ATTACH_API int32_t tenon_attach_poll(tenon_attachment* attachment, int32_t timeout_ms);

    /// Readable (a HANDLE that is signalled, on Windows) while calls wait for `tenon_attach_poll`: for a loop that waits
    /// for more than that. Never read from it. [any-thread]
    TENON_ATTACH_API intptr_t tenon_attach_descriptor(tenon_attachment* attachment);

    /// [any-thread]
    TENON_ATTACH_API tenon_attach_state tenon_attach_state_of(tenon_attachment* attachment);

    /// Why it is not attached, in words, zero-terminated and cut to `size`; empty if it is. [any-thread]
    TENON_ATTACH_API void tenon_attach_reason(tenon_attachment* attachment, char* buffer, size_t size);

    /// Waits until the program is attached or refused, at most `timeout_ms`. For scripts and tests: a program with a loop
    /// has no need to know. [any-thread]
    TENON_ATTACH_API tenon_attach_state tenon_attach_wait(tenon_attachment* attachment, int32_t timeout_ms);

    /// Another title: the open document changed. Copied. [any-thread]
    TENON_ATTACH_API tenon_status tenon_attach_set_title(tenon_attachment* attachment, const char* title);

    /// Leaves the server, waits for calls that are inside, stops and destroys the plugin. Calls that wait for the polling
    /// thread end as errors at their callers. What the plugin saves (`tenon.state/1`) the server keeps for the next run, as long
    /// as it lists the program's tools. From within a call or `log`, which it would wait for, it does nothing but say so
    /// in the log.
    TENON_ATTACH_API void tenon_detach(tenon_attachment* attachment);

#ifdef __cplusplus
}
#endif

#endif
