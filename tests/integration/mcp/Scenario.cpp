#include "integration/mcp/Scenario.h"

#include "base/threads/SteadyClock.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace tenon::tests
{

using plugin::CallBackendPtr;

namespace
{

constexpr std::size_t CLIENTS = 2;
constexpr std::size_t ATTEMPTS = 20'000; // of half a millisecond: ten seconds
const std::string ROOTS = R"({"roots":[]})";
const std::string DONE = R"({"content":[]})";
const char* const TOOLS[] = {"quick", "later", "streams", "asks", "serial", "twice"};

TestServer::Modern modern(bool tasks, std::string id)
{
    TestServer::Modern how;
    how.id = std::move(id);
    how.capabilities = tasks ? R"({"roots":{},"extensions":{"io.modelcontextprotocol/tasks":{}}})" : R"({"roots":{}})";
    how.meta = ",\"progressToken\":" + how.id;
    return how;
}

/// The response to `id` among what was sent on a stream: how many, and the id of the last one's event.
std::size_t responses(const std::vector<RecordingSink::Event>& events, const std::string& id, std::string& eventId)
{
    std::size_t found = 0;
    for (const auto& event : events)
        if (at(event.text, "/method").empty() && at(event.text, "/id") == id)
        {
            ++found;
            eventId = event.id;
        }
    return found;
}

} // namespace

Scenario::Scenario(Playground& playground, std::uint64_t seed)
    : _playground(playground), _server(playground.server), _deleted(CLIENTS)
{
    for (std::size_t client = 0; client < CLIENTS; ++client)
        _clients.push_back(std::make_unique<LegacyClient>(_server, (seed + client) % 3 ? "2025-11-25" : "2025-06-18",
                                                          R"({"roots":{}})"));
}

void Scenario::step(const Step& step)
{
    using Kind = Step::Kind;
    if (step.pause)
        std::this_thread::yield();
    switch (step.kind)
    {
    case Kind::CALL:
        return call(step);
    case Kind::CANCEL:
        return cancel(step);
    case Kind::DISCONNECT:
        return disconnect(step);
    case Kind::RESUME:
        return resume(step);
    case Kind::DELETE_SESSION:
        return deleteSession(step);
    case Kind::LISTEN:
        return listen(step);
    case Kind::LIST_CHANGE:
        return _playground.changeLists(step.detail);
    case Kind::RESOURCE_UPDATE:
        return _server.catalogues.resourceUpdated("x://a");
    case Kind::FINISH:
        if (const auto kept = _playground.take(step.which))
            (void)(step.detail % 4 ? kept->finish(std::string(DONE), nullptr) : kept->fail(TENON_ERROR_FAILED, "no"));
        return;
    case Kind::REPORT:
        if (const auto kept = _playground.look(step.which))
            (void)(step.detail % 3 ? kept->progress(step.detail % 100, 0, "p") : kept->releaseStream(10));
        return;
    case Kind::ANSWER:
        return answer(step);
    case Kind::UPDATE_TASK:
        return updateTask(step);
    case Kind::TURN_CLOCK:
        if (step.detail % 8 == 0)
            _server.dispatcher->protocol().calls.checkDeadlines(tenon::base::steadyMs() + 100'000'000);
        return;
    }
}

void Scenario::call(const Step& step)
{
    const auto request = std::make_shared<Request>();
    const int number = _next++;
    request->id = step.detail % 2 ? std::to_string(number) : '"' + std::to_string(number) + '"';
    request->era = step.which % 4 == 0 ? Era::MODERN : step.which % 4 == 1 ? Era::TASK : Era::LEGACY;
    request->client = step.which / 4 % CLIENTS;
    const std::string name = std::string("\"name\":\"") + TOOLS[step.detail / 2 % std::size(TOOLS)] + '"';
    const auto sink = std::make_shared<RecordingSink>();
    request->sinks = {sink};
    request->mayBeLost = request->era == Era::LEGACY && _deleted[request->client];
    {
        std::lock_guard lock(_mutex); // known before it is sent, so that others may cancel it meanwhile
        _requests.push_back(request);
    }
    if (request->era == Era::LEGACY)
    {
        _clients[request->client]->request("tools/call", name + ",\"_meta\":{\"progressToken\":" + request->id + "}",
                                           request->id, sink);
        return;
    }
    const auto how = modern(request->era == Era::TASK, request->id);
    auto headers = TestServer::modernHeaders("tools/call", TOOLS[step.detail / 2 % std::size(TOOLS)]);
    _server.send(TestServer::modernBody("tools/call", name, how), headers, sink);
    const auto task = sink->finished() ? at(sink->answer(), "/result/taskId") : std::string();
    if (!task.empty())
    {
        std::lock_guard lock(_mutex);
        _tasks.push_back(task);
    }
}

Scenario::RequestPtr Scenario::choose(std::uint32_t which, bool legacyOnly)
{
    std::lock_guard lock(_mutex);
    if (_requests.empty())
        return nullptr;
    const auto& chosen = _requests[which % _requests.size()];
    return legacyOnly && chosen->era != Era::LEGACY ? nullptr : chosen;
}

void Scenario::cancel(const Step& step)
{
    const auto request = choose(step.which, true);
    if (!request)
        return;
    {
        std::lock_guard lock(_mutex);
        request->mayBeLost = true;
    }
    _clients[request->client]->notify("notifications/cancelled", "\"requestId\":" + request->id);
}

void Scenario::disconnect(const Step& step)
{
    const auto request = choose(step.which, false);
    if (!request)
        return;
    RecordingSinkPtr sink;
    {
        std::lock_guard lock(_mutex);
        request->disconnected = true;
        sink = request->sinks.back();
    }
    sink->disconnect();
}

void Scenario::resume(const Step& step)
{
    const auto request = choose(step.which, true);
    if (!request)
        return;
    std::string from;
    {
        std::lock_guard lock(_mutex);
        const auto events = request->sinks.back()->events();
        from = events.empty() ? request->sinks.front()->primingId() : events.back().id;
        if (from.empty())
            return;
        request->disconnected = true; // whoever comes back has left
    }
    const auto sink = _clients[request->client]->get(from);
    if (sink->error() != jsonrpc::ErrorKind::NONE || (sink->finished() && sink->answer().empty()))
        return;
    std::lock_guard lock(_mutex);
    request->sinks.push_back(sink);
}

void Scenario::deleteSession(const Step& step)
{
    const std::size_t client = step.which % CLIENTS;
    _deleted[client] = true;
    {
        std::lock_guard lock(_mutex);
        for (const auto& request : _requests)
            if (request->era == Era::LEGACY && request->client == client)
                request->mayBeLost = true;
    }
    _clients[client]->end();
}

void Scenario::listen(const Step& step)
{
    RecordingSinkPtr sink;
    switch (step.detail % 4)
    {
    case 0:
        sink = _clients[step.which % CLIENTS]->get();
        break;
    case 1:
        sink = _clients[step.which % CLIENTS]->request(step.which % 3 ? "resources/subscribe" : "resources/unsubscribe",
                                                       R"("uri":"x://a")", std::to_string(_next++));
        break;
    default:
        sink = _server.modern(
            "subscriptions/listen",
            R"("notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourceSubscriptions":["x://a"]})",
            modern(false, std::to_string(_next++)));
    }
    std::lock_guard lock(_mutex);
    if (step.detail % 8 < 4 || _listeners.empty())
        _listeners.push_back(sink);
    else
    {
        std::swap(sink, _listeners[step.which % _listeners.size()]);
        sink->disconnect();
    }
}

/// Answers all that a legacy request was asked; false if that was nothing.
bool Scenario::answerAll(const RequestPtr& request)
{
    std::vector<RecordingSinkPtr> sinks;
    {
        std::lock_guard lock(_mutex);
        sinks = request->sinks;
    }
    bool any = false;
    for (const auto& sink : sinks)
        for (const auto& event : sink->events())
            if (at(event.text, "/method") == "\"roots/list\"")
            {
                _clients[request->client]->respond(at(event.text, "/id"), "\"result\":" + ROOTS);
                any = true;
            }
    return any;
}

void Scenario::answer(const Step& step)
{
    const auto request = choose(step.which, false);
    if (!request)
        return;
    if (request->era == Era::LEGACY)
    {
        (void)answerAll(request);
        return;
    }
    if (!request->sinks.front()->finished())
        return;
    // The next round of a modern call is a request of its own.
    const auto text = request->sinks.front()->answer();
    const auto state = at(text, "/result/requestState");
    if (state.empty())
        return;
    const auto next = std::make_shared<Request>();
    next->era = request->era;
    next->id = std::to_string(_next++);
    const auto sink = std::make_shared<RecordingSink>();
    next->sinks = {sink};
    {
        std::lock_guard lock(_mutex);
        _requests.push_back(next);
    }
    const std::string tool =
        at(text, "/result/inputRequests/b").empty() && at(text, "/result/inputRequests/c").empty() ? "asks" : "twice";
    const auto params = "\"name\":\"" + tool + R"(","inputResponses":{"a":)" + ROOTS + ",\"b\":" + ROOTS +
                        ",\"c\":" + ROOTS + "},\"requestState\":" + state;
    auto headers = TestServer::modernHeaders("tools/call", tool);
    _server.send(TestServer::modernBody("tools/call", params, modern(false, next->id)), headers, sink);
}

void Scenario::updateTask(const Step& step)
{
    std::string task;
    {
        std::lock_guard lock(_mutex);
        if (_tasks.empty())
            return;
        task = _tasks[step.which % _tasks.size()];
    }
    const char* const method = step.detail % 4 == 0   ? "tasks/cancel"
                               : step.detail % 4 == 1 ? "tasks/get"
                                                      : "tasks/update";
    const auto id = "\"taskId\":" + task;
    (void)_server.modern(method,
                         id + ",\"inputResponses\":{\"a\":" + ROOTS + ",\"b\":" + ROOTS +
                             (step.detail % 8 < 4 ? "" : ",\"c\":" + ROOTS) + '}',
                         modern(true, std::to_string(_next++)));
}

// ---- the judgement

/// Ends what still runs, as a patient client and a well-behaved plugin would.
void Scenario::settle()
{
    // Clients that left before they were told of their task would find it no more; here they do.
    {
        std::lock_guard lock(_mutex);
        for (const auto& record : _server.taskStore.list(_server.anybody->id, {}, 1'000'000))
            if (const auto task = '"' + record.id + '"'; std::find(_tasks.begin(), _tasks.end(), task) == _tasks.end())
                if (!store::isTerminal(record.status))
                    _tasks.push_back(task);
    }
    // A task whose call has not yet begun is in flight nowhere but in its record.
    const auto running = [this](const std::string& task)
    {
        const auto record = _server.taskStore.get(task.substr(1, task.size() - 2));
        return record && !store::isTerminal(record->status);
    };
    const auto busy = [&]
    {
        std::lock_guard lock(_mutex);
        return _server.dispatcher->callsInFlight() > 0 || std::any_of(_tasks.begin(), _tasks.end(), running);
    };
    for (std::size_t attempt = 0; attempt < ATTEMPTS && busy(); ++attempt)
    {
        while (const auto kept = _playground.take(0))
            (void)kept->finish(std::string(DONE), nullptr);
        std::vector<RequestPtr> requests;
        std::vector<std::string> tasks;
        {
            std::lock_guard lock(_mutex);
            requests = _requests;
            tasks = _tasks;
        }
        for (const auto& request : requests)
            if (request->era == Era::LEGACY && attempt % 20 == 0)
            {
                // What was asked while nobody listened is read before it is answered. Before priming events a client that
                // has seen none cannot come back: it gives its request up.
                const auto seen = request->sinks.front()->events();
                auto from = request->sinks.front()->primingId();
                if (from.empty() && !seen.empty())
                    from = seen.front().id;
                if (!from.empty())
                {
                    if (const auto sink = _clients[request->client]->get(from); sink->opened())
                        request->sinks.push_back(sink);
                }
                else if (request->disconnected)
                    _clients[request->client]->notify("notifications/cancelled", "\"requestId\":" + request->id);
                (void)answerAll(request);
            }
        for (const auto& task : tasks)
            (void)_server.modern("tasks/update",
                                 "\"taskId\":" + task + ",\"inputResponses\":{\"a\":" + ROOTS + ",\"b\":" + ROOTS +
                                     ",\"c\":" + ROOTS + '}',
                                 modern(true, "1"));
        std::this_thread::sleep_for(std::chrono::microseconds(500));
    }
    while (const auto kept = _playground.take(0)) // those that had ended before
        (void)kept->finish(std::string(DONE), nullptr);
}

std::string Scenario::judgeLegacy(Request& request)
{
    std::size_t answers = 0;
    std::string finalId;
    for (const auto& sink : request.sinks)
    {
        std::string eventId;
        const std::size_t replayed = responses(sink->events(), request.id, eventId);
        const bool answered = sink->finished() && !sink->answer().empty();
        if (replayed + (answered ? 1 : 0) > 1)
            return "two answers on one stream";
        if (answered)
            eventId = sink->finalEventId();
        if (replayed + (answered ? 1 : 0) == 0)
            continue;
        if (answers++ > 0 && eventId != finalId)
            return "two answers: events '" + finalId + "' and '" + eventId + "'";
        finalId = eventId;
    }
    if (request.mayBeLost || answers > 0)
        return {};
    // Nobody has read it yet: it must be there for the client to come for.
    const auto from = request.sinks.front()->primingId();
    std::string eventId;
    const auto first = request.sinks.front()->events();
    if (from.empty() && first.empty()) // a connection that broke before there was a stream takes its answer along
        return request.disconnected ? std::string() : "no answer";
    const auto sink = _clients[request.client]->get(from.empty() ? first.front().id : from);
    if (responses(sink->events(), request.id, eventId) == 1)
        return {};
    return "the answer is lost, and resuming from '" + from + "' brings " + std::to_string(sink->events().size()) +
           " events";
}

std::string Scenario::judge(Request& request)
{
    if (request.era == Era::LEGACY)
        return judgeLegacy(request);
    const auto& sink = request.sinks.front();
    if (sink->answers() > 1)
        return "two answers";
    return sink->finished() || request.disconnected ? std::string() : "no answer";
}

std::string Scenario::judge()
{
    settle();
    std::string faults;
    const auto fault = [&](const std::string& what) { faults += what + '\n'; };
    auto& protocol = _server.dispatcher->protocol();
    if (const auto left = _server.dispatcher->callsInFlight())
        fault(std::to_string(left) + " calls are still in flight");
    for (const auto& request : _requests)
        if (const auto wrong = judge(*request); !wrong.empty())
            fault((request->era == Era::LEGACY ? "legacy request " : "modern request ") + request->id + ": " + wrong);
    for (const auto& task : _tasks)
    {
        const auto record = _server.taskStore.get(task.substr(1, task.size() - 2));
        if (!record || !store::isTerminal(record->status))
            fault("task " + task + " did not end");
    }
    for (const auto& client : _clients)
        client->end();
    for (const auto& sink : _listeners)
        sink->disconnect();
    if (_playground.serialBroken)
        fault("the serial tool ran twice at a time");

    const auto gone = [&](const char* what, const std::function<std::size_t()>& count)
    {
        if (!TestServer::eventually([&] { return count() == 0; }))
            fault(std::string(what) + " left: " + std::to_string(count()));
    };
    gone("sessions", [&] { return protocol.sessions.count(); });
    gone("listeners", [&] { return protocol.subscriptions.listeners.count(); });
    gone("bytes of events", [&] { return _server.events.bytes(); });
    gone("calls of the serial tool", [&] { return _playground.serial->running() + _playground.serial->queued(); });
    gone("calls in memory", [&] { return _playground.callsAlive(); });
    gone("subscriptions of the plugin",
         [&]
         {
             std::size_t held = 0;
             for (const auto& order : _server.plugin->orders())
                 held += order[0] == '+' ? 1 : static_cast<std::size_t>(-1);
             return held;
         });
    for (const auto* tool : TOOLS)
        gone("calls counted",
             [&]
             {
                 return static_cast<std::size_t>(
                     _server.metrics
                         .gauge("tenon_tool_calls_in_flight", "Calls of a tool that run now", {{"tool", tool}})
                         .value());
             });
    return faults;
}

} // namespace tenon::tests
