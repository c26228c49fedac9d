#include "unit/sdk/MockHost.h"

#include <cstring>

namespace tenon::test
{

namespace
{

using Element = simdjson::dom::element;

/// `document` is the element itself, which lives in a deque of its call; `index` is that call.
const Element* elementOf(tenon_value value)
{
    return static_cast<const Element*>(value.document);
}

} // namespace

/// The functions of `tenon_call`, `tenon.value/1` and `tenon.writer/1`.
struct Functions
{
    static MockCall& of(const tenon_call* call) { return MockCall::of(call); }

    /// Stops the counting of what the plugin does, while the host works.
    class Quiet
    {
    public:
        explicit Quiet(MockCall& call) : _flag(call._counts && *call._counts ? call._counts : nullptr)
        {
            if (_flag)
                *_flag = false;
        }

        ~Quiet()
        {
            if (_flag)
                *_flag = true;
        }

        Quiet(const Quiet&) = delete;
        Quiet& operator=(const Quiet&) = delete;

    private:
        bool* _flag;
    };

    static tenon_value keep(MockCall& call, const Element& element)
    {
        const Quiet quiet(call);
        call._elements.push_back(element);
        return {&call._elements.back(), reinterpret_cast<uint64_t>(&call)};
    }

    static tenon_value keepBeside(tenon_value container, const Element& element)
    {
        return keep(*reinterpret_cast<MockCall*>(container.index), element);
    }

    static tenon_value_type TENON_ABI type(tenon_value value)
    {
        const Element* const element = elementOf(value);
        if (!element)
            return TENON_VALUE_NONE;
        switch (element->type())
        {
        case simdjson::dom::element_type::NULL_VALUE:
            return TENON_VALUE_NULL;
        case simdjson::dom::element_type::BOOL:
            return TENON_VALUE_BOOLEAN;
        case simdjson::dom::element_type::INT64:
            return TENON_VALUE_INTEGER;
        case simdjson::dom::element_type::UINT64:
        case simdjson::dom::element_type::DOUBLE:
            return TENON_VALUE_NUMBER;
        case simdjson::dom::element_type::STRING:
            return TENON_VALUE_TEXT;
        case simdjson::dom::element_type::ARRAY:
            return TENON_VALUE_ARRAY;
        default:
            return TENON_VALUE_OBJECT;
        }
    }

    static uint64_t TENON_ABI size(tenon_value value)
    {
        switch (type(value))
        {
        case TENON_VALUE_TEXT:
            return elementOf(value)->get_string().value().size();
        case TENON_VALUE_ARRAY:
            return elementOf(value)->get_array().value().size();
        case TENON_VALUE_OBJECT:
            return elementOf(value)->get_object().value().size();
        default:
            return 0;
        }
    }

    static tenon_value TENON_ABI member(tenon_value object, tenon_text name)
    {
        Element found;
        if (type(object) != TENON_VALUE_OBJECT ||
            elementOf(object)->at_key(toView(name)).get(found) != simdjson::SUCCESS)
            return {nullptr, 0};
        return keepBeside(object, found);
    }

    static tenon_value TENON_ABI element(tenon_value array, uint64_t index)
    {
        Element found;
        if (type(array) != TENON_VALUE_ARRAY || elementOf(array)->at(index).get(found) != simdjson::SUCCESS)
            return {nullptr, 0};
        return keepBeside(array, found);
    }

    static bool TENON_ABI next(tenon_value container, tenon_cursor* cursor, tenon_text* key, tenon_value* item)
    {
        uint64_t position = 0;
        if (type(container) == TENON_VALUE_ARRAY)
        {
            const simdjson::dom::array array = elementOf(container)->get_array();
            for (const Element& found : array)
                if (position++ == cursor->position)
                    return cursor->position++, *item = keepBeside(container, found), true;
        }
        else if (type(container) == TENON_VALUE_OBJECT)
        {
            const simdjson::dom::object object = elementOf(container)->get_object();
            for (const auto& field : object)
                if (position++ == cursor->position)
                {
                    if (key)
                        *key = toText(field.key);
                    return cursor->position++, *item = keepBeside(container, field.value), true;
                }
        }
        return false;
    }

