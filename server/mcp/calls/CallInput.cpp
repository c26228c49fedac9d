// The part of a call that asks the client: questions, answers, rounds, memory, and becoming a task.

#include "base/JsonWriter.h"
#include "mcp/calls/Call.h"
#include "mcp/methods/Protocol.h"
#include "mcp/revisions/LegacyRequest.h"
#include "plugin/call/FormAnswer.h"

#include <Poco/Exception.h>

#include <array>

namespace tenon::mcp
{

using base::findMember;
using base::JsonDocument;
using jsonrpc::ErrorKind;
using jsonrpc::RpcException;

namespace
{

/// `{key: request, …}`
void writeRequests(base::JsonWriter& writer, const std::map<std::string, std::string>& requests)
{
    writer.beginObject();
    for (const auto& [key, request] : requests)
        writer.rawMember(key, request);
    writer.endObject();
}

} // namespace

std::string Call::binding() const
{
    return StateSealer::bindingOf(_context.principal->id, _context.message.method, _target.subject, &_arguments);
}

void Call::takeInput()
{
    JsonDocument::Element value;
    if (_context.param("requestState", value))
    {
        std::string_view sealed;
        if (value.get_string().get(sealed))
            throw RpcException(ErrorKind::INVALID_PARAMS, "\"requestState\" must be a string");
        auto state = _protocol.sealer.open(sealed, binding());
        for (const auto& [key, text] : state.answers)
            _answers.emplace(key, JsonDocument::parse(text));
        _memories.restore(std::move(state.memories));
    }
    if (_context.param("inputResponses", value))
    {
        simdjson::dom::object responses;
        if (value.get_object().get(responses))
            throw RpcException(ErrorKind::INVALID_PARAMS,
                               "\"inputResponses\" must be an object of the client's results");
        for (const auto& [key, response] : responses)
        {
            if (!response.is_object())
                throw RpcException(ErrorKind::INVALID_PARAMS,
                                   "\"inputResponses\": the answer to '" + std::string(key) + "' must be an object");
            _answers.insert_or_assign(std::string(key), JsonDocument::parse(base::toJson(response)));
        }
    }
}

/// Whether an answer of the client is one to the question; what is not is asked for again.
bool Call::acceptable(const Question& question, const JsonDocument::Element& answer) const
{
    JsonDocument::Element member;
    if (question.method == "elicitation/create")
    {
        const auto action = base::textMember(answer, "action");
        if (action != "accept" || !findMember(answer, "content", member))
            return action == "accept" || action == "decline" || action == "cancel";
        if (!member.is_object())
            return false;
        const auto asked = JsonDocument::parse(question.request);
        JsonDocument::Element params, form;
        return !findMember(asked->root(), "params", params) || !findMember(params, "requestedSchema", form) ||
               plugin::fitsForm(form, member);
    }
    if (question.method == "sampling/createMessage")
        return findMember(answer, "content", member) && findMember(answer, "role", member);
    return findMember(answer, "roots", member) && member.is_array();
}

plugin::InputOutcome Call::requestInput(std::string_view key, std::string_view request)
{
    if (ended())
        return {TENON_ERROR_CANCELLED, nullptr};
    base::JsonDocumentPtr document;
    try
    {
        document = JsonDocument::parse(request);
    }
    catch (const Poco::DataFormatException&)
    {
        return {TENON_ERROR_INVALID, nullptr};
    }
    const auto method = base::textMember(document->root(), "method");
    JsonDocument::Element params;
    const bool hasParams = findMember(document->root(), "params", params) && params.is_object();
    const bool known = method == "elicitation/create" || method == "sampling/createMessage" || method == "roots/list";
    if (key.empty() || !known || (!hasParams && method != "roots/list"))
        return {TENON_ERROR_INVALID, nullptr};
    // The specification lets three requests ask: tools/call, resources/read and prompts/get.
    if (_target.kind == plugin::Target::COMPLETION || _target.kind == plugin::Target::DIRECTORY)
        return {TENON_ERROR_UNSUPPORTED, nullptr};

    std::lock_guard lock(_mutex);
    const std::string name(key);
    Question question{std::string(method), base::toJson(document->root()), {}, nullptr};
    const auto answer = _answers.find(name);
    if (answer != _answers.end())
    {
        if (!answer->second)
            return {TENON_ERROR_FAILED, nullptr};
        if (acceptable(question, answer->second->root()))
            return {TENON_OK, answer->second};
        if (_isTask) // a key of a task is good for one question only
            return {TENON_ERROR_FAILED, nullptr};
        _answers.erase(answer);
    }
    std::string required;
    if (!_context.client.allow(method, params, required))
    {
        lacks(std::move(required));
        return {TENON_ERROR_UNSUPPORTED, nullptr};
    }
    if (hasParams && formIsTooNew(_context.version, params))
    {
        _unsupported = "the form lets choose several, which the client's protocol revision (" +
                       std::string(textOf(_context.version)) + ") cannot carry";
        return {TENON_ERROR_UNSUPPORTED, nullptr};
    }
    if (_isTask && !_askedKeys.insert(name).second)
        return {_questions.count(name) ? TENON_INPUT_PENDING : TENON_ERROR_INVALID, nullptr};
    _questions.insert_or_assign(name, std::move(question));
    _asked = true;
    return {TENON_INPUT_PENDING, nullptr};
}

/// With `_mutex` held.
void Call::lacks(std::string capability)
{
    _unsupported = "Missing required client capability: " + capability;
    _missingCapability = std::move(capability);
}

void Call::askClient()
{
    // A person may take their time; only the state's own life bounds it.
    _deadlineAt.store(Session::now() + _protocol.options.requestStateMs, std::memory_order_relaxed);
    const bool late = _overdue;
    bool asked;
    {
        std::lock_guard lock(_mutex);
        asked = _asked;
        _waiting = asked && !late;
    }
    if (late)
    {
        if (claimEnd())
            endLate();
        return;
    }
    if (!asked)
    {
        if (claimEnd())
            failed(TENON_ERROR_INTERNAL, "the plugin waits for input that it did not ask for");
        return;
    }
    if (_isTask)
        askInTask();
    else if (_context.modern())
        askByResult();
    else
        askOnStream();
    resumeIfAnswered(); // a client may know the keys of a task and answer before it is asked
}

void Call::askByResult()
{
    if (!claimEnd())
        return;
    RequestState state;
    std::map<std::string, std::string> requests;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [key, answer] : _answers)
            if (answer)
                state.answers.emplace(key, base::toJson(answer->root()));
        state.memories = _memories.values();
        for (const auto& [key, question] : _questions)
            requests.emplace(key, question.request);
    }
    std::string result;
    base::JsonWriter writer(result);
    writer.beginObject().member("resultType", "input_required").key("inputRequests");
    writeRequests(writer, requests);
    writer.member("requestState", _protocol.sealer.seal(state, binding()));
    writer.key("_meta").beginObject().raw(_protocol.meta.serverInfo()).endObject().endObject();
    deliver(result, {});
    record(false);
    conclude();
}

