#include "plugin/process/LoadedPlugin.h"

#include "base/text/RandomId.h"
#include "base/threads/ThreadRoot.h"
#include "plugin/abi/HostCall.h"
#include "plugin/abi/ValueApi.h"
#include "plugin/call/LoadException.h"

#include <exception>
#include <utility>

namespace tenon::plugin
{

namespace
{

const char* nameOf(tenon_status status)
{
    switch (status)
    {
    case TENON_ERROR_INVALID:
        return "TENON_ERROR_INVALID";
    case TENON_ERROR_NOT_FOUND:
        return "TENON_ERROR_NOT_FOUND";
    case TENON_ERROR_UNSUPPORTED:
        return "TENON_ERROR_UNSUPPORTED";
    case TENON_ERROR_STATE:
        return "TENON_ERROR_STATE";
    case TENON_ERROR_RESOURCES:
        return "TENON_ERROR_RESOURCES";
    case TENON_ERROR_CANCELLED:
        return "TENON_ERROR_CANCELLED";
    case TENON_ERROR_FAILED:
        return "TENON_ERROR_FAILED";
    case TENON_ERROR_ABI:
        return "TENON_ERROR_ABI";
    default:
        return "an unknown status";
    }
}

/// Runs what may throw against the rules of the ABI.
template <typename Work>
auto loading(const char* step, Work work)
{
    try
    {
        return work();
    }
    catch (const std::exception& exc)
    {
        throw LoadException(std::string("it threw an exception in ") + step + ": " + exc.what());
    }
    catch (...)
    {
        throw LoadException(std::string("it threw an exception in ") + step);
    }
}

std::string copyOf(tenon_text text)
{
    return std::string(toView(text));
}

} // namespace

LoadedPlugin::LoadedPlugin(std::shared_ptr<LibraryImage> image, std::string name, OwnSettings settings,
                           HostListener& listener)
    : _host(std::move(name), std::move(settings), listener), _library(std::move(image)), _listener(listener)
{
    create();
}

LoadedPlugin::~LoadedPlugin()
{
    stop();
    destroy();
}

template <typename Extension>
const Extension* LoadedPlugin::extension(const char* id) const
{
    // A struct that ends before its first function is none.
    const auto* found = static_cast<const Extension*>(_plugin->extension(_plugin, id));
    return found && found->struct_size >= 2 * sizeof(void*) ? found : nullptr;
}

void LoadedPlugin::create()
{
    const auto status = loading("create", [&] { return _library.entry().create(_host.abi(), &_plugin); });
    if (status != TENON_OK)
        throw LoadException(std::string("its create failed with ") + nameOf(status));
    if (!_plugin)
        throw LoadException("its create gave no plugin");
    if (!TENON_HAS(tenon_plugin, _plugin, extension) || !_plugin->extension || !_plugin->destroy)
        throw LoadException("its tenon_plugin is incomplete");
    try
    {
        loading("extension",
                [&]
                {
                    _tools = extension<tenon_tools>(TENON_EXT_TOOLS);
                    _resources = extension<tenon_resources>(TENON_EXT_RESOURCES);
                    _prompts = extension<tenon_prompts>(TENON_EXT_PROMPTS);
                    _completion = extension<tenon_completion>(TENON_EXT_COMPLETION);
                    _skills = extension<tenon_skills>(TENON_EXT_SKILLS);
                    _state = extension<tenon_state>(TENON_EXT_STATE);
                });
    }
    catch (...)
    {
        destroy();
        throw;
    }
}

void LoadedPlugin::destroy() noexcept
{
    try
    {
        if (tenon_plugin* plugin = std::exchange(_plugin, nullptr))
            plugin->destroy(plugin);
    }
    catch (...)
    {
        base::threadRoot("the log of a plugin",
                         [this] { _listener.logged(TENON_LOG_ERROR, "it threw an exception in destroy"); });
    }
}

Offer LoadedPlugin::offer()
{
    return loading("list",
                   [&]
                   {
                       Offer offer;
                       offer.manifest = copyOf(_plugin->manifest);
                       if (_tools && TENON_HAS(tenon_tools, _tools, call) && _tools->list && _tools->call)
                           offer.tools = copyOf(_tools->list(_plugin));
                       if (_resources && TENON_HAS(tenon_resources, _resources, read))
                       {
                           if (_resources->list)
                               offer.resources = copyOf(_resources->list(_plugin));
                           if (_resources->templates)
                               offer.templates = copyOf(_resources->templates(_plugin));
                           offer.readsResources = _resources->read != nullptr;
                           offer.subscribes = offer.readsResources;
                       }
                       if (_prompts && TENON_HAS(tenon_prompts, _prompts, get) && _prompts->list && _prompts->get)
                           offer.prompts = copyOf(_prompts->list(_plugin));
                       if (_skills && TENON_HAS(tenon_skills, _skills, list) && _skills->list)
                       {
                           offer.skills = copyOf(_skills->list(_plugin));
                           offer.readsDirectories =
                               TENON_HAS(tenon_skills, _skills, read_directory) && _skills->read_directory;
                       }
                       offer.completes =
                           _completion && TENON_HAS(tenon_completion, _completion, complete) && _completion->complete;
                       offer.keepsState = _state != nullptr;
                       return offer;
                   });
}

bool LoadedPlugin::loadState(std::string_view fromVersion, std::string_view state)
{
    if (!_state || !TENON_HAS(tenon_state, _state, load) || !_state->load)
        return false;
    const auto status = loading("load", [&] { return _state->load(_plugin, toText(fromVersion), toText(state)); });
    if (status != TENON_OK)
        _listener.logged(TENON_LOG_WARNING, std::string("it refused its predecessor's state: ") + nameOf(status));
    return status == TENON_OK;
}

void LoadedPlugin::start()
{
    if (_plugin->start)
    {
        const auto status = loading("start", [&] { return _plugin->start(_plugin); });
        if (status != TENON_OK)
            throw LoadException(std::string("its start failed with ") + nameOf(status));
    }
    _started = true;
    _host.setNotifying(true);
}

void LoadedPlugin::stop(std::string* state)
{
    if (!std::exchange(_started, false))
        return;
    _host.setNotifying(false);
    try
    {
        if (_plugin->stop)
            _plugin->stop(_plugin);
        if (state && _state && TENON_HAS(tenon_state, _state, save) && _state->save)
            *state = copyOf(_state->save(_plugin));
    }
    catch (...)
    {
        _listener.logged(TENON_LOG_ERROR, "it threw an exception in stop");
    }
}

tenon_status LoadedPlugin::enter(Target target, std::uint32_t index, const CallBackendPtr& backend,
                                 const HostCall::Keep& keep)
{
    if (target == Target::SUBSCRIBE || target == Target::UNSUBSCRIBE)
        return order(target == Target::SUBSCRIBE, backend);
    HostCall* hostCall = HostCall::begin(*backend);
    std::string cause;
    try
    {
        return hostCall->returned(call(target, index, hostCall->abi()), backend, keep);
    }
    catch (const std::exception& exc)
    {
        cause = exc.what();
    }
    catch (...)
    {
        cause = "of an unknown type";
    }
    const std::string id = base::randomId(8);
    _listener.logged(TENON_LOG_ERROR, "an exception left a call [" + id + "]: " + cause);
    (void)hostCall->fail(FAILED_BY_HOST, "the plugin '" + name() + "' failed with an exception (error id " + id + ")");
    return hostCall->returned(TENON_ERROR_FAILED, backend, keep);
}

tenon_status LoadedPlugin::call(Target target, std::uint32_t index, tenon_call* call) const
{
    switch (target)
    {
    case Target::TOOL:
        return _tools->call(_plugin, index, call);
    case Target::RESOURCE:
        return _resources->read(_plugin, call);
    case Target::PROMPT:
        return _prompts->get(_plugin, index, call);
    case Target::COMPLETION:
        return _completion->complete(_plugin, call);
    case Target::DIRECTORY:
        return _skills->read_directory(_plugin, call);
    case Target::SUBSCRIBE:
    case Target::UNSUBSCRIBE:
        break; // have no `tenon_call`
    }
    return TENON_ERROR_UNSUPPORTED;
}

/// Passes on what a client wants to know of a resource. A plugin without the functions agrees to everything.
tenon_status LoadedPlugin::order(bool subscribe, const CallBackendPtr& call) const
{
    const std::string uri(std::string_view(call->arguments()["uri"]));
    tenon_status status = TENON_OK;
    try
    {
        if (subscribe && _resources && TENON_HAS(tenon_resources, _resources, subscribe) && _resources->subscribe)
            status = _resources->subscribe(_plugin, toText(uri));
        else if (!subscribe && _resources && TENON_HAS(tenon_resources, _resources, unsubscribe) &&
                 _resources->unsubscribe)
            _resources->unsubscribe(_plugin, toText(uri));
    }
    catch (...)
    {
        _listener.logged(TENON_LOG_ERROR,
                         std::string("it threw an exception in ") + (subscribe ? "subscribe" : "unsubscribe"));
        status = TENON_ERROR_FAILED;
    }
    if (status < TENON_OK)
        return status;
    call->finish("{}", nullptr);
    return TENON_OK;
}

} // namespace tenon::plugin