    static bool TENON_ABI boolean(tenon_value value)
    {
        return type(value) == TENON_VALUE_BOOLEAN && elementOf(value)->get_bool().value();
    }

    static int64_t TENON_ABI integer(tenon_value value)
    {
        if (type(value) == TENON_VALUE_INTEGER)
            return elementOf(value)->get_int64().value();
        const double number = Functions::number(value);
        return number >= 9.2e18 ? INT64_MAX : number <= -9.2e18 ? INT64_MIN : static_cast<int64_t>(number);
    }

    static double TENON_ABI number(tenon_value value)
    {
        const tenon_value_type is = type(value);
        return is == TENON_VALUE_INTEGER || is == TENON_VALUE_NUMBER ? elementOf(value)->get_double().value() : 0;
    }

    static tenon_text TENON_ABI text(tenon_value value)
    {
        if (type(value) != TENON_VALUE_TEXT)
            return {nullptr, 0};
        return toText(elementOf(value)->get_string().value());
    }

    static tenon_text TENON_ABI json(tenon_call* call, tenon_value value)
    {
        of(call)._texts.push_back(simdjson::minify(*elementOf(value)));
        return toText(of(call)._texts.back());
    }

    static tenon_value TENON_ABI parse(tenon_call* call, tenon_text text) { return of(call).parse(toView(text)); }

    static void TENON_ABI beginObject(tenon_call* call)
    {
        const Quiet quiet(of(call));
        of(call)._writer.beginObject();
    }
    static void TENON_ABI endObject(tenon_call* call)
    {
        const Quiet quiet(of(call));
        of(call)._writer.endObject();
    }
    static void TENON_ABI beginArray(tenon_call* call)
    {
        const Quiet quiet(of(call));
        of(call)._writer.beginArray();
    }
    static void TENON_ABI endArray(tenon_call* call)
    {
        const Quiet quiet(of(call));
        of(call)._writer.endArray();
    }
    static void TENON_ABI key(tenon_call* call, tenon_text name)
    {
        const Quiet quiet(of(call));
        of(call)._writer.key(toView(name));
    }
    static void TENON_ABI writeText(tenon_call* call, tenon_text value)
    {
        const Quiet quiet(of(call));
        of(call)._writer.text(toView(value));
    }
    static void TENON_ABI writeInteger(tenon_call* call, int64_t value)
    {
        const Quiet quiet(of(call));
        of(call)._writer.integer(value);
    }
    static void TENON_ABI writeNumber(tenon_call* call, double value)
    {
        const Quiet quiet(of(call));
        of(call)._writer.number(value);
    }
    static void TENON_ABI writeBoolean(tenon_call* call, bool value)
    {
        const Quiet quiet(of(call));
        of(call)._writer.boolean(value);
    }
    static void TENON_ABI null(tenon_call* call)
    {
        const Quiet quiet(of(call));
        of(call)._writer.null();
    }
    static void TENON_ABI writeJson(tenon_call* call, tenon_text json)
    {
        const Quiet quiet(of(call));
        of(call)._writer.json(toView(json));
    }
    static void TENON_ABI reset(tenon_call* call) { of(call)._writer = JsonWriter(); }
    static tenon_text TENON_ABI written(tenon_call* call) { return toText(of(call)._writer.str()); }
    static tenon_status TENON_ABI finishWritten(tenon_call* call)
    {
        const Quiet quiet(of(call));
        return of(call).end(of(call)._writer.take());
    }

    static void TENON_ABI base64(tenon_call* call, const void* data, uint64_t size)
    {
        of(call)._writer.base64(std::string_view(static_cast<const char*>(data), size));
    }

    static void TENON_ABI writeValue(tenon_call* call, tenon_value value)
    {
        if (elementOf(value))
            of(call)._writer.json(simdjson::minify(*elementOf(value)));
        else
            of(call)._writer.null();
    }

    static tenon_status TENON_ABI finish(tenon_call* call, tenon_text result)
    {
        return of(call).end(std::string(toView(result)));
    }

    static tenon_status TENON_ABI fail(tenon_call* call, tenon_status status, tenon_text message)
    {
        MockCall& self = of(call);
        const std::lock_guard<std::mutex> lock(self._mutex);
        if (self.ended)
            return TENON_ERROR_STATE;
        self.ended = true;
        self.failure = status;
        self.message = toView(message);
        self._hasEnded.notify_all();
        return TENON_OK;
    }

