#pragma once

#include "base/limits/Budget.h"
#include "base/metrics/Metrics.h"
#include "base/threads/Executor.h"
#include "base/threads/Timers.h"
#include "mcp/Services.h"
#include "mcp/dispatch/Dispatcher.h"
#include "mcp/methods/Protocol.h"
#include "store/ArchivedEventStore.h"
#include "store/MemoryEventStore.h"
#include "store/MemoryTaskStore.h"
#include "store/memory/MemoryArchive.h"
#include "store/memory/MemoryHub.h"
#include "unit/mcp/FakePlugin.h"
#include "unit/mcp/RecordingSink.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::tests
{

inline constexpr const char* REVISIONS[] = {"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"};

/// The element of a JSON text at a pointer ("/result/tools/0/name") as JSON text; empty if there is none.
[[nodiscard]] std::string at(std::string_view json, std::string_view pointer);

/// The headers of one request, by name without case.
class Headers
{
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<const std::string, std::string>> list);
    Headers& set(const std::string& name, const std::string& value);
    Headers& remove(const std::string& name);

    /// Borrowed until the next call.
    [[nodiscard]] const base::HeaderFields& fields() const;

private:
    std::map<std::string, std::string> _values;
    mutable std::shared_ptr<base::HeaderFields> _fields;
};

/// A principal that may use everything, or what `allows` says.
[[nodiscard]] base::PrincipalPtr
principalOf(const std::string& id, std::function<bool(base::Access, std::string_view, bool)> allows = nullptr);

/// What a handler does in most tests.
[[nodiscard]] FakePlugin::Function answering(const std::string& result);
[[nodiscard]] FakePlugin::Function saying(const std::string& text); ///< a CallToolResult with one text

/// What several TestServers share, as instances of one service.
struct TestFleet
{
    store::MemoryArchive archive;
    store::MemoryHub hub;

    /// Waits until `condition` holds, delivering what they send each other; false after ten seconds.
    bool eventually(const std::function<bool()>& condition);
};

/// A dispatcher with all it needs, and a plugin made of lambdas.
class TestServer
{
public:
    [[nodiscard]] static mcp::Options defaults();

    explicit TestServer(const mcp::Options& options = defaults(), std::size_t streamEvents = 256,
                        std::size_t maxTasks = 100, std::uint64_t memoryBytes = base::Budget::UNLIMITED);
    /// One instance of several. `alone`: without a bus, as a server has it that keeps what it has in a file.
    TestServer(TestFleet& fleet, const std::string& instance, bool alone = false);
    ~TestServer();

    // What the plugin offers; `publish` makes it known. The returned entry may be changed before.
    plugin::ToolEntry& tool(const std::string& definition, FakePlugin::Function function);
    plugin::ToolEntry& simpleTool(const std::string& name, FakePlugin::Function function);
    plugin::PromptEntry& prompt(const std::string& definition, FakePlugin::Function function);
    void resource(const std::string& definition);
    void resourceTemplate(const std::string& definition);
    void publish(bool tools = false, bool resources = false, bool prompts = false);
    /// How calls of a tool exclude each other.
    [[nodiscard]] static std::shared_ptr<plugin::EntryQueue> admission(plugin::EntryQueue::Concurrency concurrency,
                                                                       std::size_t most = 0, std::size_t queued = 10);

    /// Any message, as it is.
    RecordingSinkPtr send(const std::string& body, const Headers& headers, const RecordingSinkPtr& sink = nullptr);

    /// Any message, as it is, on the connection that `session` belongs to; there are no headers there.
    RecordingSinkPtr sendOn(const mcp::SessionPtr& session, const std::string& body);

    /// A request of 2026-07-28 with everything that it needs.
    struct Modern
    {
        std::string id = "1";
        std::string capabilities = "{}";
        std::string meta; ///< further members of `_meta`, each with a comma in front
        bool streams = true;
        base::PrincipalPtr principal;
    };
    [[nodiscard]] static std::string modernBody(const std::string& method, const std::string& params,
                                                const Modern& how);
    [[nodiscard]] static Headers modernHeaders(const std::string& method, const std::string& name);
    /// Shape: `params` are members without braces.
    RecordingSinkPtr modern(const std::string& method, const std::string& params, const Modern& how);
    RecordingSinkPtr modern(const std::string& method, const std::string& params = {})
    {
        return modern(method, params, Modern());
    }
    /// `modern`, waited for.
    std::string modernAnswer(const std::string& method, const std::string& params, const Modern& how);
    std::string modernAnswer(const std::string& method, const std::string& params = {})
    {
        return modernAnswer(method, params, Modern());
    }

    /// Waits until `condition` holds; false after ten seconds.
    static bool eventually(const std::function<bool()>& condition);

    base::PrincipalPtr anybody = principalOf("anonymous");
    mcp::Allowance allowance; ///< of whoever uses `send` or `modern`
    base::Budget budget;
    base::MetricsRegistry metrics;
    base::Timers timers;
    base::Executor executor;
    store::MemoryEventStore events;
    store::MemoryTaskStore taskStore;
    FakeCatalogues catalogues;
    std::shared_ptr<FakePlugin> plugin = std::make_shared<FakePlugin>();
    plugin::Catalogue draft;
    std::unique_ptr<store::ArchivedEventStore> archivedEvents; ///< of one of several
    std::unique_ptr<store::Bus> bus;
    mcp::Services services;
    std::unique_ptr<mcp::Dispatcher> dispatcher;
};

/// A client of a legacy revision with a session on Streamable HTTP.
class LegacyClient
{
public:
    explicit LegacyClient(TestServer& server, std::string version = "2025-11-25",
                          const std::string& capabilities = "{}", base::PrincipalPtr principal = nullptr);

    /// The same client, at another instance.
    LegacyClient(TestServer& server, const LegacyClient& same);

    /// A request; `params` are members without braces.
    RecordingSinkPtr request(const std::string& method, const std::string& params = {}, const std::string& id = "1",
                             bool streams = true);
    void request(const std::string& method, const std::string& params, const std::string& id,
                 const RecordingSinkPtr& sink);
    /// `request`, waited for.
    std::string answer(const std::string& method, const std::string& params = {});
    RecordingSinkPtr notify(const std::string& method, const std::string& params = {});
    RecordingSinkPtr respond(const std::string& id, const std::string& result);
    RecordingSinkPtr post(const std::string& body, bool streams = true);
    void post(const std::string& body, const RecordingSinkPtr& sink);
    RecordingSinkPtr get(const std::string& lastEventId = {});
    RecordingSinkPtr end();

    [[nodiscard]] Headers headers() const;
    const std::string& session() const { return _session; }
    const std::string& initialized() const { return _initialized; }

private:
    TestServer& _server;
    const std::string _version;
    const base::PrincipalPtr _principal;
    std::string _session, _initialized;
    std::atomic<int> _next{1000};
};

} // namespace tenon::tests
