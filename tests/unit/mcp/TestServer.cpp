#include "unit/mcp/TestServer.h"

#include "base/json/JsonWriter.h"
#include "plugin/catalogue/HeaderParameters.h"

#include <Poco/String.h>

#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace tenon::tests
{

using base::findMember;
using base::JsonDocument;

namespace
{

class LambdaPermissions : public base::Permissions
{
public:
    explicit LambdaPermissions(std::function<bool(base::Access, std::string_view, bool)> allows)
        : _allows(std::move(allows))
    {
    }
    [[nodiscard]] bool allows(base::Access access, std::string_view name, bool readOnly) const override
    {
        return _allows(access, name, readOnly);
    }
    [[nodiscard]] bool allowsEverything() const override { return false; }

private:
    const std::function<bool(base::Access, std::string_view, bool)> _allows;
};

std::string body(const std::string& method, const std::string& params, const std::string& id)
{
    return R"({"jsonrpc":"2.0",)" + (id.empty() ? std::string() : "\"id\":" + id + ',') + "\"method\":\"" + method +
           "\",\"params\":{" + params + "}}";
}

} // namespace

std::string at(std::string_view json, std::string_view pointer)
{
    try
    {
        const auto document = JsonDocument::parse(json);
        JsonDocument::Element element;
        if (document->root().at_pointer(pointer).get(element))
            return {};
        return base::toJson(element);
    }
    catch (const Poco::Exception& exc)
    {
        throw std::runtime_error("no JSON: " + std::string(json) + ": " + exc.displayText());
    }
}

Headers::Headers(std::initializer_list<std::pair<const std::string, std::string>> list)
{
    for (const auto& [name, value] : list)
        set(name, value);
}

Headers& Headers::set(const std::string& name, const std::string& value)
{
    _values[Poco::toLower(name)] = value;
    return *this;
}

Headers& Headers::remove(const std::string& name)
{
    _values.erase(Poco::toLower(name));
    return *this;
}

const base::HeaderFields& Headers::fields() const
{
    _fields = std::make_shared<base::HeaderFields>();
    for (const auto& [name, value] : _values)
        _fields->addField(name, value);
    return *_fields;
}

base::PrincipalPtr principalOf(const std::string& id, std::function<bool(base::Access, std::string_view, bool)> allows)
{
    auto principal = std::make_shared<base::Principal>();
    principal->id = principal->name = id;
    if (allows)
        principal->permissions = std::make_shared<LambdaPermissions>(std::move(allows));
    return principal;
}

FakePlugin::Function answering(const std::string& result)
{
    return [result](const plugin::CallBackendPtr& call) { return call->finish(std::string(result), nullptr); };
}

FakePlugin::Function saying(const std::string& text)
{
    return answering(R"({"content":[{"type":"text","text":")" + text + "\"}]}");
}

mcp::Options TestServer::defaults()
{
    mcp::Options options;
    options.implementation = R"({"name":"tenon","title":"Tenon","version":"1"})";
    options.requestStateKey = std::string(64, 'a');
    return options;
}

TestServer::TestServer(const mcp::Options& options, std::size_t streamEvents, std::size_t maxTasks,
                       std::uint64_t memoryBytes)
    : budget(memoryBytes), executor(8), events(streamEvents),
      taskStore(maxTasks), services{catalogues, executor, timers, metrics, events, taskStore, options, nullptr, &budget}
{
    publish();
    dispatcher = std::make_unique<mcp::Dispatcher>(services);
}

