#pragma once

#include "base/json/JsonWriter.h"
#include "client/Client.h"

#include <atomic>
#include <set>
#include <string>

namespace tenon::client
{

/// Stands between the sessions of a client and its handler: notes what the client itself has to know.
///
/// Threading: any thread.
class Client::Relay : public ClientHandler
{
public:
    Relay(ClientHandler& handler, ListingCache& lists, HealthTracker& health)
        : _handler(handler), _lists(lists), _health(health)
    {
    }

    void begin() { _gone = false; }
    [[nodiscard]] bool isGone() const { return _gone; }

    [[nodiscard]] Abilities abilities() const override { return _handler.abilities(); }

    [[nodiscard]] std::string answer(std::string_view method, const base::JsonDocument::Element* params) override
    {
        return _handler.answer(method, params);
    }

    bool takeQuestion(const Question& question) override { return _handler.takeQuestion(question); }

    void onNotification(std::string_view method, const base::JsonDocument::Element* params,
                        std::string_view related) override
    {
        _lists.onNotification(method);
        _handler.onNotification(method, params, related);
    }

    void onGone(const ClientException& why) override
    {
        _gone = true;
        _health.gone(why.message());
        _handler.onGone(why);
    }

private:
    ClientHandler& _handler;
    ListingCache& _lists;
    HealthTracker& _health;
    std::atomic<bool> _gone{false};
};

/// Keeps listening: `subscriptions/listen` anew whenever it ends, or the subscriptions of a legacy session.
///
/// Threading: any thread.
class Client::Listener
{
public:
    Listener(Interest interest, base::Timers& timers) : _state(std::make_shared<State>(std::move(interest), timers)) {}

    ~Listener()
    {
        std::shared_ptr<ClientSession> session;
        std::string id;
        {
            const std::lock_guard lock(_state->mutex);
            _state->ended = true;
            session = _state->session.lock();
            id = _state->requestId;
        }
        if (session && !id.empty())
            session->cancel(id, "another subscription takes its place");
    }

    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Listens on this session from now on; `before`, `told`: see `begin`.
    void attach(const std::shared_ptr<ClientSession>& session, const std::set<std::string>& before = {},
                const Completion& told = {})
    {
        begin(_state, session, FIRST_PAUSE_MS, before, told);
    }

    /// The URIs that this legacy session has been asked for.
    [[nodiscard]] std::set<std::string> subscribedOn(const std::shared_ptr<ClientSession>& session) const
    {
        const std::lock_guard lock(_state->mutex);
        if (session->modern() || _state->session.lock() != session)
            return {};
        std::set<std::string> uris(_state->interest.uris.begin(), _state->interest.uris.end());
        for (const auto& refused : _state->refused)
            uris.erase(refused);
        return uris;
    }

private:
    static constexpr int FIRST_PAUSE_MS = 500;
    static constexpr int LONGEST_PAUSE_MS = 30'000;

    struct State
    {
        State(Interest wanted, base::Timers& clock) : interest(std::move(wanted)), timers(clock) {}

        const Interest interest;
        base::Timers& timers;
        std::mutex mutex; // guards all below
        bool ended = false;
        std::set<std::string> refused;        ///< URIs that a legacy server does not tell of
        std::weak_ptr<ClientSession> session; ///< that listens; a modern one with this request
        std::string requestId;
    };

    static std::string filterOf(const Interest& interest)
    {
        std::string text;
        base::JsonWriter writer(text);
        writer.beginObject().key("notifications").beginObject();
        if (interest.tools)
            writer.member("toolsListChanged", true);
        if (interest.prompts)
            writer.member("promptsListChanged", true);
        if (interest.resources)
            writer.member("resourcesListChanged", true);
        if (!interest.uris.empty())
        {
            writer.key("resourceSubscriptions").beginArray();
            for (const std::string& uri : interest.uris)
                writer.value(uri);
            writer.endArray();
        }
        writer.endObject().endObject();
        return text;
    }

    /// Shape: a legacy server is not asked again for what is in `before`; `told` as for `Client::listen`.
    static void begin(const std::shared_ptr<State>& state, const std::weak_ptr<ClientSession>& weak, int pauseMs,
                      const std::set<std::string>& before = {}, const Completion& told = {})
    {
        const auto session = weak.lock();
        {
            const std::lock_guard lock(state->mutex);
            if (state->ended || !session)
                return;
            state->session = weak;
        }
        RequestOptions options;
        if (!session->modern())
        {
            bool asked = false;
            session->listen();
            for (const std::string& uri : state->interest.uris)
            {
                if (before.contains(uri))
                    continue;
                std::string params;
                base::JsonWriter(params).beginObject().member("uri", uri).endObject();
                asked = true;
                (void)session->start("resources/subscribe", params, options,
                                     [state, uri, told](Outcome outcome)
                                     {
                                         if (outcome.fault)
                                         {
                                             const std::lock_guard lock(state->mutex);
                                             state->refused.insert(uri);
                                         }
                                         if (told)
                                             told(std::move(outcome));
                                     });
            }
            if (!asked && told)
                told({});
            return;
        }
        options.timeoutMs = 0;
        const auto id = session->start("subscriptions/listen", filterOf(state->interest), options,
                                       [state, weak, pauseMs](const Outcome& outcome)
                                       {
                                           // A server that does not know the method will not know it in a minute.
                                           const Fault fault =
                                               outcome.fault ? outcome.fault->fault() : Fault::UNREACHABLE;
                                           if (fault != Fault::UNREACHABLE && fault != Fault::PROTOCOL)
                                               return;
                                           const int next = std::min(pauseMs * 2, LONGEST_PAUSE_MS);
                                           state->timers.after(std::chrono::milliseconds(pauseMs),
                                                               [state, weak, next] { begin(state, weak, next); });
                                       });
        {
            const std::lock_guard lock(state->mutex);
            state->requestId = id;
        }
        if (told)
            told({});
    }

    const std::shared_ptr<State> _state;
};

} // namespace tenon::client
