#pragma once

#include "client/Listing.h"
#include "client/Target.h"
#include "client/http/Credentials.h"
#include "client/http/HttpConnections.h"
#include "client/protocol/ClientHandler.h"
#include "client/protocol/ClientSession.h"
#include "client/protocol/Health.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::client
{

struct ClientOptions
{
    Target target;
    HttpOptions http;
    CredentialsPtr credentials; ///< null: none
    ClientSession::Options session;
    int healthMs = 0;       ///< how often to see whether the server still answers; 0: never
    int listMs = 60'000;    ///< for all pages of a list
    bool listening = false; ///< wants news that belong to no request
    std::function<void(const std::string& line)> onErrorLine; ///< of a child's standard error
    std::function<void(int processId)> onChild;               ///< a child was started
};

/// What a listener wants to hear of.
struct Interest
{
    bool tools = true, prompts = true, resources = true; ///< that their lists changed
    std::vector<std::string> uris;                       ///< that these resources changed
};

/// A client of one MCP server, over whichever transport and revision: opens a session when it is needed, and a new one
/// when the server has forgotten the old or has gone.
///
/// Errors:    ClientException.
/// Threading: any thread; destroyed by the owner, when no request of its waits.
/// Ownership: borrows the handler.
class Client
{
public:
    Client(ClientOptions options, ClientHandler& handler);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Opens a session, if there is none.
    void connect();
    void close();

    /// Ends the session; the next request opens another. Not from a completion or a handler.
    void rest();

    // For callers that wait for many answers without a thread for each.

    /// The session, opened if there is none.
    [[nodiscard]] std::shared_ptr<ClientSession> session();
    /// The session if there is one; null: none, or it is gone. Does not wait.
    [[nodiscard]] std::shared_ptr<ClientSession> sessionIfOpen() const;
    /// The server no longer knows `session`: the next request opens another.
    void drop(const std::shared_ptr<ClientSession>& session, const ClientException& why);
    /// A request to `session` that becomes a task, followed to its end.
    [[nodiscard]] Reply followTask(ClientSession& session, std::string_view method, const std::string& params,
                                   const RequestOptions& options);
    /// `options` with the headers of a request about `name`; `arguments`: of a tool's call, else empty.
    [[nodiscard]] RequestOptions withHeaders(const RequestOptions& options, const std::string& name,
                                             const std::string& arguments);

    /// What the server said of itself; connects first.
    [[nodiscard]] Peer peer();
    [[nodiscard]] Health health() const { return _health.health(); }
    [[nodiscard]] const Target& target() const { return _options.target; }

    /// Any request, seen through to its complete result.
    [[nodiscard]] Reply request(std::string_view method, const std::string& params, const RequestOptions& options = {});

    /// Everything of one kind, all pages; from memory as long as the server says that it may.
    [[nodiscard]] ListingPtr list(ListKind kind);

    /// Gives back the memory of lists; they are read again when they are asked for.
    void forgetLists() { _lists.forgetAll(); }

    /// Shape: `arguments` is the text of a JSON object.
    [[nodiscard]] Reply callTool(const std::string& name, const std::string& arguments,
                                 const RequestOptions& options = {});
    [[nodiscard]] Reply readResource(const std::string& uri, const RequestOptions& options = {});
    [[nodiscard]] Reply getPrompt(const std::string& name, const std::string& arguments,
                                  const RequestOptions& options = {});

    /// Values for an argument that begin with `value`. Shape: `reference` is a JSON object ("ref/prompt" or
    /// "ref/resource"). Empty if the server does not complete.
    [[nodiscard]] std::vector<std::string> complete(const std::string& reference, const std::string& argument,
                                                    const std::string& value);

    /// Asks for news; they come to the handler, until `close`, over new sessions too.
    ///
    /// Shape: `told` is called with what the server says to each URI that it was not asked for before, of which a modern
    ///        one may acknowledge some; if there is none, once, as soon as all is asked for.
    void listen(Interest interest, Completion told = {});

private:
    class Relay;
    class Listener;

    [[nodiscard]] std::shared_ptr<ClientSession> open();
    [[nodiscard]] std::shared_ptr<ClientSession> open(std::unique_ptr<Transport> transport);
    [[nodiscard]] std::unique_ptr<Transport> transportFor(Target::Kind kind);
    [[nodiscard]] ListingPtr fetch(ListKind kind);
    void look();

    const ClientOptions _options;
    ClientHandler& _handler;
    HttpConnections _connections;
    HealthTracker _health;
    ListingCache _lists;
    std::unique_ptr<Relay> _relay;
    base::Timers _timers;
    std::unique_ptr<Listener> _listener; ///< guarded by `_mutex`; null: nobody listens

    mutable std::mutex _opening; ///< held while a session is opened: others wait for it
    mutable std::mutex _mutex;   // guards all below
    std::shared_ptr<ClientSession> _session;
    bool _closed = false;
};

} // namespace tenon::client
