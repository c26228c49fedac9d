#ifndef TENON_ATTACH_HPP
#define TENON_ATTACH_HPP

/// Lends the tools of a running program, in C++; see attach.h for what happens.
///
///     #include <tenon/attach.hpp>
///
///     tenon::Attachment attachment("editor", "1.0.0", [&](tenon::Plugin& plugin) {
///         plugin.tool("save", "Saves the scene", [&] { scene.save(); return "saved"; }).onMainThread();
///     });
///     while (running)
///     {
///         attachment.poll();
///         …
///     }

#include <tenon/attach.h>
#include <tenon/detail/bridge.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace tenon
{

namespace detail
{

/// What `create` is to make: it runs on the thread that makes the attachment, before its constructor returns.
struct AttachedBody
{
    const std::string& version;
    const std::string& name;
    const std::function<void(Plugin&)>& body;
};

inline thread_local const AttachedBody* attachedBody = nullptr;

inline tenon_status TENON_ABI createAttached(const tenon_host* host, tenon_plugin** made)
{
    return Bridge::create(host, made, attachedBody->name.c_str(), attachedBody->version.c_str(),
                          [](Plugin& plugin) { attachedBody->body(plugin); });
}

inline constexpr tenon_plugin_entry attachedEntry = {sizeof(tenon_plugin_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR,
                                                     &createAttached};

} // namespace detail

/// How a program attaches.
struct AttachOptions
{
    std::string title{};         ///< what tells this instance of the program from others; empty: its name and process
    std::string socket{};        ///< empty: $TENON_ATTACH_SOCKET, else the server's default place
    unsigned threads = 0;        ///< of the library, at most; 0: 4
    bool mainThreadOnly = false; ///< every call runs on the thread that polls
    std::function<void(LogLevel, std::string_view)> log{}; ///< what the library and the plugin say; any thread
};

/// A program's tools, lent from its making to its end.
///
/// Threading: made, polled and ended on one thread; the rest on any.
class Attachment
{
public:
    /// Connects in the background, whether there is a server or not.
    ///
    /// Errors: Error with the status; what `body` throws is in `options.log`.
    Attachment(std::string name, std::string version, std::function<void(Plugin&)> body, AttachOptions options = {})
        : _name(std::move(name)), _version(std::move(version)), _body(std::move(body)), _options(std::move(options))
    {
        tenon_attach_options raw{};
        raw.struct_size = sizeof raw;
        raw.flags = _options.mainThreadOnly ? static_cast<uint32_t>(TENON_ATTACH_MAIN_THREAD) : 0;
        raw.entry = &detail::attachedEntry;
        raw.name = _name.c_str();
        raw.title = _options.title.empty() ? nullptr : _options.title.c_str();
        raw.socket = _options.socket.empty() ? nullptr : _options.socket.c_str();
        raw.threads = _options.threads;
        raw.log = _options.log ? &logged : nullptr;
        raw.user_data = this;
        const detail::AttachedBody body_{_version, _name, _body};
        detail::attachedBody = &body_;
        const tenon_status status = tenon_attach(&raw, &_attachment);
        detail::attachedBody = nullptr;
        if (status != TENON_OK)
            throw Error(status, "the program cannot lend its tools (status " + std::to_string(status) + ")");
    }

    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;
    ~Attachment() { tenon_detach(_attachment); }

    /// Runs the calls that wait for this thread, after waiting up to `timeout` for one; gives how many.
    int poll(std::chrono::milliseconds timeout = std::chrono::milliseconds(0))
    {
        return tenon_attach_poll(_attachment, static_cast<int32_t>(timeout.count()));
    }

    /// Readable while calls wait for `poll`.
    intptr_t descriptor() const { return tenon_attach_descriptor(_attachment); }

    bool isAttached() const { return tenon_attach_state_of(_attachment) == TENON_ATTACH_ATTACHED; }

    /// Why it is not attached.
    std::string reason() const
    {
        char text[512];
        tenon_attach_reason(_attachment, text, sizeof text);
        return text;
    }

    /// Waits until it is attached or refused; false if it is not attached then.
    bool wait(std::chrono::milliseconds timeout) const
    {
        return tenon_attach_wait(_attachment, static_cast<int32_t>(timeout.count())) == TENON_ATTACH_ATTACHED;
    }

    void setTitle(const std::string& title) { tenon_attach_set_title(_attachment, title.c_str()); }

    tenon_attachment* raw() const { return _attachment; }

private:
    static void TENON_ABI logged(void* self, tenon_log_level level, tenon_text message)
    {
        static_cast<Attachment*>(self)->_options.log(static_cast<LogLevel>(level), toView(message));
    }

    const std::string _name;
    const std::string _version;
    const std::function<void(Plugin&)> _body;
    const AttachOptions _options;
    tenon_attachment* _attachment = nullptr;
};

} // namespace tenon

#endif
