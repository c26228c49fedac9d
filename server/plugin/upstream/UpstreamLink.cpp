#include "plugin/upstream/UpstreamLink.h"

#include "base/json/JsonWriter.h"
#include "base/text/LogEscape.h"
#include "base/text/LogLevels.h"
#include "client/auth/Authorizer.h"
#include "plugin/call/PluginLog.h"
#include "plugin/upstream/CallerToken.h"
#include "plugin/upstream/JailedCommand.h"

#include <Poco/URI.h>

#include <algorithm>
#include <utility>

namespace tenon::plugin
{

namespace
{

client::HttpOptions httpOptions(const UpstreamConfig& config)
{
    client::HttpOptions options;
    options.authorities = config.authorities;
    options.certificate = config.certificate;
    options.key = config.key;
    return options;
}

/// A folder as the URI of a root.
std::string uriOf(const std::string& folder)
{
    Poco::URI uri;
    uri.setScheme("file");
    uri.setPath(folder);
    std::string text = uri.toString();
    return text.starts_with("file:///") ? text : "file://" + text.substr(5);
}

} // namespace

UpstreamLink::UpstreamLink(const UpstreamConfig& config, std::string key, const base::ForwardedTokenPtr& token,
                           News& news)
    : _config(config), _key(std::move(key)), _news(news), _authConnections(httpOptions(config))
{
    client::ClientOptions options;
    options.target = config.target;
    options.http = httpOptions(config);
    if (config.stdio)
        options.target.command = jailed(config.target.command, config.offer);
    if (token)
        options.credentials = std::make_shared<CallerToken>(token);
    else if (config.login)
        options.credentials = std::make_shared<client::Authorizer>(*config.login, config.target.url, _authConnections);
    else if (!config.headers.empty())
        options.credentials = std::make_shared<client::FixedCredentials>(config.headers);
    options.session.initializeMs = static_cast<int>(config.start.count());
    options.session.probeMs = std::min(options.session.probeMs, options.session.initializeMs);
    options.session.revision = config.revision;
    options.healthMs = config.healthMs;
    options.listening = _key.empty();
    options.onErrorLine = [name = config.offer.name](const std::string& line)
    { logOfPlugin(name, TENON_LOG_INFO, "said: " + base::forLog(line)); };
    options.onChild = [this](int id) { _processId = id; };
    _client = std::make_unique<client::Client>(std::move(options), static_cast<client::ClientHandler&>(*this));
}

UpstreamLink::~UpstreamLink()
{
    close();
}

// ---- calls

void UpstreamLink::add(const std::shared_ptr<UpstreamCall>& call)
{
    const std::lock_guard lock(_mutex);
    _usedAt = Clock::now();
    if (std::find(_calls.begin(), _calls.end(), call) == _calls.end())
        _calls.push_back(call);
}

void UpstreamLink::remove(const UpstreamCall& call)
{
    std::vector<std::shared_ptr<UpstreamCall>> removed; // let go without the lock
    const std::lock_guard lock(_mutex);
    const auto kept =
        std::stable_partition(_calls.begin(), _calls.end(), [&](const auto& one) { return one.get() != &call; });
    removed.assign(std::make_move_iterator(kept), std::make_move_iterator(_calls.end()));
    _calls.erase(kept, _calls.end());
    _usedAt = Clock::now();
}

std::size_t UpstreamLink::calls() const
{
    const std::lock_guard lock(_mutex);
    return _calls.size();
}

void UpstreamLink::look(Clock::time_point now)
{
    std::vector<std::shared_ptr<UpstreamCall>> calls;
    {
        const std::lock_guard lock(_mutex);
        calls = _calls;
    }
    for (const auto& call : calls)
        if (call->look(now, _config.answer))
            remove(*call);
}

UpstreamLink::Hold::Hold(UpstreamLink& link) : _link(link)
{
    const std::lock_guard lock(_link._mutex);
    ++_link._holds;
}

UpstreamLink::Hold::~Hold()
{
    const std::lock_guard lock(_link._mutex);
    --_link._holds;
    _link._usedAt = Clock::now();
}

UpstreamLink::Clock::duration UpstreamLink::unused(Clock::time_point now) const
{
    const std::lock_guard lock(_mutex);
    return _calls.empty() && _holds == 0 ? now - _usedAt : Clock::duration::zero();
}

void UpstreamLink::restIfUnused(std::chrono::milliseconds idle)
{
    {
        const std::lock_guard lock(_mutex);
        if (_resting || !_calls.empty() || _holds != 0 || Clock::now() - _usedAt < idle)
            return;
        _resting = true;
    }
    _client->rest();
    {
        const std::lock_guard lock(_mutex);
        _resting = false;
    }
    _rested.notify_all();
}

bool UpstreamLink::resting() const
{
    const std::lock_guard lock(_mutex);
    return _resting;
}

bool UpstreamLink::meets(const std::shared_ptr<client::ClientSession>& session)
{
    const std::lock_guard lock(_mutex);
    if (_met.lock() == session)
        return false;
    _met = session;
    return true;
}

void UpstreamLink::awaitRest()
{
    std::unique_lock lock(_mutex);
    _rested.wait(lock, [this] { return !_resting; });
}

/// Whom something that the server says belongs to: the request on whose stream it came; without one the only call inside,
/// or, where all calls are one client's, the latest. Null: it cannot be told.
std::shared_ptr<UpstreamCall> UpstreamLink::callOf(std::string_view related) const
{
    const std::lock_guard lock(_mutex);
    for (const auto& call : _calls)
        if (!related.empty() && call->requestId() == related)
            return call;
    if (_calls.empty())
        return nullptr;
    const bool same = std::all_of(_calls.begin(), _calls.end(),
                                  [&](const auto& call) { return call->session() == _calls.front()->session(); });
    const bool known = _calls.size() == 1 || (same && !_calls.front()->session().empty());
    return known ? _calls.back() : nullptr;
}

// ---- what the server says

bool UpstreamLink::takeQuestion(const Question& question)
{
    const bool asksForRoots = question.method == "roots/list";
    if (asksForRoots && !_config.rootsOfClient)
    {
        question.answer(roots());
        return true;
    }
    if (!asksForRoots && question.method != "elicitation/create" && question.method != "sampling/createMessage")
        return false;
    const auto call = callOf(question.related);
    if (call)
        call->ask(question.method, question.params, question.answer, question.refuse);
    else if (asksForRoots)
        question.answer(R"({"roots":[]})"); // outside of a call nobody's are meant
    else
    {
        logOfPlugin(_config.offer.name, TENON_LOG_WARNING,
                    "it asks " + std::string(question.method) +
                        (calls() == 0 ? ", and no call is inside"
                                      : " while several callers are inside: "
                                        "sessions = each tells them apart"));
        question.refuse(client::code::INTERNAL_ERROR, "it is unclear which call asks this");
    }
    return true;
}

std::string UpstreamLink::answer(std::string_view method, const base::JsonDocument::Element* params)
{
    if (method == "roots/list")
        return _config.rootsOfClient ? R"({"roots":[]})" : roots();
    return ClientHandler::answer(method, params);
}

std::string UpstreamLink::roots() const
{
    std::string text;
    base::JsonWriter out(text);
    out.beginObject().key("roots").beginArray();
    for (const auto& folder : _config.roots)
        out.beginObject().member("uri", uriOf(folder)).endObject();
    out.endArray().endObject();
    return text;
}

void UpstreamLink::onNotification(std::string_view method, const base::JsonDocument::Element* params,
                                  std::string_view related)
{
    if (method == "notifications/message" && params)
        takeLog(*params, related);
    else if (method == "notifications/resources/updated" && params)
        _news.resourceUpdated(base::textMember(*params, "uri"));
    else if (method.ends_with("/list_changed"))
        _news.listsChanged();
}

void UpstreamLink::takeLog(const base::JsonDocument::Element& params, std::string_view related)
{
    const auto index = base::logLevelOf(base::textMember(params, "level")).value_or(TENON_LOG_INFO);
    const auto level = static_cast<tenon_log_level>(index);
    base::JsonDocument::Element data;
    const std::string json = base::findMember(params, "data", data) ? base::toJson(data) : "null";
    if (const auto call = callOf(related))
        call->log(level, base::textMember(params, "logger"), json);
    else
        logOfPlugin(_config.offer.name, level, base::forLog(json));
}

void UpstreamLink::onGone(const client::ClientException& why)
{
    _processId = 0;
    _news.linkGone(*this, why.message());
}

} // namespace tenon::plugin
