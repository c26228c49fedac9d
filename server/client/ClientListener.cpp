#include "client/ClientListener.h"

#include "base/json/JsonWriter.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace tenon::client
{

namespace
{

constexpr int FIRST_PAUSE_MS = 500;
constexpr int LONGEST_PAUSE_MS = 30'000;

std::string filterOf(const Interest& interest)
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

/// The URIs in what a server acknowledges.
std::set<std::string, std::less<>> urisIn(const base::JsonDocument::Element& granted)
{
    std::set<std::string, std::less<>> uris;
    base::JsonDocument::Element member;
    simdjson::dom::array list;
    if (base::findMember(granted, "resourceSubscriptions", member) && !member.get(list))
        for (const auto& one : list)
            if (std::string_view uri; !one.get(uri))
                uris.emplace(uri);
    return uris;
}

} // namespace

struct Client::Listener::State
{
    /// Who waits to hear what becomes of these URIs.
    struct Asked
    {
        std::vector<std::string> uris;
        Completion told;

        /// Each URI is `granted`, or not for that reason.
        void tell(const std::function<bool(const std::string&)>& granted, const ClientException& why) const
        {
            for (const std::string& uri : uris)
                told(granted(uri) ? Outcome() : failedOutcome(why));
        }
    };

    State(Interest wanted, base::Timers& clock) : interest(std::move(wanted)), timers(clock) {}

    [[nodiscard]] Asked takeAsked()
    {
        const std::lock_guard lock(mutex);
        return std::exchange(asked, {});
    }

    const Interest interest;
    base::Timers& timers;
    std::mutex mutex; // guards all below
    bool ended = false;
    std::set<std::string> refused;        ///< URIs that the server does not tell of
    std::weak_ptr<ClientSession> session; ///< that listens; a modern one with this request
    std::string requestId;
    Asked asked; ///< of a modern server, which has not acknowledged them
};

Client::Listener::Listener(Interest interest, base::Timers& timers)
    : _state(std::make_shared<State>(std::move(interest), timers))
{
}

Client::Listener::~Listener()
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

void Client::Listener::attach(const std::shared_ptr<ClientSession>& session, const std::set<std::string>& before,
                              const Completion& told)
{
    begin(_state, session, FIRST_PAUSE_MS, before, told);
}

std::set<std::string> Client::Listener::subscribedOn(const std::shared_ptr<ClientSession>& session) const
{
    const std::lock_guard lock(_state->mutex);
    if (_state->session.lock() != session)
        return {};
    std::set<std::string> uris(_state->interest.uris.begin(), _state->interest.uris.end());
    for (const auto& uri : _state->asked.uris)
        uris.erase(uri);
    for (const auto& uri : _state->refused)
        uris.erase(uri);
    return uris;
}

void Client::Listener::begin(const StatePtr& state, const std::weak_ptr<ClientSession>& weak, int pauseMs,
                             const std::set<std::string>& before, const Completion& told)
{
    const auto session = weak.lock();
    {
        const std::lock_guard lock(state->mutex);
        if (state->ended || !session)
            return;
        state->session = weak;
    }
    session->modern() ? listen(state, session, pauseMs, before, told) : subscribe(state, *session, before, told);
}

void Client::Listener::subscribe(const StatePtr& state, ClientSession& session, const std::set<std::string>& before,
                                 const Completion& told)
{
    bool asked = false;
    session.listen();
    for (const std::string& uri : state->interest.uris)
    {
        if (before.contains(uri))
            continue;
        std::string params;
        base::JsonWriter(params).beginObject().member("uri", uri).endObject();
        asked = true;
        (void)session.start("resources/subscribe", params, {},
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
}

void Client::Listener::listen(const StatePtr& state, const std::shared_ptr<ClientSession>& session, int pauseMs,
                              const std::set<std::string>& before, const Completion& told)
{
    State::Asked asked{{}, told};
    for (const std::string& uri : state->interest.uris)
        if (told && !before.contains(uri))
            asked.uris.push_back(uri);
    const bool asks = !asked.uris.empty();
    {
        const std::lock_guard lock(state->mutex);
        state->asked = std::move(asked);
    }
    RequestOptions options;
    options.timeoutMs = 0;
    options.onAcknowledged = [state](const base::JsonDocument::Element& acknowledged)
    {
        const auto granted = urisIn(acknowledged);
        const auto waiting = state->takeAsked();
        {
            const std::lock_guard lock(state->mutex);
            state->refused.clear();
            for (const std::string& uri : state->interest.uris)
                if (!granted.contains(uri))
                    state->refused.insert(uri);
        }
        waiting.tell([&](const std::string& uri) { return granted.contains(uri); },
                     ClientException(Fault::PROTOCOL, "the server does not tell of changes of this resource"));
    };
    const std::weak_ptr<ClientSession> weak = session;
    const auto id = session->start("subscriptions/listen", filterOf(state->interest), options,
                                   [state, weak, pauseMs](const Outcome& outcome)
                                   {
                                       const ClientException why =
                                           outcome.fault ? ClientException(*outcome.fault)
                                                         : ClientException(Fault::UNREACHABLE, "the server ended it");
                                       state->takeAsked().tell([](const std::string&) { return false; }, why);
                                       // A server that does not know the method will not know it in a minute.
                                       if (why.fault() != Fault::UNREACHABLE && why.fault() != Fault::PROTOCOL)
                                           return;
                                       const int next = std::min(pauseMs * 2, LONGEST_PAUSE_MS);
                                       state->timers.after(std::chrono::milliseconds(pauseMs),
                                                           [state, weak, next] { begin(state, weak, next, {}, {}); });
                                   });
    {
        const std::lock_guard lock(state->mutex);
        state->requestId = id;
    }
    if (!asks && told)
        told({});
}

} // namespace tenon::client
