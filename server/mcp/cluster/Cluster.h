#pragma once

#include "mcp/Services.h"
#include "mcp/cluster/Errands.h"
#include "mcp/cluster/Inbox.h"
#include "mcp/cluster/KeptMessage.h"
#include "mcp/cluster/Membership.h"
#include "mcp/cluster/SharedSessions.h"
#include "mcp/cluster/SharedStreams.h"
#include "mcp/cluster/SharedTasks.h"
#include "mcp/cluster/SureLetters.h"
#include "mcp/sessions/Sessions.h"
#include "mcp/subscriptions/Subscriptions.h"
#include "mcp/tasks/Tasks.h"
#include "store/Bus.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// This instance among others, or after a start that found what the last one kept: what a client asks for that is not here
/// is fetched, or asked of the instance that has it.
///
/// A session is wherever its client comes with it: its record is fetched on first use. Calls and tasks stay where they began,
/// and so do streams: who resumes one elsewhere is connected to it through that instance, as long as it lives. News go to
/// all.
///
/// Threading: any thread. Nothing blocks.
/// Ownership: borrows the services, and the parts that `join` names until `stop`.
class Cluster final : public OtherInstances, public NewsForOthers, private store::BusListener
{
public:
    /// What messages come back to.
    struct Hands
    {
        Inbox::Handle handle;
        std::function<std::string()> describe; ///< this instance for the others: a JSON object
    };

    explicit Cluster(Services& services);
    ~Cluster() override;

    void join(Sessions& sessions, Subscriptions& subscriptions, Tasks& tasks);
    /// From here on others reach this instance.
    void start(Hands hands);
    void onPost(Inbox::Post post);
    /// Others reach it no more.
    void stop();

    // ---- sessions

    /// Whether the message names a session that is not here: it is fetched then, and the message handled again.
    bool awaitsSession(const IncomingMessage& incoming, const ResponseSinkPtr& sink);

    /// The same for what is no message. `then` runs on the executor, with null and why if there is none.
    void fetch(const base::PrincipalPtr& principal, const std::string& id, const Allowance& allowance,
               std::function<void(store::Outcome, const SessionPtr&)> then);

    /// What was agreed is written down; `then` runs once others can know.
    void agreed(const SessionPtr& session, std::function<void()> then)
    {
        _sharedSessions->keep(session, std::move(then));
    }
    void levelChanged(const SessionPtr& session, std::function<void()> then);
    /// Ends it for all; `then` learns whether that is certain by now.
    void ended(const std::string& sessionId, std::function<void(store::Outcome)> then = nullptr);
    /// The same for one that is not here, whoever's it is. UNKNOWN: there is none; AWAY: that cannot be said, or it may live
    /// on at some instance.
    void endElsewhere(const std::string& sessionId, std::function<void(store::Outcome)> then);
    void opened(const SessionPtr& session); ///< a stream for messages that belong to no request

    /// A response to a request of another instance, which gets it however often it has to be sent; `then` runs once that
    /// is so. A cancellation of what runs at one.
    void respond(const Session& session, const jsonrpc::Message& message, std::function<void()> then);
    void cancel(const Session& session, std::string_view requestId, std::string_view reason);

    /// A stream that is not here. The sink gets the rest of it, or an error.
    void resume(const SessionPtr& session, const std::string& streamId, std::uint64_t index,
                const ResponseSinkPtr& sink);

    /// Hands what was POSTed for the stream of `sessionId` to the instance that has it, or, where the id names nobody, to
    /// every other one. Gives how many were asked: each has its answer for the sink that `sinkFor` makes.
    std::size_t post(std::string_view sessionId, const std::vector<std::string>& fields,
                     const std::function<ResponseSinkPtr()>& sinkFor);

    // ---- tasks

    /// Whether the message is about a task that is not here: it is handed to the instance that has it, or the task is
    /// taken over and the message handled again.
    bool awaitsTask(std::string_view taskId, const IncomingMessage& incoming, const ResponseSinkPtr& sink);
    void keepTask(const store::TaskRecord& task, std::function<void()> then = nullptr);
    [[nodiscard]] SharedTasks& tasks() { return *_sharedTasks; }

    // ---- for operators

    void broadcast(const std::string& body);
    [[nodiscard]] std::vector<store::Member> members() const { return _membership.members(); }
    [[nodiscard]] bool away() const { return _services.archive->away(); }

    // OtherInstances
    bool notify(const std::string& tag, const Session& session,
                const std::shared_ptr<const std::string>& message) override;

    // NewsForOthers
    void listsChanged(bool tools, bool resources, bool prompts) override;
    void updated(std::string_view uri) override;
    void taskNews(const store::TaskRecord& task) override;
    void subscribed(const Session& session, const std::string& uri, bool is, std::function<void()> then) override;

private:
    // store::BusListener
    void received(const std::string& from, std::string_view message) override;
    void members(const std::vector<store::Member>& members) override;
    void lapsed() override;

    void again(const KeptMessagePtr& kept, const ResponseSinkPtr& sink);
    void takeTask(const std::string& id, const KeptMessagePtr& kept, const ResponseSinkPtr& sink);
    void askOwnerToEnd(const std::string& sessionId, const std::function<void(store::Outcome)>& then);
    void toOthers(const Letter& letter);
    /// `then` runs when all others have it, or a second is over.
    void surelyToOthers(const Letter& letter, bool again, std::function<void()> then);
    void tick();
    void returned();
    void holdHere(const SessionPtr& session);
    [[nodiscard]] bool unsure() const;
    [[nodiscard]] bool doubtful() const;

    Services& _services;
    const std::shared_ptr<Errands> _errands; ///< null without a bus, as the next
    const std::unique_ptr<SureLetters> _surely;
    Membership _membership;

    // Constant from `join` on.
    Sessions* _sessions = nullptr;
    Subscriptions* _subscriptions = nullptr;
    std::unique_ptr<SharedSessions> _sharedSessions;
    std::unique_ptr<SharedStreams> _sharedStreams;
    std::unique_ptr<SharedTasks> _sharedTasks;
    std::unique_ptr<Inbox> _inbox; ///< null without a bus

    Hands _hands; ///< constant from `start` on, as the next
    base::Timers::Id _clock = 0;
    std::atomic<std::int64_t> _unsureUntil{0}; ///< base::steadyMs: others may have taken over tasks of this instance
    std::atomic<bool> _stalled{false};         ///< it did not run when that began
};

} // namespace tenon::mcp