TestServer::TestServer(TestFleet& fleet, const std::string& instance, bool alone)
    : budget(base::Budget::UNLIMITED), executor(8), events(256), taskStore(100),
      archivedEvents(std::make_unique<store::ArchivedEventStore>(events, fleet.archive, 60'000)),
      services{catalogues, executor, timers, metrics, *archivedEvents, taskStore, defaults(), nullptr, &budget}
{
    services.instance = store::InstanceId::make(instance);
    services.archive = &fleet.archive;
    if (!alone)
    {
        bus = fleet.hub.bus(services.instance.tag());
        services.bus = bus.get();
    }
    publish();
    dispatcher = std::make_unique<mcp::Dispatcher>(services);
}

bool TestFleet::eventually(const std::function<bool()>& condition)
{
    return TestServer::eventually(
        [&]
        {
            (void)hub.deliver();
            return condition();
        });
}

TestServer::~TestServer()
{
    executor.stop();
    timers.stop();
    dispatcher.reset();
}

plugin::ToolEntry& TestServer::tool(const std::string& definition, FakePlugin::Function function)
{
    plugin::ToolEntry entry;
    entry.definition = definition;
    const auto tree = JsonDocument::parse(definition);
    const auto root = tree->root();
    entry.name = base::textMember(root, "name");
    entry.instance = plugin;
    entry.index = plugin->addTool(std::move(function));
    JsonDocument::Element schema;
    if (!findMember(root, "inputSchema", schema))
        throw std::runtime_error("a tool needs an inputSchema");
    entry.inputSchema = schema::Schema::compile(base::toJson(schema));
    entry.headerParameters = plugin::headerParametersOf(schema);
    if (findMember(root, "outputSchema", schema))
        entry.outputSchema = schema::Schema::compile(base::toJson(schema));
    draft.tools.push_back(std::move(entry));
    return draft.tools.back();
}

plugin::ToolEntry& TestServer::simpleTool(const std::string& name, FakePlugin::Function function)
{
    return tool("{\"name\":\"" + name + R"(","description":"d","inputSchema":{"type":"object"}})", std::move(function));
}

plugin::PromptEntry& TestServer::prompt(const std::string& definition, FakePlugin::Function function)
{
    plugin::PromptEntry entry;
    entry.definition = definition;
    const auto document = JsonDocument::parse(definition);
    entry.name = entry.ownName = base::textMember(document->root(), "name");
    entry.instance = plugin;
    entry.index = plugin->addPrompt(std::move(function));
    JsonDocument::Element arguments;
    if (findMember(document->root(), "arguments", arguments))
        for (const auto argument : simdjson::dom::array(arguments))
        {
            JsonDocument::Element required;
            bool is = false;
            if (findMember(argument, "required", required) && !required.get_bool().get(is) && is)
                entry.requiredArguments.emplace_back(base::textMember(argument, "name"));
        }
    draft.prompts.push_back(std::move(entry));
    return draft.prompts.back();
}

void TestServer::resource(const std::string& definition)
{
    const auto document = JsonDocument::parse(definition);
    draft.resources.push_back({std::string(base::textMember(document->root(), "uri")),
                               std::string(base::textMember(document->root(), "name")), definition, plugin});
}

void TestServer::resourceTemplate(const std::string& definition)
{
    const auto document = JsonDocument::parse(definition);
    draft.templates.push_back({std::string(base::textMember(document->root(), "uriTemplate")),
                               std::string(base::textMember(document->root(), "name")), definition, plugin, nullptr});
}

void TestServer::publish(bool tools, bool resources, bool prompts)
{
    auto catalogue = std::make_shared<plugin::Catalogue>(draft);
    catalogue->version = ++draft.version;
    catalogue->instances = {plugin};
    if (plugin->complete)
        catalogue->completers = {plugin};
    if (plugin->readDirectory)
        catalogue->directoryReaders = {plugin};
    catalogue->seal();
    catalogues.set(catalogue, tools, resources, prompts);
}

std::shared_ptr<plugin::EntryQueue> TestServer::admission(plugin::EntryQueue::Concurrency concurrency, std::size_t most,
                                                          std::size_t queued)
{
    return std::make_shared<plugin::EntryQueue>(concurrency, most, queued, std::make_shared<plugin::PluginLimit>(0));
}

RecordingSinkPtr TestServer::send(const std::string& text, const Headers& headers, const RecordingSinkPtr& sink)
{
    const auto to = sink ? sink : std::make_shared<RecordingSink>();
    mcp::IncomingMessage message;
    message.body = text;
    message.principal = anybody;
    message.headers = &headers.fields();
    message.allowance = allowance;
    (void)dispatcher->handle(message, to);
    return to;
}

RecordingSinkPtr TestServer::sendOn(const mcp::SessionPtr& session, const std::string& text)
{
    const auto sink = std::make_shared<RecordingSink>();
    mcp::IncomingMessage message;
    message.body = text;
    message.transport = session->transport;
    message.principal = anybody;
    message.session = session;
    (void)dispatcher->handle(message, sink);
    return sink;
}

std::string TestServer::modernBody(const std::string& method, const std::string& params, const Modern& how)
{
    const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientCapabilities":)" +
                             how.capabilities + how.meta + '}';
    return body(method, params.empty() ? meta : params + ',' + meta, how.id);
}

Headers TestServer::modernHeaders(const std::string& method, const std::string& name)
{
    Headers headers{{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}};
    if (!name.empty())
        headers.set("Mcp-Name", name);
    return headers;
}

RecordingSinkPtr TestServer::modern(const std::string& method, const std::string& params, const Modern& how)
{
    const auto text = modernBody(method, params, how);
    const auto document = JsonDocument::parse(text);
    JsonDocument::Element members;
    (void)findMember(document->root(), "params", members);
    std::string name;
    for (const char* candidate : {"name", "uri", "taskId"})
        if (name.empty())
            name = base::textMember(members, candidate);
    const auto headers = modernHeaders(method, name);
    const auto sink = std::make_shared<RecordingSink>(how.streams);
    mcp::IncomingMessage message;
    message.body = text;
    message.principal = how.principal ? how.principal : anybody;
    message.allowance = allowance;
    message.headers = &headers.fields();
    (void)dispatcher->handle(message, sink);
    return sink;
}

std::string TestServer::modernAnswer(const std::string& method, const std::string& params, const Modern& how)
{
    const auto sink = modern(method, params, how);
    if (!sink->waitForEnd())
        throw std::runtime_error("no answer to " + method);
    return sink->answer();
}

bool TestServer::eventually(const std::function<bool()>& condition)
{
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition())
    {
        if (std::chrono::steady_clock::now() > until)
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

LegacyClient::LegacyClient(TestServer& server, std::string version, const std::string& capabilities,
                           base::PrincipalPtr principal)
    : _server(server), _version(std::move(version)), _principal(principal ? std::move(principal) : server.anybody)
{
    const auto sink = post(body("initialize",
                                "\"protocolVersion\":\"" + _version + "\",\"capabilities\":" + capabilities +
                                    R"(,"clientInfo":{"name":"test","version":"1"})",
                                "0"));
    _initialized = sink->answer();
    _session = sink->sessionId();
    if (_session.empty())
        throw std::runtime_error("no session: " + _initialized);
    (void)notify("notifications/initialized");
}

LegacyClient::LegacyClient(TestServer& server, const LegacyClient& same)
    : _server(server), _version(same._version), _principal(same._principal), _session(same._session)
{
}

Headers LegacyClient::headers() const
{
    Headers headers;
    if (!_session.empty())
    {
        headers.set("Mcp-Session-Id", _session);
        headers.set("MCP-Protocol-Version", _version);
    }
    return headers;
}

RecordingSinkPtr LegacyClient::post(const std::string& text, bool streams)
{
    const auto sink = std::make_shared<RecordingSink>(streams);
    post(text, sink);
    return sink;
}

void LegacyClient::request(const std::string& method, const std::string& params, const std::string& id,
                           const RecordingSinkPtr& sink)
{
    post(body(method, params, id), sink);
}

void LegacyClient::post(const std::string& text, const RecordingSinkPtr& sink)
{
    const auto all = headers();
    mcp::IncomingMessage message;
    message.body = text;
    message.principal = _principal;
    message.headers = &all.fields();
    (void)_server.dispatcher->handle(message, sink);
}

RecordingSinkPtr LegacyClient::request(const std::string& method, const std::string& params, const std::string& id,
                                       bool streams)
{
    return post(body(method, params, id), streams);
}

std::string LegacyClient::answer(const std::string& method, const std::string& params)
{
    const auto sink = request(method, params, std::to_string(_next++));
    if (!sink->waitForEnd())
        throw std::runtime_error("no answer to " + method);
    return sink->answer();
}

RecordingSinkPtr LegacyClient::notify(const std::string& method, const std::string& params)
{
    return post(body(method, params, {}));
}

RecordingSinkPtr LegacyClient::respond(const std::string& id, const std::string& result)
{
    return post("{\"jsonrpc\":\"2.0\",\"id\":" + id + ',' + result + '}');
}

RecordingSinkPtr LegacyClient::get(const std::string& lastEventId)
{
    const auto sink = std::make_shared<RecordingSink>();
    _server.dispatcher->openSessionStream(_principal, _session, _version, lastEventId, sink);
    return sink;
}

RecordingSinkPtr LegacyClient::end()
{
    const auto sink = std::make_shared<RecordingSink>();
    _server.dispatcher->endSession(_principal, _session, sink);
    return sink;
}

} // namespace tenon::tests
