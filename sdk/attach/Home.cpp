#include "Home.h"

#include "Text.h"

#include <utility>

namespace tenon::attach
{

namespace
{

/// Which function of the plugin a call enters; numbers of the wire.
enum class Target : std::uint64_t
{
    TOOL,
    RESOURCE,
    PROMPT,
    COMPLETION,
    DIRECTORY,
    SUBSCRIBE,
    UNSUBSCRIBE
};

template <typename Work>
void guarded(Work work)
{
    try
    {
        work();
    }
    catch (...) // memory: news that cannot be told
    {
        return;
    }
}

} // namespace

const tenon_log_api Home::LOG = {sizeof(tenon_log_api), 0,
                                 [](const tenon_host* host, tenon_log_level level, tenon_text message)
                                 { guarded([&] { of(host)._listener.logged(level, toView(message)); }); }};

const tenon_settings_api Home::SETTINGS = {
    sizeof(tenon_settings_api), 0,
    [](const tenon_host* host, tenon_text key) { return of(host)._settings.value(toView(key)); },
    [](const tenon_host* host, std::uint64_t index, tenon_text* key, tenon_text* value)
    {
        tenon_text foundKey{}, foundValue{};
        if (!of(host)._settings.at(index, foundKey, foundValue))
            return false;
        if (key)
            *key = foundKey;
        if (value)
            *value = foundValue;
        return true;
    },
    [](const tenon_host* host, tenon_text key) { return of(host)._settings.paths(toView(key)); }};

const tenon_notify_api Home::NOTIFY = {sizeof(tenon_notify_api), 0,
                                       [](const tenon_host* host, tenon_list_kind)
                                       {
                                           if (of(host)._running.load(std::memory_order_acquire))
                                               guarded([&] { of(host)._listener.listChanged(); });
                                       },
                                       [](const tenon_host* host, tenon_text uri)
                                       {
                                           if (of(host)._running.load(std::memory_order_acquire))
                                               guarded([&] { of(host)._listener.resourceUpdated(toView(uri)); });
                                       },
                                       // A program that runs on its own has an operator of its own.
                                       [](const tenon_host*, tenon_text) {}};

Home::Home(const tenon_plugin_entry& entry, std::string name, HomeListener& listener)
    : _entry(entry), _name(std::move(name)),
      _listener(listener), _host{sizeof(tenon_host), TENON_ABI_MAJOR,       TENON_ABI_MINOR, this,
                                 toText("tenon"),    toText(TENON_VERSION), toText(_name),   extension}
{
}

Home::~Home()
{
    (void)stop();
}

const void* Home::extension(const tenon_host*, const char* id)
{
    const std::string_view wanted = id ? id : "";
    if (wanted == TENON_EXT_VALUE)
        return &valueApi();
    if (wanted == TENON_EXT_WRITER)
        return &writerApi();
    if (wanted == TENON_EXT_LOG)
        return &LOG;
    if (wanted == TENON_EXT_SETTINGS)
        return &SETTINGS;
    if (wanted == TENON_EXT_NOTIFY)
        return &NOTIFY;
    return nullptr;
}

tenon_status Home::create()
{
    if (!TENON_HAS(tenon_plugin_entry, &_entry, create) || !_entry.create)
        return TENON_ERROR_INVALID;
    if (_entry.abi_major != TENON_ABI_MAJOR || _entry.abi_minor > TENON_ABI_MINOR ||
        _entry.abi_minor < TENON_ABI_MINOR_FROZEN)
        return TENON_ERROR_ABI;
    const tenon_status status = _entry.create(&_host, &_plugin);
    if (status != TENON_OK || !_plugin)
    {
        _plugin = nullptr;
        return status < TENON_OK ? status : TENON_ERROR_FAILED;
    }
    if (!TENON_HAS(tenon_plugin, _plugin, extension) || !_plugin->extension || !_plugin->destroy)
    {
        _plugin = nullptr;
        return TENON_ERROR_INVALID;
    }
    findExtensions();
    return TENON_OK;
}

/// Those that the plugin has, each with what there is no use without.
void Home::findExtensions()
{
    _tools = find<tenon_tools>(TENON_EXT_TOOLS);
    if (_tools && (!TENON_HAS(tenon_tools, _tools, call) || !_tools->list || !_tools->call))
        _tools = nullptr;
    _resources = find<tenon_resources>(TENON_EXT_RESOURCES);
    if (_resources && (!TENON_HAS(tenon_resources, _resources, read) || !_resources->read))
        _resources = nullptr;
    _prompts = find<tenon_prompts>(TENON_EXT_PROMPTS);
    if (_prompts && (!TENON_HAS(tenon_prompts, _prompts, get) || !_prompts->list || !_prompts->get))
        _prompts = nullptr;
    _completion = find<tenon_completion>(TENON_EXT_COMPLETION);
    if (_completion && !_completion->complete)
        _completion = nullptr;
    _skills = find<tenon_skills>(TENON_EXT_SKILLS);
    _readsDirectories = _skills && TENON_HAS(tenon_skills, _skills, read_directory) && _skills->read_directory;
    _state = find<tenon_state>(TENON_EXT_STATE);
}

tenon_status Home::start()
{
    const tenon_status status = _plugin->start ? _plugin->start(_plugin) : TENON_OK;
    _running.store(status == TENON_OK, std::memory_order_release);
    return status;
}

void Home::load(const SavedState& state)
{
    if (!_state || !TENON_HAS(tenon_state, _state, load) || !_state->load)
        return;
    const tenon_status status = _state->load(_plugin, toText(state.version), toText(state.bytes));
    if (status != TENON_OK)
        guarded(
            [&] {
                _listener.logged(TENON_LOG_WARNING,
                                 "it refused its predecessor's state (status " + std::to_string(status) + ")");
            });
}

std::optional<SavedState> Home::stop()
{
    if (!_plugin)
        return std::nullopt;
    std::optional<SavedState> state;
    if (_running.exchange(false))
    {
        if (_plugin->stop)
            _plugin->stop(_plugin);
        guarded([&] { state = save(); });
    }
    _plugin->destroy(std::exchange(_plugin, nullptr));
    return state;
}

std::optional<SavedState> Home::save() const
{
    const tenon_text bytes = _state && _state->save ? _state->save(_plugin) : tenon_text{nullptr, 0};
    if (!bytes.data)
        return std::nullopt;
    SavedState state{{}, std::string(toView(bytes))};
    if (const auto manifest = JsonTree::parse(toView(_plugin->manifest)))
        state.version = textMember(manifest->root(), "version");
    return state;
}

std::string Home::readOffer()
{
    const std::lock_guard lock(_mainThread);
    const auto listOf = [this](auto* api, auto list)
    { return api && api->*list ? toView((api->*list)(_plugin)) : std::string_view(); };
    const auto tools = listOf(_tools, &tenon_tools::list);
    noteThreads(tools);
    std::string body;
    plugin::FieldWriter out(body);
    out.text(toView(_plugin->manifest)).text(tools);
    out.text(listOf(_resources, &tenon_resources::list)).text(listOf(_resources, &tenon_resources::templates));
    out.text(listOf(_prompts, &tenon_prompts::list)).text(listOf(_skills, &tenon_skills::list));
    out.number(_resources != nullptr).number(_readsDirectories).number(_completion != nullptr);
    out.number(_resources != nullptr).number(0);
    return body;
}

/// Which tools say "thread": "main".
void Home::noteThreads(std::string_view tools)
{
    std::set<std::uint32_t> numbers;
    const auto tree = JsonTree::parse(tools);
    const tenon_value_api& api = valueApi();
    tenon_cursor cursor{0};
    tenon_value tool{nullptr, 0};
    for (std::uint32_t position = 0; tree && api.next(tree->root(), &cursor, nullptr, &tool); ++position)
    {
        const tenon_value ours = api.member(tool, toText("tenon"));
        const tenon_value number = api.member(ours, toText("index"));
        if (textMember(ours, "thread") == "main")
            numbers.insert(api.type(number) == TENON_VALUE_INTEGER ? static_cast<std::uint32_t>(api.integer(number))
                                                                   : position);
    }
    const std::lock_guard lock(_mutex);
    _onMainThread = std::move(numbers);
}

bool Home::wantsMainThread(const Call& call) const
{
    const std::lock_guard lock(_mutex);
    return static_cast<Target>(call.target()) == Target::TOOL && _onMainThread.count(call.index()) > 0;
}

void Home::enter(Call& call)
{
    call.returned(run(call));
}

tenon_status Home::run(Call& call)
{
    switch (static_cast<Target>(call.target()))
    {
    case Target::TOOL:
        return _tools ? _tools->call(_plugin, call.index(), call.abi()) : TENON_ERROR_NOT_FOUND;
    case Target::RESOURCE:
        return _resources ? _resources->read(_plugin, call.abi()) : TENON_ERROR_NOT_FOUND;
    case Target::PROMPT:
        return _prompts ? _prompts->get(_plugin, call.index(), call.abi()) : TENON_ERROR_NOT_FOUND;
    case Target::COMPLETION:
        return _completion ? _completion->complete(_plugin, call.abi()) : TENON_ERROR_NOT_FOUND;
    case Target::DIRECTORY:
        return _readsDirectories ? _skills->read_directory(_plugin, call.abi()) : TENON_ERROR_NOT_FOUND;
    case Target::SUBSCRIBE:
    {
        const tenon_status status = subscribe(textMember(call.abi()->arguments, "uri"));
        return status == TENON_OK ? call.finish("{}") : status;
    }
    case Target::UNSUBSCRIBE:
        unsubscribe(textMember(call.abi()->arguments, "uri"));
        return call.finish("{}");
    }
    return TENON_ERROR_NOT_FOUND;
}

tenon_status Home::subscribe(std::string_view uri)
{
    const std::lock_guard lock(_mainThread);
    // A plugin that does not want to know tells of changes all the same.
    return _resources && TENON_HAS(tenon_resources, _resources, subscribe) && _resources->subscribe
               ? _resources->subscribe(_plugin, toText(uri))
               : TENON_OK;
}

void Home::unsubscribe(std::string_view uri)
{
    const std::lock_guard lock(_mainThread);
    if (_resources && TENON_HAS(tenon_resources, _resources, unsubscribe) && _resources->unsubscribe)
        _resources->unsubscribe(_plugin, toText(uri));
}

} // namespace tenon::attach
