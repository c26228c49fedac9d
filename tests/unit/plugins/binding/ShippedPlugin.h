#pragma once

#include "unit/sdk/MockHost.h"

#include <Poco/SharedLibrary.h>
#include <Poco/TemporaryFile.h>
#include <cppunit/extensions/HelperMacros.h>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <simdjson.h>
#include <string>

/// One of the plugins that ship, as it is built, loaded as the server would, but driven by a mock host.
class ShippedPlugin
{
public:
    using Settings = std::map<std::string, std::string>;

    ShippedPlugin(const std::string& name, Settings settings)
        : _mock(std::move(settings)), _library(std::string(TENON_SHIPPED_FOLDER) + "/" + name + TENON_PLUGIN_SUFFIX,
                                               Poco::SharedLibrary::SHLIB_LOCAL)
    {
        // Resource updates come on the plugin's own threads, which the mock host does not expect.
        _host = *_mock.abi();
        _host.extension = &extension;
        current() = this;
        const auto* const entry = static_cast<const tenon_plugin_entry*>(_library.getSymbol(TENON_ENTRY_SYMBOL));
        const tenon_status status = entry->create(&_host, &_plugin);
        if (status != TENON_OK)
            _plugin = nullptr;
        else if (_plugin->start)
            CPPUNIT_ASSERT_EQUAL(tenon_status(TENON_OK), _plugin->start(_plugin));
    }

    ShippedPlugin(const ShippedPlugin&) = delete;
    ShippedPlugin& operator=(const ShippedPlugin&) = delete;

    ~ShippedPlugin()
    {
        if (_plugin)
        {
            if (_plugin->stop)
                _plugin->stop(_plugin);
            _plugin->destroy(_plugin);
        }
        // The library stays: RE2 keeps a few objects for the life of the process, which would be lost with its code.
        current() = nullptr;
    }

    bool refused() const { return !_plugin; }
    const std::vector<std::string>& log() const { return _mock.logLines; }
    const std::vector<tenon_list_kind>& changedLists() const { return _mock.changedLists; }

    /// The tools' definitions, parsed anew.
    simdjson::dom::element tools() { return parse(api<tenon_tools>(TENON_EXT_TOOLS).list(_plugin)); }

    std::string toolNames()
    {
        std::string names;
        for (const simdjson::dom::element tool : tools())
            names += std::string(tool["name"].get_string().value()) + " ";
        return names;
    }

    std::string resourceUris()
    {
        std::string uris;
        for (const simdjson::dom::element one : parse(api<tenon_resources>(TENON_EXT_RESOURCES).list(_plugin)))
            uris += std::string(one["uri"].get_string().value()) + " ";
        return uris;
    }

    /// Calls the tool; `made` tells what became of it.
    void call(const std::string& tool, tenon::test::MockCall& made)
    {
        uint32_t index = 0;
        for (const simdjson::dom::element one : tools())
        {
            if (one["name"].get_string().value() == tool)
            {
                made.reenter();
                api<tenon_tools>(TENON_EXT_TOOLS).call(_plugin, index, made.abi());
                return;
            }
            ++index;
        }
        CPPUNIT_FAIL("there is no tool " + tool);
    }

    /// The tool's structured content, which has every member that its outputSchema requires.
    simdjson::dom::element structured(const std::string& tool, const std::string& arguments)
    {
        tenon::test::MockCall made(arguments);
        call(tool, made);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(tool + ": " + made.message, tenon_status(TENON_OK), made.failure);
        _result = made.result;
        const simdjson::dom::element result = parse(tenon_text{_result.data(), _result.size()});
        CPPUNIT_ASSERT(result["content"].at(0)["type"].error() == simdjson::SUCCESS);
        const simdjson::dom::element content = result["structuredContent"];
        simdjson::dom::parser schemas;
        for (const simdjson::dom::element one : schemas.parse(list()))
            if (one["name"].get_string().value() == tool)
                for (const simdjson::dom::element name : one["outputSchema"]["required"])
                    CPPUNIT_ASSERT_MESSAGE(std::string(name.get_string().value()),
                                           content[name.get_string().value()].error() == simdjson::SUCCESS);
        return content;
    }

    /// What the tool's failure says.
    std::string failure(const std::string& tool, const std::string& arguments)
    {
        tenon::test::MockCall made(arguments);
        call(tool, made);
        CPPUNIT_ASSERT_MESSAGE(tool + ": " + made.result, made.failure != TENON_OK);
        return made.message;
    }

