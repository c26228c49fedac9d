#pragma once

#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/sessions/Session.h"
#include "plugin/call/CallBackend.h"
#include "plugin/call/Memories.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// What one call asks its client, round by round: the questions, the answers that came, those that did not fit, and what
/// the plugin remembers between its entries. How questions travel is another's business.
///
/// Threading: any thread.
/// Ownership: borrows what it is made of, parts of the same call.
class Questions
{
public:
    /// Why the client could not be asked.
    struct Refusal
    {
        std::string text;
        std::string capability; ///< JSON; what the client would have to have; may be empty
    };

    Questions(const CallServices& services, const RequestContext& context, const CallTarget& target,
              const base::JsonDocument::Element& arguments);

    /// Takes `inputResponses` and `requestState` of a modern request; what nobody asked for is left.
    ///
    /// Shape:  gives the milliseconds for which the call has run in earlier rounds, waiting included.
    /// Errors: RpcException.
    [[nodiscard]] std::int64_t takeInput();

    /// The plugin asks. Shape: see `tenon_call.request_input`.
    plugin::InputOutcome ask(std::string_view key, std::string_view request, bool inTask);

    tenon_status remember(std::string_view key, std::string_view value);
    bool recall(std::string_view key, std::string_view& value);

    void refuse(Refusal why);
    [[nodiscard]] std::optional<Refusal> refusal() const;

    /// The plugin waits for what it asked; false if it asked nothing.
    [[nodiscard]] bool wait();
    [[nodiscard]] bool waiting() const;

    /// True once after `wait`, when everything has been answered: whoever gets it enters the plugin again.
    [[nodiscard]] bool resume();

    /// What is asked and not answered: key, as clients see it, to JSON of the request.
    [[nodiscard]] std::map<std::string, std::string> open() const;

    /// What has been learnt so far, sealed, for a client that asks again.
    [[nodiscard]] std::string seal(std::int64_t elapsedMs) const;

    /// An answer by its key; false if nothing of this key is asked.
    bool answer(const std::string& key, const base::JsonDocument::Element& answer);

    /// An answer of a legacy client; false if nothing of this key is asked. An error is one that it could not give.
    bool answer(const std::string& key, const jsonrpc::Message& message);

    /// A question as a request to a legacy client.
    struct Outgoing
    {
        std::string key;
        std::string requestId; ///< JSON text
        std::string request;   ///< `{"method":…,"params":…}`
        SessionPtr session;
    };

    /// Those that no living session has been asked yet, now expected of `session`.
    ///
    /// Shape: `responder` makes what `Session::expectResponse` keeps for a key.
    [[nodiscard]] std::vector<Outgoing>
    take(const SessionPtr& session, const std::function<Session::Responder(const std::string& key)>& responder);

    /// It did not reach its client after all.
    void takeBack(const Outgoing& question);

    /// The call has ended: nobody waits for the rest.
    void drop();

private:
    struct Question
    {
        std::string method;
        std::string request;   ///< JSON text
        std::string wireKey;   ///< as clients see it
        std::string requestId; ///< legacy: the id under which it went out; empty: not yet
        SessionPtr session;    ///< legacy: the one that `requestId` belongs to
    };

    // With _mutex.
    void keep(const std::string& key, base::JsonDocumentPtr answer);
    plugin::InputOutcome outcomeOf(const std::string& key, Question& question, bool& again);
    [[nodiscard]] std::map<std::string, Question>::iterator find(const std::string& wireKey);
    [[nodiscard]] std::string binding() const;

    const CallServices& _services;
    const RequestContext& _context;
    const CallTarget& _target;
    const base::JsonDocument::Element& _arguments;

    std::atomic<bool> _used{false}; ///< something was asked: there may be something to drop

    mutable std::mutex _mutex;                             // guards all below; before that of a session
    std::map<std::string, base::JsonDocumentPtr> _answers; ///< by key; null: the client could not answer
    base::HolderShare _kept;                               ///< what the answers take that came to this call
    std::map<std::string, Question> _questions;            ///< of this round, unanswered
    std::map<std::string, unsigned> _misfits;              ///< by key: answers that did not fit
    bool _asked = false;                                   ///< this round has questions, answered or not
    bool _waiting = false; ///< the plugin has returned, to be entered again when they are answered
    plugin::Memories _memories;
    std::set<std::string> _wireKeys; ///< of a task: every one is used once
    std::optional<Refusal> _refusal;
};

} // namespace tenon::mcp
