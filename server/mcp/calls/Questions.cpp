#include "mcp/calls/Questions.h"

#include "base/json/JsonWriter.h"
#include "mcp/Log.h"
#include "mcp/calls/QuestionCheck.h"
#include "mcp/revisions/LegacyRequest.h"
#include "plugin/call/QuestionFault.h"

#include <Poco/Exception.h>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

Questions::Questions(const CallServices& services, const RequestContext& context, const CallTarget& target,
                     const JsonDocument::Element& arguments)
    : _services(services), _context(context), _target(target), _arguments(arguments)
{
}

std::string Questions::binding() const
{
    return StateSealer::bindingOf(_context.principal->id, _context.method, _target.subject, &_arguments);
}

std::int64_t Questions::takeInput()
{
    JsonDocument::Element value;
    RequestState state;
    const bool returns = _context.param(RequestParams::REQUEST_STATE, value);
    if (returns)
    {
        std::string_view sealed;
        if (value.get_string().get(sealed))
            throw RpcException(ErrorKind::INVALID_PARAMS, "\"requestState\" must be a string");
        state = _services.sealer.open(sealed, binding());
        for (const auto& [key, text] : state.answers)
            _answers.emplace(key, JsonDocument::parse(text));
        _memories.restore(std::move(state.memories));
        _misfits = state.asked;
    }
    if (!_context.param(RequestParams::INPUT_RESPONSES, value))
        return state.elapsedMs;
    simdjson::dom::object responses;
    if (value.get_object().get(responses))
        throw RpcException(ErrorKind::INVALID_PARAMS, "\"inputResponses\" must be an object of the client's results");
    for (const auto& [key, response] : responses)
    {
        if (!response.is_object())
            throw RpcException(ErrorKind::INVALID_PARAMS,
                               "\"inputResponses\": the answer to '" + std::string(key) + "' must be an object");
        // A client that knows the questions may answer before it is asked, as the specification's suite does. In a later
        // round an answer to what nobody asked is none: no user has seen the question.
        if (!returns || state.asked.count(std::string(key)) != 0)
            _answers.insert_or_assign(std::string(key), JsonDocument::parse(base::toJson(response)));
        else if (logger().debug())
            logger().debug("an answer of the client to a question that was not asked");
    }
    return state.elapsedMs;
}

plugin::InputOutcome Questions::ask(std::string_view key, std::string_view request, bool inTask)
{
    base::JsonDocumentPtr document;
    try
    {
        document = JsonDocument::parse(request);
    }
    catch (const Poco::DataFormatException&)
    {
        return {TENON_ERROR_INVALID, nullptr};
    }
    if (const auto fault = key.empty() ? "a question needs a key" : plugin::questionFault(document->root());
        !fault.empty())
    {
        logger().warning("'" + _target.subject + "' asks a question that no client can answer: " + fault);
        return {TENON_ERROR_INVALID, nullptr};
    }
    if (!_target.mayAsk())
        return {TENON_ERROR_UNSUPPORTED, nullptr};

    _used = true; // before it is looked at whether the call has ended: one of both is seen
    const std::string name(key);
    const auto method = base::textMember(document->root(), "method");
    Question question{std::string(method), base::toJson(document->root()), name, {}, nullptr};
    std::lock_guard lock(_mutex);
    bool again = false;
    if (const auto outcome = outcomeOf(name, question, again); !again && outcome.status != TENON_INPUT_PENDING)
        return outcome;
    JsonDocument::Element params;
    std::string required;
    const bool hasParams = findMember(document->root(), "params", params);
    if (!_context.client.allow(method, params, required))
    {
        _refusal = Refusal{"Missing required client capability: " + required, required};
        return {TENON_ERROR_UNSUPPORTED, nullptr};
    }
    if (hasParams && formIsTooNew(_context.version, params))
    {
        _refusal = Refusal{"the form lets choose several, which the client's protocol revision (" +
                               std::string(textOf(_context.version)) + ") cannot carry",
                           {}};
        return {TENON_ERROR_UNSUPPORTED, nullptr};
    }
    // A client of a task tells questions apart by their keys, so one that is put again needs another.
    if (inTask && again)
        question.wireKey += '-' + std::to_string(_misfits[name] + 1);
    if (inTask && !_wireKeys.insert(question.wireKey).second)
        return {_questions.count(name) ? TENON_INPUT_PENDING : TENON_ERROR_INVALID, nullptr};
    _questions.insert_or_assign(name, std::move(question));
    _asked = true;
    return {TENON_INPUT_PENDING, nullptr};
}