    static tenon_status TENON_ABI progress(tenon_call* call, double done, double total, tenon_text message)
    {
        of(call).progress.push_back(toJson(done).text + '/' + toJson(total).text + ' ' + std::string(toView(message)));
        return TENON_OK;
    }

    static tenon_status TENON_ABI log(tenon_call* call, tenon_log_level level, tenon_text logger, tenon_text data)
    {
        of(call).logs.push_back(std::to_string(level) + ' ' + std::string(toView(logger)) + ' ' +
                                std::string(toView(data)));
        return TENON_OK;
    }

    static bool TENON_ABI isCancelled(const tenon_call* call) { return of(call).cancelled; }

    static bool TENON_ABI clientHas(const tenon_call* call, tenon_client_feature feature)
    {
        return of(call).features.count(feature) > 0;
    }

    static tenon_status TENON_ABI requestInput(tenon_call* call, tenon_text key, tenon_text request,
                                               tenon_value* answer)
    {
        MockCall& self = of(call);
        if (self.unsupported)
            return TENON_ERROR_UNSUPPORTED;
        self.asked[std::string(toView(key))] = toView(request);
        const auto found = self.answers.find(std::string(toView(key)));
        if (found == self.answers.end())
            return TENON_INPUT_PENDING;
        *answer = self.parse(found->second);
        return TENON_OK;
    }

    static tenon_status TENON_ABI remember(tenon_call* call, tenon_text key, tenon_text value)
    {
        if (value.size > 65536)
            return TENON_ERROR_RESOURCES;
        of(call).memory[std::string(toView(key))] = toView(value);
        return TENON_OK;
    }

    static bool TENON_ABI recall(tenon_call* call, tenon_text key, tenon_text* value)
    {
        const auto found = of(call).memory.find(std::string(toView(key)));
        if (found == of(call).memory.end())
            return false;
        *value = toText(found->second);
        return true;
    }

    static tenon_status TENON_ABI releaseStream(tenon_call* call, uint32_t retryMs)
    {
        of(call).retryMs = retryMs;
        return TENON_OK;
    }

