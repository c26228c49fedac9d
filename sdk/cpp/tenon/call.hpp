#ifndef TENON_CALL_HPP
#define TENON_CALL_HPP

#include <tenon/input.hpp>

#include <chrono>
#include <tuple>

namespace tenon
{

/// The protocol's LoggingLevel.
enum class LogLevel : int32_t
{
    Debug = TENON_LOG_DEBUG,
    Info = TENON_LOG_INFO,
    Notice = TENON_LOG_NOTICE,
    Warning = TENON_LOG_WARNING,
    Error = TENON_LOG_ERROR,
    Critical = TENON_LOG_CRITICAL,
    Alert = TENON_LOG_ALERT,
    Emergency = TENON_LOG_EMERGENCY
};

/// What the client behind a call may be able to do.
enum class ClientFeature : int32_t
{
    Elicitation = TENON_CLIENT_ELICITATION,
    ElicitationUrl = TENON_CLIENT_ELICITATION_URL,
    Sampling = TENON_CLIENT_SAMPLING,
    SamplingTools = TENON_CLIENT_SAMPLING_TOOLS,
    Roots = TENON_CLIENT_ROOTS,
    Progress = TENON_CLIENT_PROGRESS,
    Task = TENON_CLIENT_TASK
};

/// One request of a client, as a handler sees it.
///
/// Re-entry:  a question that has no answer yet unwinds the handler (destructors run), and the handler is entered again
///            from its beginning when the answer is there, possibly in another process. What must happen once stands
///            in `once`. Let `catch (...)` rethrow.
/// Threading: asking, `once`, `remember`, `recall` and `writer` only on the handler's thread; the rest on any.
/// Ownership: the host owns the call; views and Values live until it has ended and the handler has returned.
class Call
{
public:
    Call(const detail::Host& host, tenon_call* call) : _host(&host), _call(call) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    Value arguments() const { return value(_call->arguments); }
    Value meta() const { return value(_call->meta); }
    std::string_view principal() const { return toView(_call->principal); }     ///< empty without authentication
    std::string_view session() const { return toView(_call->session); }         ///< empty on 2026-07-28 and later
    std::string_view traceparent() const { return toView(_call->traceparent); } ///< W3C Trace Context, or empty
    std::string_view tracestate() const { return toView(_call->tracestate); }
    std::string_view baggage() const { return toView(_call->baggage); }
    std::chrono::milliseconds deadline() const ///< from the first entry to the answer; 0: none
    {
        return std::chrono::milliseconds(_call->deadline_ms);
    }

    /// Resources: the URI that is read, and what a template's variable stands for in it.
    std::string_view uri() const { return arguments()["uri"].text(); }
    std::string_view variable(std::string_view name) const { return arguments()["variables"][name].text(); }

    /// Completion: what the user has filled in for another argument.
    std::string_view resolved(std::string_view name) const { return arguments()["context"]["arguments"][name].text(); }

    bool cancelled() const { return _call->api->is_cancelled(_call); }

    /// Ends the handler if the answer is no longer wanted. Cheap; call it in loops.
    void throwIfCancelled() const
    {
        if (cancelled())
            throw CallCancelled();
    }

    bool clientHas(ClientFeature feature) const
    {
        return _call->api->client_has(_call, static_cast<tenon_client_feature>(feature));
    }

    /// `total` 0: unknown. Nothing is sent unless the client asked for progress.
    void progress(double done, double total = 0, std::string_view message = {})
    {
        _call->api->progress(_call, done, total, toText(message));
    }

    /// Tells the client; `data` is a text or anything that has a Codec. The server's own log is `plugin.log`.
    template <class T>
    void log(LogLevel level, const T& data, std::string_view logger = {})
    {
        _call->api->log(_call, static_cast<tenon_log_level>(level), toText(logger), toText(toJson(data).text));
    }

    /// Sends the client an event of a type of the plugin's own, "weather/alert", on the stream of this call; `data` is
    /// anything that is a JSON object. False if there is no way to the client: it has asked for one answer and no stream.
    ///
    /// Errors: InvalidParams for a type that is no "<plugin>/<name>", and for data that is no object.
    template <class T>
    bool emit(std::string_view type, const T& data)
    {
        if (!TENON_HAS(tenon_call_api, _call->api, emit) || !_call->api->emit)
            return false;
        const tenon_status status = _call->api->emit(_call, toText(type), toText(toJson(data).text));
        if (status == TENON_ERROR_INVALID)
            throw InvalidParams("An event has a type such as \"weather/alert\", and an object as its data.");
        return status == TENON_OK;
    }

    /// Lets a client of a resumable stream disconnect and come back for the rest. Elsewhere nothing happens.
    void releaseStream(std::chrono::milliseconds retry)
    {
        _call->api->release_stream(_call, static_cast<uint32_t>(retry.count()));
    }