/// What there is of an answer; `again` if there was one that did not fit, and the question may be put once more.
plugin::InputOutcome Questions::outcomeOf(const std::string& key, Question& question, bool& again)
{
    const auto answer = _answers.find(key);
    if (answer == _answers.end())
        return {TENON_INPUT_PENDING, nullptr};
    if (!answer->second)
        return {TENON_ERROR_UNAVAILABLE, nullptr};
    const auto asked = JsonDocument::parse(question.request);
    const auto fault = answerFault(question.method, asked->root(), answer->second->root());
    if (fault.empty())
        return {TENON_OK, answer->second};
    if (++_misfits[key] >= _services.options.maxQuestionRounds)
    {
        logger().warning("the client answered '" + key + "' of '" + _target.subject +
                         "' wrongly too many times: " + fault);
        return {TENON_ERROR_INVALID_ANSWER, nullptr};
    }
    _answers.erase(answer);
    question.request = askedAgain(asked->root(), fault);
    again = true;
    return {TENON_INPUT_PENDING, nullptr};
}

tenon_status Questions::remember(std::string_view key, std::string_view value)
{
    std::lock_guard lock(_mutex);
    return _memories.remember(key, value);
}

bool Questions::recall(std::string_view key, std::string_view& value)
{
    std::lock_guard lock(_mutex);
    return _memories.recall(key, value);
}

void Questions::refuse(Refusal why)
{
    std::lock_guard lock(_mutex);
    _refusal = std::move(why);
}

std::optional<Questions::Refusal> Questions::refusal() const
{
    std::lock_guard lock(_mutex);
    return _refusal;
}

bool Questions::wait()
{
    std::lock_guard lock(_mutex);
    _waiting = _asked;
    return _waiting;
}

bool Questions::waiting() const
{
    std::lock_guard lock(_mutex);
    return _waiting;
}

bool Questions::resume()
{
    std::lock_guard lock(_mutex);
    if (!_waiting || !_questions.empty())
        return false;
    _waiting = _asked = false;
    return true;
}

std::map<std::string, std::string> Questions::open() const
{
    std::lock_guard lock(_mutex);
    std::map<std::string, std::string> requests;
    for (const auto& [key, question] : _questions)
        requests.emplace(question.wireKey, question.request);
    return requests;
}

std::string Questions::seal(std::int64_t elapsedMs) const
{
    RequestState state;
    state.elapsedMs = elapsedMs;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [key, answer] : _answers)
            if (answer)
                state.answers.emplace(key, base::toJson(answer->root()));
        state.memories = _memories.values();
        for (const auto& [key, question] : _questions)
        {
            const auto misfits = _misfits.find(key);
            state.asked.emplace(key, misfits == _misfits.end() ? 0 : misfits->second);
        }
    }
    return _services.sealer.seal(state, binding());
}

std::map<std::string, Questions::Question>::iterator Questions::find(const std::string& wireKey)
{
    auto question = _questions.begin();
    while (question != _questions.end() && question->second.wireKey != wireKey)
        ++question;
    return question;
}

/// A call that runs goes on, so its answers are counted and not refused.
void Questions::keep(const std::string& key, base::JsonDocumentPtr answer)
{
    if (answer)
    {
        if (!_kept)
            _kept = _services.memory.shareOf(_context.holder, _context.limits);
        _kept.resize(_kept.bytes() + answer->bytes());
    }
    _answers.insert_or_assign(key, std::move(answer));
}

bool Questions::answer(const std::string& key, const JsonDocument::Element& answer)
{
    std::lock_guard lock(_mutex);
    const auto question = find(key);
    if (question == _questions.end() || !answer.is_object())
        return false;
    if (!question->second.requestId.empty())
        question->second.session->forgetResponse(question->second.requestId);
    keep(question->first, JsonDocument::parse(base::toJson(answer)));
    _questions.erase(question);
    return true;
}

bool Questions::answer(const std::string& key, const jsonrpc::Message& message)
{
    std::lock_guard lock(_mutex);
    const auto question = find(key);
    if (question == _questions.end())
        return false;
    base::JsonDocumentPtr answer;
    if (message.kind == jsonrpc::Message::Kind::RESPONSE)
        answer = JsonDocument::parse(base::toJson(message.result));
    keep(question->first, std::move(answer));
    _questions.erase(question);
    return true;
}

std::vector<Questions::Outgoing>
Questions::take(const SessionPtr& session, const std::function<Session::Responder(const std::string& key)>& responder)
{
    std::vector<Outgoing> outgoing;
    std::lock_guard lock(_mutex);
    if (!_waiting)
        return outgoing;
    for (auto& [key, question] : _questions)
    {
        // Asked already, of a session that is still there; of one that has ended nobody will answer.
        if (!question.requestId.empty() && !question.session->ended())
            continue;
        question.session = session;
        question.requestId = session->expectResponse(responder(question.wireKey));
        outgoing.push_back({question.wireKey, question.requestId, question.request, session});
    }
    return outgoing;
}

void Questions::takeBack(const Outgoing& question)
{
    question.session->forgetResponse(question.requestId);
    std::lock_guard lock(_mutex);
    if (const auto found = find(question.key); found != _questions.end())
        found->second.requestId.clear();
}

void Questions::drop()
{
    if (!_used)
        return;
    std::map<std::string, Question> left;
    {
        std::lock_guard lock(_mutex);
        left.swap(_questions);
    }
    for (const auto& [key, question] : left)
        if (!question.requestId.empty())
            question.session->forgetResponse(question.requestId);
}

} // namespace tenon::mcp
