#include "net/mcp/SseStreams.h"

#include "net/connection/Exchange.h"
#include "net/http/Negotiation.h"
#include "net/mcp/McpEndpoint.h"
#include "net/mcp/PlainPost.h"
#include "net/mcp/SseMessage.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace tenon::net
{

namespace
{

using namespace std::chrono_literals;

constexpr std::size_t MAX_ID_BYTES = 128;
constexpr auto LOOK = 250ms;
constexpr std::int64_t MAX_WAIT_SECONDS = 60;

/// What `?events=a,b` names.
std::vector<std::string> namesIn(std::string_view list)
{
    std::vector<std::string> names;
    while (!list.empty())
    {
        const std::size_t comma = list.find(',');
        if (comma != 0)
            names.emplace_back(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    }
    return names;
}

bool isPlainId(std::string_view id)
{
    return !id.empty() && id.size() <= MAX_ID_BYTES &&
           std::all_of(id.begin(), id.end(),
                       [](char c)
                       {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  c == '-' || c == '_' || c == '.';
                       });
}

std::optional<std::uint64_t> numberIn(std::string_view text)
{
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

/// "<stream>_<index>", as events of streams that resume have it.
std::pair<std::string_view, std::optional<std::uint64_t>> placeIn(std::string_view eventId)
{
    const std::size_t at = eventId.rfind('_');
    if (at == std::string_view::npos)
        return {};
    return {eventId.substr(0, at), numberIn(eventId.substr(at + 1))};
}

/// Tells how the connection stands, where a profile has an event for that.
void tellStatus(SseStream& stream, const SseStream::Profiles& profiles, std::string_view status)
{
    const std::string data = R"({"type":"connection-status","connectionId":"{id}","status":")" + std::string(status) +
                             R"(","timestamp":"{time}"})";
    for (const SseProfile* profile : profiles)
        if (!profile->statusEvent.empty())
            stream.sendEvent(profile->statusEvent, stream.fill(data, {}));
}

bool anyResumes(const SseStream::Profiles& profiles)
{
    return std::any_of(profiles.begin(), profiles.end(), [](const SseProfile* profile) { return profile->resumes; });
}

/// A stream that has begun in part, for want of memory, is nobody's: it would stay for ever, and its session with it.
template <typename Begin>
void beginWhole(SseStream& stream, Begin begin)
{
    try
    {
        begin();
    }
    catch (...)
    {
        stream.end("client");
        throw;
    }
}

} // namespace

SseStreams::SseStreams(mcp::Dispatcher& dispatcher, base::Timers& timers, base::Budget& budget,
                       const Settings& settings)
    : _dispatcher(dispatcher), _timers(timers), _budget(budget), _settings(settings)
{
}

SseStreams::~SseStreams()
{
    if (_watch != 0)
        _timers.cancel(_watch);
}

void SseStreams::watch()
{
    _watch = _timers.every(LOOK,
                           [weak = weak_from_this()]
                           {
                               if (const auto self = weak.lock())
                                   self->look();
                           });
}

std::string SseStreams::messagePath(const SseProfile& profile) const
{
    return profile.messagePath.empty() ? _settings.messagePath : std::string(profile.messagePath);
}

std::size_t SseStreams::count() const
{
    const std::lock_guard lock(_mutex);
    return _streams.size();
}

SseStreamPtr SseStreams::find(const base::PrincipalPtr& principal, std::string_view id) const
{
    const std::lock_guard lock(_mutex);
    const auto entry = _streams.find(SseStream::keyOf(principal, id));
    return entry == _streams.end() ? nullptr : entry->second;
}

void SseStreams::open(const Request& request, const ExchangePtr& exchange, const SseStream::Profiles& profiles)
{
    const SseProfile& first = *profiles.front();
    if (request.head.method != "GET")
        return exchange->refuse(405, "a stream is opened with GET", "Allow: GET, OPTIONS\r\n");
    if (first.idPlace == SseProfile::IdPlace::PATH && !isPlainId(request.rest))
        return exchange->refuse(400, "the session id in the path may hold letters, digits, '-', '_' and '.'");
    if (const auto full = exchange->takeStream(request))
        return exchange->refuse(full->status, full->message, RETRY_SOON);

    exchange->form().acceptsStream = true;
    exchange->form().event = first.notificationEvent;
    if (acceptsGzip(request.head.header(base::Field::ACCEPT_ENCODING)))
        exchange->form().gzipEventsFrom = _settings.gzipMinBytes;
    const std::vector<std::string> wanted = namesIn(queryValue(request.head.query, "events"));
    const bool beats = wanted.empty() || std::find(wanted.begin(), wanted.end(), "heartbeat") != wanted.end();
    exchange->setHeartbeat(beats ? first.heartbeat : std::string_view());
    if (const auto [id, index] = placeIn(request.head.header(base::Field::LAST_EVENT_ID)); index)
        if (const auto known = find(request.admission.principal, id);
            known && known->comeBack(exchange, wanted, *index))
            return tellStatus(*known, profiles, "reconnected");
    const SseStreamPtr stream = make(request, exchange, profiles);
    if (!stream)
        return;
    beginWhole(*stream,
               [&]
               {
                   stream->attach(exchange);
                   greet(*stream, profiles);
                   stream->want(wanted);
                   tellStatus(*stream, profiles, "connected");
               });
}