void Call::askOnStream()
{
    struct Outgoing
    {
        std::string key, requestId, text;
    };
    ResponseSinkPtr to = _isTask ? nullptr : stream();
    if (to && !to->streams())
        to = nullptr;
    SessionPtr session = _context.session;
    std::vector<Outgoing> outgoing;
    {
        std::lock_guard lock(_mutex);
        if (ended() || !_waiting)
            return;
        if (_isTask && _resultStream && !_resultStream->closed())
        {
            to = _resultStream;
            session = _resultSession;
        }
        for (auto& [key, question] : _questions)
        {
            // Asked already, of a session that is still there; of one that has ended nobody will answer.
            if (!question.requestId.empty() && !question.session->ended())
                continue;
            question.session = session;
            question.requestId = session->expectResponse(
                // Nobody else holds a call that waits for its client; it lets go of its questions when it ends.
                [self = shared_from_this(), key = key](const jsonrpc::Message& message, const base::JsonDocumentPtr&)
                { self->answered(key, message); });
            outgoing.push_back({key, question.requestId,
                                legacyRequest(_context.version, question.requestId, question.request, _taskId)});
        }
    }
    bool reached = true;
    for (const auto& [key, requestId, text] : outgoing)
        if (!(to ? to->send(text, {}) : session->notify(std::make_shared<const std::string>(text))))
        {
            reached = false;
            session->forgetResponse(requestId);
            std::lock_guard lock(_mutex);
            if (const auto question = _questions.find(key); question != _questions.end())
                question->second.requestId.clear();
        }
    if (reached)
        return;
    if (!_isTask)
    {
        if (claimEnd())
            endWithToolError("the client cannot be asked: it listens to no stream of this session");
        return;
    }
    // The client of a task comes for what it was not told, with tasks/result; and if it came just now, it found the
    // questions asked already.
    bool listens;
    {
        std::lock_guard lock(_mutex);
        listens = _resultStream && _resultStream != to && !_resultStream->closed();
    }
    if (listens)
        askOnStream();
}

void Call::listenOn(const SessionPtr& session, const ResponseSinkPtr& to)
{
    {
        std::lock_guard lock(_mutex);
        _resultSession = session;
        _resultStream = to;
    }
    askOnStream();
}

