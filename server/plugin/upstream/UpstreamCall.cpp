#include "plugin/upstream/UpstreamCall.h"

#include "base/json/JsonWriter.h"
#include "base/text/RandomId.h"
#include "client/protocol/Rounds.h"
#include "plugin/call/PluginLog.h"
#include "plugin/config/LockFile.h"
#include "plugin/upstream/UpstreamRound.h"

#include <Poco/Exception.h>

#include <utility>

namespace tenon::plugin
{

namespace
{

using base::JsonDocument;
using client::ClientException;
using client::Fault;

/// Who the answer belongs to, for sessions of their own. What was opened with one token is not used with another, even
/// of the same caller: it may allow less.
std::string sessionOf(const CallBackend& caller, const base::ForwardedToken* token)
{
    const std::string_view ofCaller = caller.origin().session;
    std::string session(ofCaller.empty() ? caller.principalId() : ofCaller);
    return token ? session + '\n' + sha256Of(token->text) : session;
}

std::string questionKey(std::string_view method, unsigned number)
{
    return std::string(method.substr(0, method.find('/'))) + '-' + std::to_string(number);
}

} // namespace

UpstreamCall::UpstreamCall(Host& host, UpstreamRequest request, CallBackendPtr caller, base::ForwardedTokenPtr token)
    : _host(host), _request(std::move(request)), _token(std::move(token)), _session(sessionOf(*caller, _token.get())),
      _legacyCaller(!caller->origin().session.empty()), _caller(std::move(caller))
{
}

CallBackendPtr UpstreamCall::caller() const
{
    const std::lock_guard lock(_mutex);
    return _caller;
}

bool UpstreamCall::parked() const
{
    const std::lock_guard lock(_mutex);
    return !_caller && !_ended;
}

std::string UpstreamCall::requestId() const
{
    const std::lock_guard lock(_mutex);
    return _requestId;
}

// ---- the request

void UpstreamCall::send(client::Client& client, const std::shared_ptr<client::ClientSession>& session)
{
    {
        const std::lock_guard lock(_mutex);
        _client = &client;
        _over = session;
    }
    sendAgain(_request.round.empty() ? std::string() : answersSoFar());
}

/// The answers to what a modern server asked in an earlier round; their caller has come back with them.
std::string UpstreamCall::answersSoFar()
{
    std::string more;
    const auto caller = this->caller();
    const tenon_status status = caller ? askRound(caller, _request.round, more) : TENON_INPUT_PENDING;
    if (status != TENON_OK && status != TENON_INPUT_PENDING)
        end(status, {});
    return more;
}

void UpstreamCall::sendAgain(const std::string& more)
{
    const auto caller = this->caller();
    std::shared_ptr<client::ClientSession> session;
    client::Client* client = nullptr;
    {
        const std::lock_guard lock(_mutex);
        session = _over.lock();
        client = _client;
    }
    if (!caller)
        return; // parked by a question of the round, or ended
    if (!session)
        return end(TENON_ERROR_FAILED, "the server '" + _host.upstreamName() + "' has ended; try again");
    const auto weak = weak_from_this();
    client::RequestOptions options;
    options.timeoutMs = 0; // the caller's deadline is kept by whoever runs the caller
    options.meta = metaOf(*caller, _request.logLevel, session->modern());
    if (caller->clientHas(TENON_CLIENT_PROGRESS))
        options.onProgress = [weak](const client::Progress& progress)
        {
            if (const auto self = weak.lock())
                if (const auto to = self->caller())
                    (void)to->progress(progress.done, progress.total.value_or(-1), progress.message);
        };
    std::string params = _request.params;
    if (!more.empty())
        params.insert(params.size() - 1, (params.size() > 2 ? "," : "") + more);
    try
    {
        if (session->modern() && session->hasHeaders() && !_request.name.empty())
            options = client->withHeaders(options, _request.name, _request.arguments);
        if (_request.needsTask && !session->modern())
            return completed(followTask(*client, *session, params, options));
        const auto id = session->start(_request.method, params, options,
                                       [weak](client::Outcome outcome)
                                       {
                                           if (const auto self = weak.lock())
                                               self->completed(std::move(outcome));
                                       });
        const std::lock_guard lock(_mutex);
        _requestId = id;
    }
    catch (const ClientException& exc)
    {
        failedWith(exc);
    }
    catch (const Poco::Exception& exc)
    {
        end(TENON_ERROR_INVALID, exc.message());
    }
}

/// A tool that the server runs only as a task: seen through on this thread.
client::Outcome UpstreamCall::followTask(client::Client& client, client::ClientSession& session, std::string params,
                                         client::RequestOptions options)
{
    params.insert(params.size() - 1, R"(,"task":{})");
    {
        const std::lock_guard lock(_mutex);
        _cancellation = std::make_shared<client::Cancellation>();
        options.cancellation = _cancellation;
    }
    client::Outcome outcome;
    try
    {
        outcome.reply = client.followTask(session, _request.method, params, options);
    }
    catch (const ClientException& exc)
    {
        outcome.fault = std::make_unique<ClientException>(exc);
    }
    return outcome;
}

// ---- the answer

void UpstreamCall::completed(client::Outcome outcome)
{
    if (outcome.fault)
        return failedWith(*outcome.fault);
    _host.answered(true);
    const JsonDocument::Element result = outcome.reply.result;
    if (!result.is_object())
        return end(TENON_ERROR_FAILED,
                   "the server '" + _host.upstreamName() + "' answered with something other than a result");
    if (base::textMember(result, "resultType") != "input_required")
        return finish(ownResult(result));
    const auto caller = this->caller();
    if (!caller)
        return;
    std::string more;
    const tenon_status status = askRound(caller, roundOf(result), more);
    if (status == TENON_OK)
        sendAgain(more);
    else if (status != TENON_INPUT_PENDING)
        end(status, {});
}

/// Puts what a modern server asks to the caller: TENON_OK with the answers, TENON_INPUT_PENDING if the call has ended for
/// now, and its caller comes back with them.
tenon_status UpstreamCall::askRound(const CallBackendPtr& caller, const std::string& round, std::string& more)
{
    const tenon_status status = answersOf(*caller, round, more);
    if (status != TENON_INPUT_PENDING)
        return status;
    if (const auto kept = caller->remember(REMEMBERED, round); kept != TENON_OK)
        return kept;
    {
        const std::lock_guard lock(_mutex);
        _caller.reset();
        _ended = true;
    }
    caller->inputPending();
    _host.ended(*this);
    return status;
}

void UpstreamCall::failedWith(const ClientException& fault)
{
    const bool lost = fault.fault() == Fault::UNREACHABLE || fault.fault() == Fault::TIMEOUT;
    if (fault.fault() != Fault::CANCELLED)
        _host.answered(!lost);
    bool again = false;
    {
        const std::lock_guard lock(_mutex);
        again = _caller && !_again && (fault.fault() == Fault::SESSION_GONE || (lost && _request.safe));
        _again = _again || again;
        if (again && _client)
            if (const auto session = _over.lock(); session && fault.fault() == Fault::SESSION_GONE)
                _gone = session;
    }
    if (again)
        return _host.restart(shared_from_this());
    if (fault.fault() == Fault::CANCELLED)
        return end(TENON_ERROR_CANCELLED, "cancelled");
    if (fault.fault() == Fault::RPC)
    {
        if (fault.code() == client::code::METHOD_NOT_FOUND && _request.method == "completion/complete")
            return finish(R"({"completion":{"values":[]}})");
        return end(fault.code() == client::code::INVALID_PARAMS       ? TENON_ERROR_INVALID
                   : fault.code() == client::code::RESOURCE_NOT_FOUND ? TENON_ERROR_NOT_FOUND
                                                                      : TENON_ERROR_FAILED,
                   fault.message().empty() ? "the server answered with an error" : fault.message());
    }
    if (fault.fault() == Fault::NOT_ALLOWED)
        return end(TENON_ERROR_FAILED, "the server '" + _host.upstreamName() + "' does not let this call in");
    const std::string id = base::randomId(8);
    logOfPlugin(_host.upstreamName(), TENON_LOG_ERROR, _request.method + ": " + fault.message() + " [" + id + "]");
    end(TENON_ERROR_FAILED,
        lost ? "the server '" + _host.upstreamName() + "' ended or could not be reached before it answered (error id " +
                   id + ")"
             : "the server '" + _host.upstreamName() + "' did not answer as it should (error id " + id + ")");
}

std::shared_ptr<client::ClientSession> UpstreamCall::takeGone()
{
    const std::lock_guard lock(_mutex);
    return std::exchange(_gone, nullptr);
}

void UpstreamCall::fail(const std::string& why)
{
    end(TENON_ERROR_FAILED, why);
}

void UpstreamCall::finish(std::string result)
{
    CallBackendPtr caller;
    {
        const std::lock_guard lock(_mutex);
        if (_ended)
            return;
        if (!_caller) // parked: the server did not wait for the answer
        {
            _result = std::move(result);
            return;
        }
        caller = std::move(_caller);
        _ended = true;
    }
    if (caller->finish(std::move(result), nullptr) == TENON_ERROR_INVALID)
        caller->fail(TENON_ERROR_FAILED, "the server '" + _host.upstreamName() + "' returned an invalid result");
    _host.ended(*this);
}

void UpstreamCall::end(tenon_status status, const std::string& why)
{
    CallBackendPtr caller;
    {
        const std::lock_guard lock(_mutex);
        if (_ended)
            return;
        if (!_caller)
        {
            _fault = why;
            return;
        }
        caller = std::move(_caller);
        _ended = true;
    }
    caller->fail(status, why);
    _host.ended(*this);
}

// ---- what a legacy server asks

void UpstreamCall::ask(std::string_view method, const JsonDocument::Element* params, Answer answer, Refuse refuse)
{
    CallBackendPtr caller;
    {
        const std::lock_guard lock(_mutex);
        if (_ended)
            return refuse(client::code::INTERNAL_ERROR, "nobody is waiting for this call any more");
        _questions.push_back(
            {questionKey(method, ++_asked), questionText(method, params), std::move(answer), std::move(refuse)});
        caller = _caller;
    }
    if (caller)
        put(caller);
}

/// Puts to the caller what is not yet answered.
void UpstreamCall::put(const CallBackendPtr& caller)
{
    std::vector<std::function<void()>> due;
    bool pending = false;
    {
        const std::lock_guard lock(_mutex);
        if (_caller != caller)
            return;
        std::erase_if(_questions,
                      [&](const Question& question)
                      {
                          const auto outcome = caller->requestInput(question.key, question.request);
                          if (outcome.status == TENON_OK)
                              due.emplace_back([answer = question.answer, text = base::toJson(outcome.answer->root())]
                                               { answer(text); });
                          else if (outcome.status == TENON_INPUT_PENDING)
                              pending = true;
                          else
                              due.emplace_back([refuse = question.refuse, status = outcome.status]
                                               { refuse(codeFor(status), wordsFor(status)); });
                          return outcome.status != TENON_INPUT_PENDING;
                      });
        if (pending)
        {
            (void)caller->remember(REMEMBERED, PARKED + _host.park(shared_from_this()));
            _last = caller;
            _caller.reset();
            _parkedSince = Clock::now();
        }
    }
    for (const auto& one : due)
        one();
    if (pending)
        caller->inputPending();
}

void UpstreamCall::resume(const CallBackendPtr& caller)
{
    std::string result, fault;
    {
        const std::lock_guard lock(_mutex);
        if (!_ended)
            _caller = caller;
        result = std::move(_result);
        fault = _ended ? "nobody is waiting for this answer any more; call again" : std::move(_fault);
    }
    if (!result.empty())
        finish(std::move(result));
    else if (fault.empty())
        put(caller);
    else if (this->caller())
        end(TENON_ERROR_FAILED, fault);
    else
        caller->fail(TENON_ERROR_FAILED, fault);
}

void UpstreamCall::log(tenon_log_level level, std::string_view logger, std::string_view dataJson)
{
    if (const auto to = caller())
        (void)to->log(level, logger, dataJson);
}

// ---- giving up

bool UpstreamCall::look(Clock::time_point now, std::chrono::milliseconds answerWithin)
{
    bool over = false;
    {
        const std::lock_guard lock(_mutex);
        if (_ended)
            return true;
        if (_caller)
            over = _caller->isCancelled();
        else
        {
            const auto last = _last.lock();
            over = now - _parkedSince > answerWithin || (_legacyCaller && (!last || last->isCancelled()));
        }
    }
    if (!over)
        return false;
    takeBack();
    return true;
}

void UpstreamCall::takeBack()
{
    std::shared_ptr<client::ClientSession> session;
    std::shared_ptr<client::Cancellation> cancellation;
    std::vector<Question> questions;
    CallBackendPtr caller;
    std::string id;
    {
        const std::lock_guard lock(_mutex);
        if (std::exchange(_ended, true))
            return;
        session = _over.lock();
        cancellation = _cancellation;
        questions.swap(_questions);
        caller = std::move(_caller);
        id = _requestId;
    }
    for (const auto& question : questions)
        question.refuse(client::code::INTERNAL_ERROR, "the user did not answer");
    if (cancellation)
        cancellation->cancel();
    if (session && !id.empty())
        session->cancel(id, "the caller gave up");
    if (caller)
        caller->fail(TENON_ERROR_CANCELLED, "cancelled");
    _host.ended(*this);
}

} // namespace tenon::plugin
