#pragma once

#include "client/Client.h"
#include "plugin/call/Instance.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// What a call sends to the upstream server.
struct UpstreamRequest
{
    std::string method;
    std::string params;     ///< JSON
    std::string name;       ///< of the tool or prompt, or the URI: what HTTP requests name in a header; may be empty
    std::string arguments;  ///< JSON; of a tool
    bool safe = false;      ///< may be sent again if its answer was lost
    bool needsTask = false; ///< the server runs it only as a task
    std::string round;      ///< what a modern server asked before, as `roundOf` has it; empty: nothing
    std::string logLevel;   ///< for a modern server; empty: none
};

/// One entry into a server behind this one: from its request, over what the server asks in between, to its answer.
///
/// A client that is asked answers later: on a modern revision with another request. The request to the server goes on
/// meanwhile, without a caller ("parked"), until the caller is back with its answers. What a modern server asks needs no
/// parking: its state comes with the question and goes back with the answers.
///
/// Threading: any thread.
class UpstreamCall : public std::enable_shared_from_this<UpstreamCall>
{
public:
    using Clock = std::chrono::steady_clock;
    using Answer = std::function<void(const std::string& result)>;
    using Refuse = std::function<void(int code, const std::string& why)>;

    /// What calls need of the instance that they enter.
    class Host
    {
    public:
        virtual ~Host() = default;
        /// Keeps a call whose caller is away, and names it.
        virtual std::string park(const std::shared_ptr<UpstreamCall>& call) = 0;
        /// Runs `again`'s request once more, over a new session.
        virtual void restart(const std::shared_ptr<UpstreamCall>& call) = 0;
        /// Whether the server answered a request, with whatever.
        virtual void answered(bool did) = 0;
        /// The call has ended.
        virtual void ended(UpstreamCall& call) = 0;
        [[nodiscard]] virtual const std::string& upstreamName() const = 0;
    };

    /// Shape: `token` is what the caller is let in with there; null: whatever lets everybody in.
    UpstreamCall(Host& host, UpstreamRequest request, CallBackendPtr caller, base::ForwardedTokenPtr token = nullptr);

    /// Sends the request over a session that is open.
    void send(client::Client& client, const std::shared_ptr<client::ClientSession>& session);

    /// The request cannot be sent.
    void fail(const std::string& why);

    /// The caller is back.
    void resume(const CallBackendPtr& caller);

    /// The server asks the caller, on a legacy session.
    void ask(std::string_view method, const base::JsonDocument::Element* params, Answer answer, Refuse refuse);

    /// The server logs something that belongs to this call.
    void log(tenon_log_level level, std::string_view logger, std::string_view dataJson);

    /// Takes the request back if nobody wants its answer any more. True: it has ended.
    bool look(Clock::time_point now, std::chrono::milliseconds answerWithin);

    [[nodiscard]] const std::string& session() const { return _session; } ///< whose it is
    [[nodiscard]] const base::ForwardedTokenPtr& token() const { return _token; }
    [[nodiscard]] bool parked() const;
    [[nodiscard]] std::string requestId() const;
    [[nodiscard]] const UpstreamRequest& request() const { return _request; }

    /// The session that no longer knows us, and made the call start again; null: none.
    [[nodiscard]] std::shared_ptr<client::ClientSession> takeGone();

private:
    struct Question
    {
        std::string key, request;
        Answer answer;
        Refuse refuse;
    };

    void completed(client::Outcome outcome);
    void failedWith(const client::ClientException& fault);
    tenon_status askRound(const CallBackendPtr& caller, const std::string& round, std::string& more);
    [[nodiscard]] std::string answersSoFar();
    [[nodiscard]] client::Outcome followTask(client::Client& client, client::ClientSession& session, std::string params,
                                             client::RequestOptions options);
    void put(const CallBackendPtr& caller);
    void finish(std::string result);
    void end(tenon_status status, const std::string& why);
    void sendAgain(const std::string& more);
    void takeBack();
    [[nodiscard]] CallBackendPtr caller() const;

    Host& _host;
    const UpstreamRequest _request;
    const base::ForwardedTokenPtr _token;
    const std::string _session;
    const bool _legacyCaller;

    mutable std::mutex _mutex;         // guards all below; held while the caller is asked
    CallBackendPtr _caller;            ///< null: parked, or ended
    std::weak_ptr<CallBackend> _last;  ///< the caller before it was parked
    client::Client* _client = nullptr; ///< outlives its sessions' completions
    std::weak_ptr<client::ClientSession> _over;
    std::string _requestId;
    std::shared_ptr<client::Cancellation> _cancellation; ///< of a task
    std::shared_ptr<client::ClientSession> _gone;
    std::vector<Question> _questions; ///< of a legacy server, unanswered
    unsigned _asked = 0;
    std::string _result; ///< that came while the caller was away
    std::string _fault;  ///< likewise
    Clock::time_point _parkedSince;
    bool _again = false; ///< it was sent a second time
    bool _ended = false;
};

} // namespace tenon::plugin