void Call::askInTask()
{
    std::map<std::string, std::string> requests;
    {
        std::lock_guard lock(_mutex);
        for (const auto& [key, question] : _questions)
            requests.emplace(key, question.request);
    }
    if (requests.empty())
        return;
    _protocol.tasks.needInput(_taskId, std::move(requests));
    // Legacy clients get the requests themselves, on whatever stream they listen to.
    if (!_context.modern())
        askOnStream();
}

/// What was asked on streams and is not answered: nobody waits for it any more.
void Call::forgetQuestions()
{
    std::map<std::string, Question> left;
    {
        std::lock_guard lock(_mutex);
        left.swap(_questions);
        _resultSession = nullptr;
        _resultStream = nullptr;
    }
    for (const auto& [key, question] : left)
        if (!question.requestId.empty())
            question.session->forgetResponse(question.requestId);
}

void Call::answered(const std::string& key, const jsonrpc::Message& message)
{
    {
        std::lock_guard lock(_mutex);
        const auto question = _questions.find(key);
        if (question == _questions.end())
            return;
        base::JsonDocumentPtr answer;
        if (message.kind == jsonrpc::Message::Kind::RESPONSE)
            answer = JsonDocument::parse(base::toJson(message.result));
        else if (question->second.method ==
                 "elicitation/create") // a client that cannot show the form has not been accepted by anybody
            answer = JsonDocument::parse(R"({"action":"cancel"})");
        _answers.insert_or_assign(key, std::move(answer));
        _questions.erase(question);
    }
    if (_isTask)
        _protocol.tasks.inputAnswered(_taskId, key);
    resumeIfAnswered();
}

bool Call::answerInput(const std::string& key, const JsonDocument::Element& answer)
{
    {
        std::lock_guard lock(_mutex);
        const auto question = _questions.find(key);
        if (question == _questions.end() || !answer.is_object())
            return false;
        if (!question->second.requestId.empty())
            question->second.session->forgetResponse(question->second.requestId);
        _questions.erase(question);
        _answers.insert_or_assign(key, JsonDocument::parse(base::toJson(answer)));
    }
    _protocol.tasks.inputAnswered(_taskId, key);
    return true;
}

void Call::resumeIfAnswered()
{
    {
        std::lock_guard lock(_mutex);
        if (ended() || !_waiting || !_questions.empty())
            return;
        _waiting = _asked = false; // whoever sees it so enters the plugin again, nobody else
    }
    restartClock();
    _protocol.services.executor.post([self = shared_from_this()] { self->reenter(); });
}

tenon_status Call::remember(std::string_view key, std::string_view value)
{
    std::lock_guard lock(_mutex);
    return _memories.remember(key, value);
}

bool Call::recall(std::string_view key, std::string_view& value)
{
    std::lock_guard lock(_mutex);
    return _memories.recall(key, value);
}

// ---- tasks

void Call::startAsTask()
{
    std::int64_t ttlMs = 0;
    JsonDocument::Element task, ttl;
    if (!_context.modern() && _context.param("task", task) && findMember(task, "ttl", ttl))
        if (ttl.get_int64().get(ttlMs))
            ttlMs = 0;
    const auto record = _protocol.tasks.begin(shared_from_this(), *_context.principal, ttlMs);
    _taskId = record.id;
    _isTask = true;
    restartClock();
    if (ended()) // by somebody who did not yet know of the task
        _protocol.tasks.cancelled(_taskId);

    std::string result;
    if (_context.modern())
        result = "{\"resultType\":\"task\",\"_meta\":{" + _protocol.meta.serverInfo() + "}," +
                 taskMembers(record, false) + '}';
    else
        result = "{\"task\":{" + legacyTaskMembers(record) + "}}";
    const std::string prefix = "{\"jsonrpc\":\"2.0\",\"id\":" + _context.message.id + ",\"result\":";
    const std::array<std::string_view, 3> parts = {prefix, result, "}"};
    Answer answer;
    answer.parts = parts;
    answer.modern = _context.modern();
    sink()->finish(answer);
}

tenon_status Call::beginTask()
{
    if (ended())
        return TENON_ERROR_STATE;
    if (_isTask || !_target.tool || _target.tool->taskSupport == plugin::TaskSupport::FORBIDDEN)
        return TENON_OK;
    JsonDocument::Element task;
    const bool wanted = _context.modern()
                            ? _context.client.tasks
                            : _context.version == ProtocolVersion::V2025_11_25 && _context.param("task", task);
    if (!wanted)
    {
        if (_target.tool->taskSupport != plugin::TaskSupport::REQUIRED)
            return TENON_OK;
        std::lock_guard lock(_mutex);
        lacks(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})");
        return TENON_ERROR_UNSUPPORTED;
    }
    try
    {
        startAsTask();
    }
    catch (const RpcException&)
    {
        return TENON_ERROR_RESOURCES;
    }
    return TENON_OK;
}

} // namespace tenon::mcp