    /// The first of the contents of a resource, a listed one or, with a template and its one variable, one by template;
    /// `status` becomes the failure's.
    simdjson::dom::element read(const std::string& uri, tenon_status& status, const std::string& uriTemplate = {},
                                const std::string& variable = {})
    {
        const std::string rest = uriTemplate.empty()
                                     ? std::string()
                                     : R"(, "template": ")" + uriTemplate + R"(", "variables": {")" + variable +
                                           R"(": ")" + uri.substr(uri.rfind('/') + 1) + R"("})";
        tenon::test::MockCall made(R"({"uri": ")" + uri + '"' + rest + "}");
        status = api<tenon_resources>(TENON_EXT_RESOURCES).read(_plugin, made.abi());
        if (made.failure)
            status = made.failure;
        _result = made.result;
        return _result.empty() ? simdjson::dom::element()
                               : parse(tenon_text{_result.data(), _result.size()})["contents"].at(0).value();
    }

    tenon_status subscribe(const std::string& uri)
    {
        return api<tenon_resources>(TENON_EXT_RESOURCES).subscribe(_plugin, tenon::toText(uri));
    }

    void unsubscribe(const std::string& uri)
    {
        api<tenon_resources>(TENON_EXT_RESOURCES).unsubscribe(_plugin, tenon::toText(uri));
    }

    bool waitForUpdate(const std::string& uri)
    {
        std::unique_lock<std::mutex> lock(_mutex);
        return _updated.wait_for(lock, std::chrono::seconds(20), [&] { return _updates[uri] > 0; });
    }

    std::string list() { return std::string(tenon::toView(api<tenon_tools>(TENON_EXT_TOOLS).list(_plugin))); }

private:
    template <class Api>
    const Api& api(const char* id) const
    {
        const void* const found = _plugin->extension(_plugin, id);
        CPPUNIT_ASSERT_MESSAGE(id, found);
        return *static_cast<const Api*>(found);
    }

    simdjson::dom::element parse(tenon_text text)
    {
        return _parser.parse(text.data, static_cast<std::size_t>(text.size));
    }

    /// One at a time: tests run one after the other.
    static ShippedPlugin*& current()
    {
        static ShippedPlugin* plugin = nullptr;
        return plugin;
    }

    static const void* TENON_ABI extension(const tenon_host* host, const char* id)
    {
        static const tenon_notify_api NOTIFY = {sizeof(tenon_notify_api), 0, &listChanged, &resourceUpdated,
                                                [](const tenon_host*, tenon_text) {}};
        return std::string_view(id) == TENON_EXT_NOTIFY ? &NOTIFY : current()->_mock.abi()->extension(host, id);
    }

    static void TENON_ABI listChanged(const tenon_host*, tenon_list_kind kind)
    {
        current()->_mock.changedLists.push_back(kind);
    }

    static void TENON_ABI resourceUpdated(const tenon_host*, tenon_text uri)
    {
        const std::lock_guard<std::mutex> lock(current()->_mutex);
        ++current()->_updates[std::string(tenon::toView(uri))];
        current()->_updated.notify_all();
    }

    tenon::test::MockHost _mock;
    tenon_host _host{};
    Poco::SharedLibrary _library;
    tenon_plugin* _plugin = nullptr;
    simdjson::dom::parser _parser;
    std::string _result;

    std::mutex _mutex; // guards the following
    std::condition_variable _updated;
    std::map<std::string, int> _updates;
};

/// What every tool owes a model.
/// Clients refuse tools whose schemas have an array without "items" or an object without "properties", at any depth.
inline void checkSchema(const std::string& place, simdjson::dom::element schema)
{
    simdjson::dom::object members;
    simdjson::dom::array elements;
    if (schema.get(elements) == simdjson::SUCCESS)
        for (const simdjson::dom::element element : elements)
            checkSchema(place, element);
    if (schema.get(members) != simdjson::SUCCESS)
        return;
    const std::string type = simdjson::to_string(schema["type"].error() ? schema : schema["type"].value());
    if (!schema["type"].error() && type.find("\"array\"") != std::string::npos)
        CPPUNIT_ASSERT_MESSAGE(place + ": an array without items", schema["items"].is_object());
    if (type == "\"object\"")
        CPPUNIT_ASSERT_MESSAGE(place + ": an object without properties",
                               schema["properties"].is_object() || schema["additionalProperties"].is_object());
    for (const auto& [name, member] : members)
        if (name != "default" && name != "examples" && name != "enum")
            checkSchema(place + "/" + std::string(name), member);
}

inline void checkDefinitions(ShippedPlugin& plugin)
{
    for (const simdjson::dom::element tool : plugin.tools())
    {
        const std::string name(tool["name"].get_string().value());
        CPPUNIT_ASSERT_MESSAGE(name, tool["title"].is_string() && tool["description"].is_string());
        CPPUNIT_ASSERT_MESSAGE(name, tool["annotations"]["readOnlyHint"].is_bool());
        CPPUNIT_ASSERT_MESSAGE(name, tool["annotations"]["openWorldHint"].is_bool());
        CPPUNIT_ASSERT_MESSAGE(name, tool["outputSchema"]["type"].get_string().value() == "object");
        checkSchema(name, tool["inputSchema"]);
        checkSchema(name, tool["outputSchema"]);
        simdjson::dom::object parameters;
        CPPUNIT_ASSERT_MESSAGE(name, tool["inputSchema"]["properties"].get(parameters) == simdjson::SUCCESS);
        for (const auto& [parameter, schema] : parameters)
            CPPUNIT_ASSERT_MESSAGE(name + ": " + std::string(parameter), schema["description"].is_string());
    }
}

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// A folder of a test's own.
class Folder
{
public:
    Folder() : _path(Poco::TemporaryFile::tempName()) { std::filesystem::create_directory(_path); }
    ~Folder() { std::filesystem::remove_all(_path); }
    std::string path(const std::string& name = {}) const
    {
        return std::filesystem::canonical(_path).generic_string() + (name.empty() ? "" : "/" + name);
    }

private:
    const std::filesystem::path _path;
};
