#pragma once

#include "mcp/calls/RequestState.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/offer/CatalogueView.h"
#include "mcp/revisions/Results.h"
#include "mcp/sessions/Session.h"
#include "plugin/call/CallBackend.h"
#include "plugin/call/Memories.h"
#include "plugin/catalogue/Catalogue.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace tenon::mcp
{

class Protocol;

/// One request that a plugin answers: from its entry, over rounds of questions to the client, to its one answer.
///
/// The plugin's function may be entered several times, by different threads one after the other; the answer may come from
/// any thread, or from the clock. Whoever ends the call first decides; everything later is dropped.
///
/// Threading: any thread.
/// Ownership: held by whoever runs it, by the plugin through its `tenon_call`, and by the session or task that can cancel
///            it. It keeps its catalogue, so that its plugin stays loaded.
class Call : public plugin::CallBackend, public DisconnectListener, public std::enable_shared_from_this<Call>
{
public:
    /// What is called.
    struct Target
    {
        plugin::Target kind = plugin::Target::TOOL;
        plugin::InstancePtr instance;
        std::uint32_t index = 0;
        const plugin::ToolEntry* tool = nullptr; ///< TOOL only; the catalogue keeps it
        std::string subject;                     ///< tool or prompt name, URI: for state, errors and logs
    };

    /// Shape: `arguments` is an object that `argumentsDocument`, or the context's document, keeps.
    Call(Protocol& protocol, RequestContext context, CatalogueViewPtr view, Target target,
         base::JsonDocumentPtr argumentsDocument, base::JsonDocument::Element arguments);
    ~Call() override;

    /// Takes `inputResponses` and `requestState` of a modern request. Errors: RpcException.
    void takeInput();

    /// Makes the call a task before it is entered. The client has its task on return. Errors: RpcException.
    void startAsTask();

    /// Waits for its turn and enters the plugin, on this thread if it may be now.
    void start();

    /// The client does not want the answer any more; none goes out.
    void cancel(std::string_view reason);

    /// A client's answer to an input request of a task; false if it asks for no such key now.
    bool answerInput(const std::string& key, const base::JsonDocument::Element& answer);
    /// Goes on if everything that was asked for has been answered.
    void resumeIfAnswered();
    /// Of a task of a legacy client: what it asks, and has not yet asked, goes out on `stream` of `session`.
    void listenOn(const SessionPtr& session, const ResponseSinkPtr& stream);

    /// Looks at the clock: tells the plugin that the deadline has passed, and, after a grace time, answers in its place.
    void checkDeadline(std::int64_t nowMs);

    [[nodiscard]] bool ended() const { return (_state.load() & ENDED) != 0; }
    [[nodiscard]] bool isTask() const { return _isTask; }

    // plugin::CallBackend
    [[nodiscard]] simdjson::dom::element arguments() const override { return _arguments; }
    [[nodiscard]] bool hasMeta() const override { return _context.hasMeta; }
    [[nodiscard]] simdjson::dom::element meta() const override { return _context.meta; }
    [[nodiscard]] std::string_view principalName() const override;
    [[nodiscard]] std::string_view sessionId() const override;
    [[nodiscard]] std::string_view traceparent() const override { return _context.trace.traceparent; }
    [[nodiscard]] std::string_view tracestate() const override { return _context.trace.tracestate; }
    [[nodiscard]] std::string_view baggage() const override { return _context.trace.baggage; }
    [[nodiscard]] std::uint64_t deadlineMs() const override { return static_cast<std::uint64_t>(timeoutMs()); }
    tenon_status finish(std::string&& result, bool wellFormed) override;
    tenon_status fail(tenon_status status, std::string_view message) override;
    void inputPending() override;
    tenon_status progress(double done, double total, std::string_view message) override;
    tenon_status log(tenon_log_level level, std::string_view logger, std::string_view dataJson) override;
    [[nodiscard]] bool isCancelled() const override { return _cancelled.load(std::memory_order_relaxed); }
    [[nodiscard]] bool clientHas(tenon_client_feature feature) const override;
    plugin::InputOutcome requestInput(std::string_view key, std::string_view request) override;
    tenon_status remember(std::string_view key, std::string_view value) override;
    bool recall(std::string_view key, std::string_view& value) override;
    tenon_status releaseStream(std::uint32_t retryMs) override;
    tenon_status beginTask() override;

    // DisconnectListener: on modern HTTP the stream's end is the cancellation.
    void disconnected() override;

private:
    enum State : unsigned
    {
        ENDED = 1,     ///< it has its answer, or needs none
        RETURNED = 2,  ///< the plugin's function is not running
        ADMITTED = 4,  ///< it counts against the tool's concurrency
        PARKED = 8,    ///< but holds no thread: the function has returned and ends the call later
        ENTERING = 16, ///< `Instance::enter` has not returned
        PENDING = 32   ///< meanwhile the function said that it waits for input
    };
    /// What was asked of the client in this round.
    struct Question
    {
        std::string method;
        std::string request;   ///< JSON text
        std::string requestId; ///< legacy: the id under which it went out; empty: not yet
        SessionPtr session;    ///< legacy: the one that `requestId` belongs to
    };

    void enter();
    void left(tenon_status status);
    [[nodiscard]] std::string_view who() const;
    [[nodiscard]] std::int64_t timeoutMs() const;
    bool claimEnd();
    void conclude();
    void leaveAdmission();
    void failed(tenon_status status, std::string_view message);
    void endWithError(jsonrpc::ErrorKind kind, std::string_view message, std::string_view data = {});
    void endWithToolError(std::string_view text);
    void endLate();
    void deliver(std::string_view head, std::string_view rest);
    void deliverError(jsonrpc::ErrorKind kind, std::string_view message, std::string_view data);
    void lacks(std::string capability);
    void askClient();
    void askByResult();
    void askOnStream();
    void askInTask();
    void answered(const std::string& key, const jsonrpc::Message& message);
    void forgetQuestions();
    [[nodiscard]] bool acceptable(const Question& question, const base::JsonDocument::Element& answer) const;
    [[nodiscard]] std::string binding() const;
    ResponseSinkPtr stream();
    [[nodiscard]] ResponseSinkPtr sink() const;
    void notifyClient(std::string_view message);
    void reenter();
    void restartClock();
    void record(bool failure);

    // Constant after construction.
    Protocol& _protocol;
    RequestContext _context; ///< but for `sink`: guarded by _mutex
    const CatalogueViewPtr _view;
    const Target _target;
    const base::JsonDocumentPtr _argumentsDocument;
    const base::JsonDocument::Element _arguments;
    const std::int64_t _timeoutMs; ///< 0: none
    const Poco::Timestamp _startedAt;
    bool _started = false; ///< `start` was called: whoever drops the call owes an answer

    // Synchronised by themselves.
    std::atomic<unsigned> _state{RETURNED};
    std::atomic<bool> _cancelled{false};
    std::string _taskId; ///< written once, before _isTask
    std::atomic<bool> _isTask{false};
    std::atomic<bool> _overdue{false};        ///< the deadline has passed and the plugin was told
    std::atomic<std::int64_t> _deadlineAt{0}; ///< Session::now(); 0: none, as while a person is asked

    std::mutex _progressMutex; // guards _lastProgress while it is sent, so that what leaves grows; before _mutex
    double _lastProgress = -1;

    mutable std::mutex _mutex;                             // guards all below; before those of sessions and streams
    std::map<std::string, base::JsonDocumentPtr> _answers; ///< by key; null: the client answered with an error
    std::map<std::string, Question> _questions;            ///< of this round, unanswered
    bool _asked = false;                                   ///< this round has questions, answered or not
    bool _waiting = false; ///< the plugin has returned to be entered again when they are answered
    plugin::Memories _memories;
    std::set<std::string> _askedKeys; ///< of a task: every key is used once
    std::string _unsupported;         ///< why the client could not be asked; empty: it could
    std::string _missingCapability;   ///< JSON; what a question needed and the client lacks
    std::shared_ptr<SessionStream> _sessionStream;
    SessionPtr _resultSession; ///< of a task: whose tasks/result waits, and where
    ResponseSinkPtr _resultStream;

    // The list of running calls, guarded by CallTable.
    friend class CallTable;
    Call* _previous = nullptr;
    Call* _next = nullptr;
    bool _listed = false;
};

using CallPtr = std::shared_ptr<Call>;

} // namespace tenon::mcp
