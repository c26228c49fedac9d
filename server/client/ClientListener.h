#pragma once

#include "client/Client.h"

#include <memory>
#include <set>
#include <string>

namespace tenon::client
{

/// Keeps listening: `subscriptions/listen` anew whenever it ends, or the subscriptions of a legacy session.
///
/// Threading: any thread.
/// Spec:      2026-07-28, Subscriptions; legacy revisions, Resources, Subscriptions.
class Client::Listener
{
public:
    Listener(Interest interest, base::Timers& timers);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Listens on this session from now on.
    ///
    /// Shape: what is in `before` a legacy server is not asked for again; `told` as for `Client::listen`, about the others.
    void attach(const std::shared_ptr<ClientSession>& session, const std::set<std::string>& before = {},
                const Completion& told = {});

    /// The URIs that this session has been asked for and did not refuse.
    [[nodiscard]] std::set<std::string> subscribedOn(const std::shared_ptr<ClientSession>& session) const;

private:
    struct State;
    using StatePtr = std::shared_ptr<State>;

    static void begin(const StatePtr& state, const std::weak_ptr<ClientSession>& weak, int pauseMs,
                      const std::set<std::string>& before, const Completion& told);
    static void subscribe(const StatePtr& state, ClientSession& session, const std::set<std::string>& before,
                          const Completion& told);
    static void listen(const StatePtr& state, const std::shared_ptr<ClientSession>& session, int pauseMs,
                       const std::set<std::string>& before, const Completion& told);

    const StatePtr _state;
};

} // namespace tenon::client
