#pragma once

#include "base/threads/MadeOnce.h"
#include "mcp/calls/CallLife.h"
#include "mcp/calls/CallOutcome.h"
#include "mcp/calls/CallServices.h"
#include "mcp/calls/CallStream.h"
#include "mcp/calls/CallTarget.h"
#include "mcp/calls/Dialogue.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/offer/CatalogueView.h"
#include "mcp/tasks/TaskWork.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tenon::mcp
{

/// One request that a plugin answers: from its entry, over rounds of questions to the client, to its one answer.
///
/// It ties together its life in the plugin (CallLife), what it asks its client, if it does (Dialogue), what it sends
/// (CallStream) and what becomes of it (CallOutcome), and is what the plugin, the session and the task know of it. The
/// plugin's function may be entered several times, by different threads one after the other; the answer may come from any
/// thread, or from the clock. Whoever ends the call first decides; everything later is dropped.
///
/// Threading: any thread.
/// Ownership: held by whoever runs it, by the plugin through its `tenon_call`, and by the session or task that can cancel
///            it. It keeps its catalogue, so that its plugin stays loaded.
class Call : public plugin::CallBackend,
             public DisconnectListener,
             public RunningRequest,
             public TaskWork,
             public std::enable_shared_from_this<Call>,
             private CallLife::Owner
{
public:
    /// Makes the call that a request asks for, with what the client answers to earlier questions.
    ///
    /// Shape:     `arguments` is an object that `argumentsDocument` keeps; null: the context's document does, or it stays
    ///            for ever.
    /// Errors:    RpcException; the context is given back then.
    /// Ownership: takes the context.
    [[nodiscard]] static std::shared_ptr<Call> of(const CallServices& services, RequestContext& context,
                                                  CatalogueViewPtr&& view, CallTarget&& target,
                                                  base::JsonDocumentPtr&& argumentsDocument,
                                                  base::JsonDocument::Element arguments);

    /// As `of`, but for the answers.
    Call(const CallServices& services, RequestContext&& context, CatalogueViewPtr&& view, CallTarget&& target,
         base::JsonDocumentPtr&& argumentsDocument, base::JsonDocument::Element arguments);
    ~Call() override;

    /// Makes the call a task before it is entered. The client has its task on return. Errors: RpcException.
    void startAsTask();

    /// Gives the context to whoever answers in the place of a call that was not started.
    [[nodiscard]] RequestContext&& giveBack() { return std::move(_context); }

    /// Waits for its turn and enters the plugin, on this thread if it may be now.
    static void start(std::shared_ptr<Call> call);

    /// Looks at the clock: tells the plugin that the deadline has passed, and, after a grace time, answers in its place.
    void checkDeadline(std::int64_t nowMs);

    [[nodiscard]] bool ended() const { return _life.ended(); }

    // RunningRequest
    void withdraw(std::string_view reason) override;
    void abandon(jsonrpc::ErrorKind kind, std::string_view message) override;

    // TaskWork
    void cancelTask(std::string_view reason) override { cancel(reason); }
    bool answerInput(const std::string& key, const base::JsonDocument::Element& answer) override;
    void resumeIfAnswered() override;
    void listenOn(const SessionPtr& session, const ResponseSinkPtr& stream) override;

    // plugin::CallBackend
    [[nodiscard]] simdjson::dom::element arguments() const override { return _arguments; }
    [[nodiscard]] plugin::CallOrigin origin() const override;
    [[nodiscard]] std::string_view principalId() const override;
    [[nodiscard]] base::ForwardedTokenPtr token() const override { return _context.principal->token; }
    [[nodiscard]] std::size_t maxResultBytes() const override { return _mostBytes; }
    [[nodiscard]] std::uint64_t deadlineMs() const override { return static_cast<std::uint64_t>(_life.timeoutMs()); }
    tenon_status finish(std::string&& result, const plugin::ResultShape* shape) override;
    tenon_status fail(tenon_status status, std::string_view message) override;
    void inputPending() override { _life.pending(); }
    tenon_status progress(double done, double total, std::string_view message) override
    {
        return mayHave(message) ? _stream.progress(done, total, message) : TENON_ERROR_RESOURCES;
    }
    tenon_status emit(std::string_view type, std::string_view dataJson) override
    {
        return mayHave(dataJson) ? _stream.emit(type, dataJson) : TENON_ERROR_RESOURCES;
    }
    tenon_status log(tenon_log_level level, std::string_view logger, std::string_view dataJson) override
    {
        return mayHave(dataJson) ? _stream.log(level, logger, dataJson) : TENON_ERROR_RESOURCES;
    }
    [[nodiscard]] bool isCancelled() const override { return _life.cancelled() || clientHasGone(); }
    [[nodiscard]] bool clientHas(tenon_client_feature feature) const override;
    plugin::InputOutcome requestInput(std::string_view key, std::string_view request) override;
    tenon_status remember(std::string_view key, std::string_view value) override
    {
        return dialogue().questions.remember(key, value);
    }
    bool recall(std::string_view key, std::string_view& value) override
    {
        const auto dialogue = _dialogue.get();
        return dialogue && dialogue->questions.recall(key, value);
    }
    tenon_status releaseStream(std::uint32_t retryMs) override;
    tenon_status beginTask() override;

    // DisconnectListener
    void disconnected() override;

    CallTable::Place place; ///< guarded by the table

private:
    // CallLife::Owner
    void onFailure(tenon_status status) override;
    void onRefusal() override;
    void onQuestions() override;

    Dialogue& dialogue() { return _dialogue.orMake(_services, _context, _target, _arguments, _life, _stream); }
    [[nodiscard]] std::optional<Questions::Refusal> refusal() const;
    /// On modern HTTP the end of the response's stream is the cancellation.
    [[nodiscard]] bool endsWithItsClient() const { return _context.modern() && !_context.session && !_stream.isTask(); }
    /// What it says along the way may be as large as its result.
    [[nodiscard]] bool mayHave(std::string_view text) const { return text.size() <= _mostBytes; }
    [[nodiscard]] bool clientHasGone() const { return endsWithItsClient() && _context.sink->closed(); }
    void cancel(std::string_view reason);
    template <typename Give>
    void conclude(Give give) noexcept;
    template <typename Give>
    bool end(Give give) noexcept;
    void leave() noexcept;
    void askOnStream();
    void answered(const std::string& key, const jsonrpc::Message& message);

    // Constant after construction.
    const CallServices& _services;
    RequestContext _context;
    const CatalogueViewPtr _view;
    const CallTarget _target;
    const ToolMetrics* const _metrics; ///< null: the target is no tool
    const std::size_t _mostBytes;      ///< of its result
    const base::JsonDocumentPtr _argumentsDocument;
    const base::JsonDocument::Element _arguments;
    bool _started = false; ///< `start` was called: whoever drops the call owes an answer

    // Synchronised by themselves.
    CallLife _life;
    CallStream _stream;
    base::MadeOnce<Dialogue> _dialogue;

    CallOutcome _outcome; ///< for whoever has claimed the end
};

using CallPtr = std::shared_ptr<Call>;

} // namespace tenon::mcp
