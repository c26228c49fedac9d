#pragma once

#include "base/limits/HolderBudgets.h"
#include "mcp/messages/RequestContext.h"
#include "mcp/sessions/SubscribedUris.h"
#include "mcp/subscriptions/HeldResources.h"

#include <Poco/Timestamp.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// What a `subscriptions/listen` request asks for, as far as it may.
struct ListenFilter
{
    bool tools = false, prompts = false, resources = false;
    bool namesTasks = false, namesUris = false; ///< the acknowledgement has these members, with what is granted of them
    std::vector<std::string> taskIds;           ///< the principal's own
    std::vector<std::string> uris;              ///< that the principal may read, each once; plugins have not been asked
};

/// One `subscriptions/listen` request, from its arrival to the end of its stream.
///
/// First it gathers: the plugins of its resources are told, some at a time. Then it is open: its client has the
/// acknowledgement, with what was granted by then, and gets news. Then it is over.
///
/// Threading: any thread.
/// Ownership: held by its Subscriptions, and by plugins that have not yet answered.
class Listener : public DisconnectListener, public std::enable_shared_from_this<Listener>
{
public:
    using Gone = std::function<void(const std::shared_ptr<Listener>&)>;

    /// Shape: `share` counts the names; `gone` is told of the client's going, on a thread of the transport.
    Listener(const RequestContext& context, ListenFilter filter, base::HolderShare share, Gone gone);

    // Constant after construction.
    const std::string id; ///< of this server's making
    const ResponseSinkPtr sink;
    const std::string requestId;
    const std::weak_ptr<Session> connection;
    const base::PrincipalPtr principal;
    const Transport transport;
    const Poco::Timestamp openedAt;
    const ListenFilter filter;

    /// Asks the plugins, and calls `gathered` when all have answered, on the last one's thread or this one.
    void gather(const std::shared_ptr<HeldResources>& held, const std::function<void()>& gathered);

    /// Sends the acknowledgement; whatever has not been granted by now is not. False if that was done, or it is over.
    bool acknowledge();
    [[nodiscard]] bool isOpen() const { return _open.load(std::memory_order_acquire); }

    /// Ends it, and gives the resources that are to be released; none the second time.
    [[nodiscard]] std::vector<std::string> close();

    // Of an open one.
    /// The form in which its client asked for `normal`, a base::normalUri; empty: it did not.
    [[nodiscard]] std::string_view formOf(std::string_view normal) const { return _uris.formOf(normal); }
    [[nodiscard]] bool hasTask(std::string_view taskId) const { return _taskIds.find(taskId) != _taskIds.end(); }

    /// Whether the client asked for this notification; `uri` is its params'.
    [[nodiscard]] bool carries(std::string_view method, std::string_view uri) const;

    /// Sends a notification; `members` are its params' without braces.
    void notify(std::string_view method, std::string_view members) const;
    [[nodiscard]] std::uint64_t eventsSent() const { return _events.load(); }

    /// Sends the result that ends it, after whatever is being sent. Shape: `members` of the result.
    void finish(std::string_view members) const;
    /// `"_meta":` with the id of the subscription, without its closing brace.
    [[nodiscard]] std::string metaHead() const;

    void disconnected() override { _gone(shared_from_this()); }

private:
    enum class Phase
    {
        GATHERING,
        OPEN,
        OVER
    };

    bool next(std::string& uri, bool& complete);
    void settled(const std::shared_ptr<HeldResources>& held, const std::function<void()>& gathered,
                 const std::string& uri, tenon_status status);
    [[nodiscard]] std::string honoured() const;
    void send(std::string_view method, std::string_view members) const;

    const std::set<std::string, std::less<>> _taskIds;
    const base::HolderShare _share;
    const Gone _gone;
    mutable std::atomic<std::uint64_t> _events{0};
    std::atomic<bool> _open{false};

    mutable std::mutex _order; ///< held while something is sent: nothing may come before the acknowledgement

    std::mutex _mutex; // guards all below, but for `_uris` once it is open
    Phase _phase = Phase::GATHERING;
    SubscribedUris _uris;     ///< that are held
    std::size_t _asked = 0;   ///< of the filter's
    std::size_t _pending = 0; ///< of these
    bool _asking = false;     ///< a thread is in `gather`
};

using ListenerPtr = std::shared_ptr<Listener>;

} // namespace tenon::mcp