SseStreamPtr SseStreams::make(const Request& request, const ExchangePtr& exchange, const SseStream::Profiles& profiles)
{
    const bool chosen = profiles.front()->idPlace == SseProfile::IdPlace::PATH;
    const auto stream = std::make_shared<SseStream>(
        SseStream::Form{profiles, request.admission.principal,
                        anyResumes(profiles) && _settings.resumeMs != 0 ? _settings.streamQueueBytes : 0, _budget,
                        _timers, std::chrono::milliseconds(_settings.batchMs)},
        [self = shared_from_this()](SseStream& gone, const std::shared_ptr<mcp::Session>& ended)
        { self->forget(gone, ended); });
    const auto session =
        _dispatcher.openConnectionSession(mcp::Transport::HTTP_SSE, request.admission.principal, stream,
                                          {request.admission.holder, request.admission.limits});
    if (!session)
    {
        refuseSession(_dispatcher, exchange);
        return nullptr;
    }
    SseStreamPtr replaced;
    try
    {
        stream->begin(chosen ? std::string(request.rest) : mcp::idOf(*session), session);
        const std::lock_guard lock(_mutex);
        SseStreamPtr& entry = _streams[stream->key()];
        replaced = std::exchange(entry, stream);
    }
    catch (...)
    {
        _dispatcher.endConnectionSession(session);
        throw;
    }
    if (replaced)
        replaced->end("replaced"); // the client has come back before its old connection was found dead
    return stream;
}

void SseStreams::greet(SseStream& stream, const SseStream::Profiles& profiles) const
{
    for (const SseProfile* profile : profiles)
        if (!profile->welcomeEvent.empty())
            stream.sendEvent(profile->welcomeEvent, stream.fill(profile->welcomeData, messagePath(*profile)));
}

void SseStreams::poll(const Request& request, const ExchangePtr& exchange, const SseStream::Profiles& profiles)
{
    const std::string_view id = queryValue(request.head.query, profiles.front()->idName);
    const std::string_view place = queryValue(request.head.query, "after");
    const auto wait = numberIn(queryValue(request.head.query, "wait")).value_or(0);
    if (_settings.resumeMs == 0)
        return exchange->refuse(404, "sse.resumeMs is 0: no events are kept that could be polled for");
    if (id.empty())
    {
        const SseStreamPtr begun = make(request, exchange, profiles);
        if (!begun)
            return;
        return beginWhole(*begun,
                          [&]
                          {
                              greet(*begun, profiles);
                              begun->want(namesIn(queryValue(request.head.query, "events")));
                              tellStatus(*begun, profiles, "connected");
                              begun->poll(exchange, 0, 0ms);
                          });
    }
    const SseStreamPtr stream = find(request.admission.principal, id);
    if (!stream || !stream->resumes())
        return exchange->refuse(404, "there is no stream of this session; poll without an id to open one");
    const auto after = place.empty()                               ? std::optional<std::uint64_t>(0)
                       : place.find('_') == std::string_view::npos ? numberIn(place)
                                                                   : placeIn(place).second;
    if (!after)
        return exchange->refuse(400, "'after' is the id of the last event that you have");
    const auto seconds = static_cast<std::int64_t>(std::min<std::uint64_t>(wait, MAX_WAIT_SECONDS));
    stream->poll(exchange, *after, std::chrono::seconds(seconds));
}

void SseStreams::forget(SseStream& stream, const std::shared_ptr<mcp::Session>& session)
{
    SseStreamPtr gone;
    {
        const std::lock_guard lock(_mutex);
        const auto entry = _streams.find(stream.key());
        if (entry != _streams.end() && entry->second.get() == &stream)
        {
            gone = std::move(entry->second);
            _streams.erase(entry);
        }
    }
    if (session)
        _dispatcher.endConnectionSession(session);
}

void SseStreams::look()
{
    std::vector<SseStreamPtr> resuming;
    {
        const std::lock_guard lock(_mutex);
        for (const auto& [key, stream] : _streams)
            if (stream->resumes())
                resuming.push_back(stream);
    }
    const auto now = std::chrono::steady_clock::now();
    for (const SseStreamPtr& stream : resuming)
        if (stream->look(now, std::chrono::milliseconds(_settings.resumeMs)))
            stream->end("client");
}

} // namespace tenon::net
