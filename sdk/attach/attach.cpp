#include <tenon/attach.h>

#include "JsonTree.h"
#include "Link.h"
#include "SimplePlugin.h"
#include "system/System.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

using tenon::attach::SimplePlugin;

struct tenon_attachment
{
    std::unique_ptr<SimplePlugin> simple; ///< null: the plugin is the program's; outlives the link
    tenon::attach::Link link;
    const std::uint64_t process = tenon::attach::ownProcess();
};

namespace
{

constexpr std::size_t DEFAULT_THREADS = 4;

/// What `work` gives, or `failed` if it throws: nothing thrown gets into the program.
template <typename Result, typename Work>
Result guarded(Result failed, Work work)
{
    try
    {
        return work();
    }
    catch (...)
    {
        return failed;
    }
}

/// Whether this is the process that attached, and no child that it was copied into: the library's threads are not there.
bool isHere(const tenon_attachment* attachment)
{
    return attachment->process == tenon::attach::ownProcess();
}

bool isName(const char* name)
{
    static constexpr std::string_view ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const std::string_view text = name ? name : "";
    return !text.empty() && text.size() <= 64 && text.find_first_not_of(ALLOWED) == std::string_view::npos;
}

tenon_status attach(const tenon_attach_options* options, const tenon_plugin_entry* entry,
                    std::unique_ptr<SimplePlugin> simple, tenon_attachment** attachment)
{
    if (!attachment)
        return TENON_ERROR_INVALID;
    *attachment = nullptr;
    if (!options || !TENON_HAS(tenon_attach_options, options, user_data) || !entry || !isName(options->name))
        return TENON_ERROR_INVALID;
    return guarded(tenon_status(TENON_ERROR_RESOURCES),
                   [&]
                   {
                       const std::string name = options->name;
                       tenon::attach::Link::Options made{
                           name,
                           options->title ? options->title : name + ' ' + std::to_string(tenon::attach::ownProcess()),
                           options->socket ? options->socket : "",
                           options->threads ? options->threads : DEFAULT_THREADS,
                           (options->flags & TENON_ATTACH_MAIN_THREAD) != 0,
                           options->log,
                           options->user_data};
                       std::unique_ptr<tenon_attachment> opened(
                           new tenon_attachment{std::move(simple), tenon::attach::Link(*entry, std::move(made))});
                       const tenon_status status = opened->link.open();
                       if (status == TENON_OK)
                           *attachment = opened.release();
                       return status;
                   });
}

} // namespace

tenon_status tenon_attach(const tenon_attach_options* options, tenon_attachment** attachment)
{
    return attach(options, options ? options->entry : nullptr, nullptr, attachment);
}

tenon_status tenon_attach_tools(const tenon_attach_options* options, const char* manifest, const char* tools,
                                tenon_status(TENON_ABI* call)(void* user_data, uint32_t index, tenon_call* call),
                                tenon_attachment** attachment)
{
    if (!options || !manifest || !tools || !call)
        return TENON_ERROR_INVALID;
    return guarded(tenon_status(TENON_ERROR_RESOURCES),
                   [&]
                   {
                       auto simple = std::make_unique<SimplePlugin>(manifest, tools, call, options->user_data);
                       const tenon_plugin_entry& entry = simple->entry();
                       return attach(options, &entry, std::move(simple), attachment);
                   });
}

tenon_status tenon_attach_set_tools(tenon_attachment* attachment, const char* tools)
{
    if (!attachment->simple || !tools)
        return TENON_ERROR_INVALID;
    if (!isHere(attachment))
        return TENON_ERROR_STATE;
    return guarded(tenon_status(TENON_ERROR_RESOURCES),
                   [&]
                   {
                       attachment->simple->setTools(tools);
                       return tenon_status(TENON_OK);
                   });
}

void tenon_attach_json(tenon_call* call, tenon_value value, tenon_text* json)
{
    *json = tenon::attach::valueApi().json(call, value);
}

int32_t tenon_attach_poll(tenon_attachment* attachment, int32_t timeout_ms)
{
    if (!isHere(attachment))
        return TENON_ERROR_STATE;
    return guarded(int32_t(TENON_ERROR_RESOURCES), [&] { return int32_t(attachment->link.poll(timeout_ms)); });
}

intptr_t tenon_attach_descriptor(tenon_attachment* attachment)
{
    return attachment->link.descriptor();
}

tenon_attach_state tenon_attach_state_of(tenon_attachment* attachment)
{
    return isHere(attachment) ? attachment->link.state() : tenon_attach_state(TENON_ATTACH_CONNECTING);
}

void tenon_attach_reason(tenon_attachment* attachment, char* buffer, size_t size)
{
    if (size == 0)
        return;
    buffer[0] = '\0';
    guarded(0,
            [&]
            {
                std::string reason = "this is a copy of the process that attached";
                if (isHere(attachment))
                    (void)attachment->link.state(&reason);
                const std::size_t length = std::min(reason.size(), size - 1);
                std::memcpy(buffer, reason.data(), length);
                buffer[length] = '\0';
                return 0;
            });
}

tenon_attach_state tenon_attach_wait(tenon_attachment* attachment, int32_t timeout_ms)
{
    return isHere(attachment) ? attachment->link.wait(std::chrono::milliseconds(timeout_ms))
                              : tenon_attach_state(TENON_ATTACH_CONNECTING);
}

tenon_status tenon_attach_set_title(tenon_attachment* attachment, const char* title)
{
    if (!isHere(attachment))
        return TENON_ERROR_STATE;
    return guarded(tenon_status(TENON_ERROR_RESOURCES),
                   [&]
                   {
                       attachment->link.setTitle(title ? title : "");
                       return tenon_status(TENON_OK);
                   });
}

void tenon_detach(tenon_attachment* attachment)
{
    if (!attachment || !isHere(attachment)) // a child that ends leaves everything to its parent
        return;
    if (!attachment->link.isInsideCall())
        return delete attachment;
    thread_local bool saying = false; // whoever hears it may try again
    if (!std::exchange(saying, true))
    {
        guarded(0,
                [&]
                {
                    attachment->link.logged(TENON_LOG_ERROR, "nothing is detached: tenon_detach was called from within "
                                                             "a call, or the log, whose end it would wait for");
                    return 0;
                });
        saying = false;
    }
}