    static tenon_status TENON_ABI beginTask(tenon_call* call)
    {
        if (of(call).unsupported)
            return TENON_ERROR_UNSUPPORTED;
        ++of(call).tasks;
        return TENON_OK;
    }
};

namespace
{

const tenon_value_api VALUE_API = {sizeof(tenon_value_api), 0,
                                   &Functions::type,        &Functions::size,
                                   &Functions::member,      &Functions::element,
                                   &Functions::next,        &Functions::boolean,
                                   &Functions::integer,     &Functions::number,
                                   &Functions::text,        &Functions::json,
                                   &Functions::parse};

const tenon_writer_api WRITER_API = {sizeof(tenon_writer_api), 0,
                                     &Functions::beginObject,  &Functions::endObject,
                                     &Functions::beginArray,   &Functions::endArray,
                                     &Functions::key,          &Functions::writeText,
                                     &Functions::writeInteger, &Functions::writeNumber,
                                     &Functions::writeBoolean, &Functions::null,
                                     &Functions::base64,       &Functions::writeValue,
                                     &Functions::writeJson,    &Functions::reset,
                                     &Functions::written,      &Functions::finishWritten};

const tenon_call_api CALL_API = {
    sizeof CALL_API,          0,
    &Functions::finish,       &Functions::fail,
    &Functions::progress,     &Functions::log,
    &Functions::isCancelled,  &Functions::clientHas,
    &Functions::requestInput, &Functions::remember,
    &Functions::recall,       &Functions::releaseStream,
    &Functions::beginTask,    [](tenon_call*, tenon_text, tenon_text) -> tenon_status { return TENON_OK; }};

MockHost& hostOf(const tenon_host* host)
{
    return *static_cast<MockHost*>(host->host_data);
}

} // namespace

MockHost::MockHost(std::map<std::string, std::string> settings) : _settings(std::move(settings))
{
    _abi.struct_size = sizeof _abi;
    _abi.abi_major = TENON_ABI_MAJOR;
    _abi.abi_minor = TENON_ABI_MINOR;
    _abi.host_data = this;
    _abi.name = toText("tenon");
    _abi.version = toText("1.2.3");
    _abi.plugin_name = toText("mock");
    _abi.extension = &extension;
    _log = {sizeof _log, 0, &log};
    _settingsApi = {sizeof _settingsApi, 0, &getSetting, &settingAt, &settingPaths};
    _notify = {sizeof _notify, 0, &listChanged, &resourceUpdated, [](const tenon_host*, tenon_text) {}};
}

const void* MockHost::extension(const tenon_host* host, const char* id)
{
    MockHost& self = hostOf(host);
    const std::map<std::string, const void*> known = {{TENON_EXT_VALUE, &VALUE_API},
                                                      {TENON_EXT_WRITER, &WRITER_API},
                                                      {TENON_EXT_LOG, &self._log},
                                                      {TENON_EXT_SETTINGS, &self._settingsApi},
                                                      {TENON_EXT_NOTIFY, &self._notify}};
    const auto found = known.find(id);
    return found == known.end() || self.missing.count(id) ? nullptr : found->second;
}

void MockHost::log(const tenon_host* host, tenon_log_level level, tenon_text message)
{
    hostOf(host).logLines.push_back(std::to_string(level) + ' ' + std::string(toView(message)));
}

tenon_text MockHost::getSetting(const tenon_host* host, tenon_text key)
{
    const auto& settings = hostOf(host)._settings;
    const auto found = settings.find(std::string(toView(key)));
    return found == settings.end() ? tenon_text{nullptr, 0} : toText(found->second);
}

bool MockHost::settingAt(const tenon_host* host, uint64_t index, tenon_text* key, tenon_text* value)
{
    const auto& settings = hostOf(host)._settings;
    if (index >= settings.size())
        return false;
    const auto at = std::next(settings.begin(), static_cast<std::ptrdiff_t>(index));
    *key = toText(at->first);
    *value = toText(at->second);
    return true;
}

/// As of a settings file in /conf.
tenon_text MockHost::settingPaths(const tenon_host* host, tenon_text key)
{
    const tenon_text value = getSetting(host, key);
    if (!value.data)
        return value;
    std::string& paths = hostOf(host)._paths;
    paths.clear();
    for (std::string_view rest = toView(value); !rest.empty();)
    {
        const auto comma = rest.find(',');
        std::string_view one = rest.substr(0, comma);
        while (!one.empty() && one.front() == ' ')
            one.remove_prefix(1);
        paths += (paths.empty() ? "" : ",") + std::string(one.front() == '/' ? "" : "/conf/") + std::string(one);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return toText(paths);
}

void MockHost::listChanged(const tenon_host* host, tenon_list_kind list)
{
    hostOf(host).changedLists.push_back(list);
}

void MockHost::resourceUpdated(const tenon_host* host, tenon_text uri)
{
    hostOf(host).updatedResources.emplace_back(toView(uri));
}

MockCall::MockCall(const std::string& arguments)
{
    tenon_call& abi = _abi;
    abi.struct_size = sizeof abi;
    abi.host_data = this;
    abi.api = &CALL_API;
    abi.principal = toText("somebody");
    abi.deadline_ms = 30000;
    abi.arguments = parse(arguments);
    abi.meta = parse(R"({"progressToken":7})");
}

const tenon_value_api& MockCall::values() const
{
    return VALUE_API;
}

void MockCall::reenter()
{
    asked.clear();
    _writer = JsonWriter();
}

void MockCall::wait()
{
    std::unique_lock<std::mutex> lock(_mutex);
    _hasEnded.wait(lock, [this] { return ended; });
}

tenon_value MockCall::parse(std::string_view json)
{
    Element element;
    _parsers.emplace_back();
    if (_parsers.back().parse(json.data(), json.size()).get(element) != simdjson::SUCCESS)
        return {nullptr, 0};
    return Functions::keep(*this, element);
}

tenon_status MockCall::end(std::string json)
{
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(json).get(object) != simdjson::SUCCESS)
        return TENON_ERROR_INVALID;
    const std::lock_guard<std::mutex> lock(_mutex);
    ++finishes;
    if (ended)
        return TENON_ERROR_STATE;
    ended = true;
    result = std::move(json);
    _hasEnded.notify_all();
    return TENON_OK;
}

} // namespace tenon::test