    /// From here on the call runs as a task: the client gets its task now and the result later. For a tool that
    /// declared `taskOnDemand`; no effect if it is one already or the client knows none.
    ///
    /// Errors: Unsupported if the tool requires a task and the client knows none.
    void beginTask()
    {
        const tenon_status status = _call->api->begin_task(_call);
        if (status == TENON_ERROR_UNSUPPORTED)
            throw Unsupported("The client knows no tasks.");
        if (status < 0)
            throw Error(status, "The call could not become a task.");
    }

    /// Asks the user to fill in a form. See tenon::ask::form.
    template <class T>
    Elicited<T> elicit(std::string key, std::string_view message)
    {
        return ask(tenon::ask::form<T>(std::move(key), message));
    }

    Elicited<Value> elicit(std::string key, std::string_view message, const Json& requestedSchema)
    {
        return ask(tenon::ask::form(std::move(key), message, requestedSchema));
    }

    UrlElicited elicitUrl(std::string key, std::string_view message, std::string_view url)
    {
        return ask(tenon::ask::url(std::move(key), message, url));
    }

    SamplingReply sample(std::string key, const Sampling& sampling)
    {
        return ask(tenon::ask::sample(std::move(key), sampling));
    }

    std::vector<Root> roots(std::string key = "roots") { return ask(tenon::ask::roots(std::move(key))); }

    /// Errors: Unsupported if the client cannot be asked this.
    template <class Answer>
    Answer ask(const Question<Answer>& question)
    {
        return std::get<0>(together(question));
    }

    /// Asks several questions in one round: `auto [who, roots] = call.together(ask::form<Person>(…), ask::roots());`
    template <class... Answers>
    std::tuple<Answers...> together(const Question<Answers>&... questions)
    {
        // All of them are put before the handler is unwound: the client gets one round, not as many as questions.
        const std::tuple<std::pair<const Question<Answers>*, std::optional<Value>>...> asked{
            std::pair<const Question<Answers>*, std::optional<Value>>{&questions,
                                                                      put(questions.key, questions.request)}...};
        return std::apply(
            [this](const auto&... one)
            {
                if (!(one.second.has_value() && ...))
                {
                    _pending = true;
                    throw detail::InputPending();
                }
                return std::tuple<Answers...>{one.first->read(*one.second)...};
            },
            asked);
    }

    /// Runs `function` in the first entry only and keeps its result for the others: for what must happen once.
    ///
    /// Shape: the result is void or has a Codec; at most 64 kB for all of a call.
    template <class Function>
    auto once(std::string_view key, Function&& function) -> decltype(function())
    {
        using T = decltype(function());
        const std::optional<std::string_view> kept = recall(key);
        if constexpr (std::is_void_v<T>)
        {
            if (kept)
                return;
            function();
            remember(key, "null");
        }
        else
        {
            if (kept)
                return value(_host->value->parse(_call, toText(*kept))).template as<T>();
            T result = function();
            remember(key, toJson(result).text);
            return result;
        }
    }

    void remember(std::string_view key, std::string_view text)
    {
        if (const tenon_status status = _call->api->remember(_call, toText(key), toText(text)))
            throw Error(status, "The call cannot remember '" + std::string(key) + "'.");
    }

    std::optional<std::string_view> recall(std::string_view key) const
    {
        tenon_text kept{nullptr, 0};
        if (!_call->api->recall(_call, toText(key), &kept))
            return std::nullopt;
        return toView(kept);
    }

    /// Writes the result by hand, straight into the host's buffer; then return `tenon::Written{}`.
    Writer writer() const { return Writer(_host->writer, _call); }

    /// Parses JSON text; the result lives as long as the call.
    Value parse(std::string_view json) const { return value(_host->value->parse(_call, toText(json))); }

    tenon_call* raw() const { return _call; }
    bool isPending() const { return _pending; }

protected:
    Value value(tenon_value value) const { return Value(_host->value, _call, value); }

    std::optional<Value> put(const std::string& key, const std::string& request)
    {
        tenon_value answer{nullptr, 0};
        const tenon_status status = _call->api->request_input(_call, toText(key), toText(request), &answer);
        if (status == TENON_OK)
            return value(answer);
        if (status == TENON_INPUT_PENDING)
            return std::nullopt;
        if (status == TENON_ERROR_UNSUPPORTED)
            throw Unsupported("The client cannot be asked '" + key + "': it lacks the capability.");
        if (status == TENON_ERROR_CANCELLED)
            throw CallCancelled();
        if (status == TENON_ERROR_INVALID_ANSWER)
            throw InvalidAnswer("The answer to '" + key + "' does not fit what was asked.");
        if (status == TENON_ERROR_UNAVAILABLE)
            throw Unavailable("The client could not answer '" + key + "'.");
        throw Error(status, "The question '" + key + "' could not be put.");
    }

    const detail::Host* _host;
    tenon_call* _call;
    bool _pending = false;
};

} // namespace tenon

#endif
