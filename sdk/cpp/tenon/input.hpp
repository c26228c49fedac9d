#ifndef TENON_INPUT_HPP
#define TENON_INPUT_HPP

#include <tenon/content.hpp>

/// What a call may ask its client: the user (elicitation), its model (sampling), its roots. `Call` has the usual ones
/// as functions; `tenon::ask` makes them as questions, so that `call.together(...)` asks several in one round.
///
/// Spec: 2026-07-28, Client Features; Basic, Patterns, Multi Round-Trip Requests.

namespace tenon
{

/// One question: its key within the call, stable over re-entries, and how its answer is read.
template <class Answer>
struct Question
{
    std::string key;
    std::string request; ///< {"method", "params"}
    Answer (*read)(const Value& answer);
};

enum class ElicitAction
{
    Accept,
    Decline,
    Cancel
};

inline auto describe(Type<ElicitAction>)
{
    return choices(choice(ElicitAction::Accept, "accept"), choice(ElicitAction::Decline, "decline"),
                   choice(ElicitAction::Cancel, "cancel"));
}

/// What the user did with a form: `if (who) use(who->name);`.
template <class T>
class Elicited
{
public:
    explicit Elicited(const Value& answer) : _content(answer["content"])
    {
        const Value action = answer["action"];
        _action = detail::findChoice<ElicitAction>(action.text()).value_or(ElicitAction::Cancel);
    }

    bool accepted() const { return _action == ElicitAction::Accept; }
    bool declined() const { return _action == ElicitAction::Decline; }
    bool cancelled() const { return _action == ElicitAction::Cancel; }
    explicit operator bool() const { return accepted(); }
    ElicitAction action() const { return _action; }

    /// What was filled in. Errors: ToolError if it was not accepted.
    const T& value() const
    {
        if (!_value)
            throw ToolError(declined() ? "The user declined to answer." : "The user dismissed the question.");
        return *_value;
    }

    const T& operator*() const { return value(); }
    const T* operator->() const { return &value(); }

    /// The content as the client sent it.
    const Value& content() const { return _content; }

    void assign(T value) { _value = std::move(value); }

private:
    ElicitAction _action;
    Value _content;
    std::optional<T> _value;
};

/// What became of a URL that the user was asked to open.
struct UrlElicited
{
    ElicitAction action;

    bool accepted() const { return action == ElicitAction::Accept; }
    explicit operator bool() const { return accepted(); }
};

struct Root
{
    std::string uri;
    std::string name;
};

inline auto describe(Type<Root>)
{
    return object(field("uri", &Root::uri), field("name", &Root::name, "", notRequired()));
}

/// A use of a tool that the model asks for.
struct ToolUse
{
    std::string id;
    std::string name;
    Value input;
};

/// The model's message.
class SamplingReply
{
public:
    explicit SamplingReply(const Value& answer) : _answer(answer) {}

    /// The texts of all its blocks, one after the other.
    std::string text() const
    {
        std::string text;
        eachBlock([&text](const Value& block) { text += block["text"].text(); });
        return text;
    }

    std::vector<ToolUse> toolUses() const
    {
        std::vector<ToolUse> uses;
        eachBlock(
            [&uses](const Value& block)
            {
                if (block["type"].text() == "tool_use")
                    uses.push_back({block["id"].as<std::string>(), block["name"].as<std::string>(), block["input"]});
            });
        return uses;
    }

    std::string_view model() const { return _answer["model"].text(); }
    std::string_view stopReason() const { return _answer["stopReason"].text(); }
    Value content() const { return _answer["content"]; }

private:
    template <class Visit>
    void eachBlock(Visit visit) const
    {
        const Value content = _answer["content"];
        if (!content.isArray())
            visit(content);
        else
            for (const Value block : content)
                visit(block);
    }

    Value _answer;
};

/// A request to the client's model.
///
///     call.sample("summary", tenon::Sampling("Summarise: " + text).maxTokens(200));
class Sampling
{
public:
    Sampling() = default;
    Sampling(std::string userText) { user(std::move(userText)); }
    Sampling(const char* userText) : Sampling(std::string(userText)) {}

    Sampling& user(std::string text) { return message(Role::User, Content::text(std::move(text))); }
    Sampling& assistant(std::string text) { return message(Role::Assistant, Content::text(std::move(text))); }

    Sampling& message(Role role, const Content& content)
    {
        _messages.emplace_back(role, toJson(content).text);
        return *this;
    }

    /// Carries on after a reply that used tools: the reply, then the results, then ask under another key.
    Sampling& reply(const SamplingReply& reply)
    {
        _messages.emplace_back(Role::Assistant, reply.content().json());
        return *this;
    }

    /// Results of tool uses follow each other in one message.
    Sampling& toolResult(std::string_view toolUseId, const std::vector<Content>& content, bool isError = false)
    {
        JsonWriter block;
        block.beginObject().member("type", "tool_result").member("toolUseId", toolUseId).member("content", content);
        if (isError)
            block.member("isError", true);
        block.endObject();
        if (_toolResults && !_messages.empty())
        {
            std::string& open = _messages.back().second;
            open.back() = ',';
            open += block.str() + ']';
        }
        else
            _messages.emplace_back(Role::User, '[' + block.take() + ']');
        _toolResults = true;
        return *this;
    }

    Sampling& maxTokens(int tokens) { return param("maxTokens", tokens), _hasMaxTokens = true, *this; }
    Sampling& system(std::string_view prompt) { return param("systemPrompt", prompt); }
    Sampling& temperature(double temperature) { return param("temperature", temperature); }
    Sampling& stopSequences(const std::vector<std::string>& texts) { return param("stopSequences", texts); }
    Sampling& includeContext(std::string_view which) { return param("includeContext", which); }
    Sampling& metadata(Json object) { return param("metadata", object); }

    /// Names of models, the first that the client has; the priorities are from 0 to 1.
    Sampling& hint(std::string_view model)
    {
        _hints.emplace_back(model);
        return *this;
    }

    Sampling& priorities(std::optional<double> cost, std::optional<double> speed, std::optional<double> intelligence)
    {
        _cost = cost;
        _speed = speed;
        _intelligence = intelligence;
        return *this;
    }

    /// A tool that the model may ask to use. The client needs `sampling.tools`.
    Sampling& tool(std::string_view name, std::string_view description, const Json& inputSchema)
    {
        JsonWriter tool;
        tool.beginObject().member("name", name).member("description", description).member("inputSchema", inputSchema);
        _tools.push_back(Json{tool.endObject().take()});
        return *this;
    }

    /// "auto", "required" or "none".
    Sampling& toolChoice(std::string_view mode)
    {
        JsonWriter choice;
        choice.beginObject().member("mode", mode).endObject();
        return param("toolChoice", Json{choice.take()});
    }

    template <class W>
    void write(W& writer) const
    {
        writer.beginObject().key("messages").beginArray();
        for (const auto& [role, content] : _messages)
            writer.beginObject().member("role", role).key("content").json(content).endObject();
        writer.endArray();
        if (!_hasMaxTokens)
            writer.member("maxTokens", 1000);
        for (const auto& [name, json] : _params)
            writer.key(name).json(json);
        if (!_tools.empty())
            writer.member("tools", _tools);
        writePreferences(writer);
        writer.endObject();
    }

private:
    template <class T>
    Sampling& param(const char* name, const T& value)
    {
        _params.emplace_back(name, toJson(value).text);
        return *this;
    }

    template <class W>
    void writePreferences(W& writer) const
    {
        if (_hints.empty() && !_cost && !_speed && !_intelligence)
            return;
        writer.key("modelPreferences").beginObject();
        if (!_hints.empty())
        {
            writer.key("hints").beginArray();
            for (const std::string& hint : _hints)
                writer.beginObject().member("name", hint).endObject();
            writer.endArray();
        }
        if (_cost)
            writer.member("costPriority", *_cost);
        if (_speed)
            writer.member("speedPriority", *_speed);
        if (_intelligence)
            writer.member("intelligencePriority", *_intelligence);
        writer.endObject();
    }

    std::vector<std::pair<Role, std::string>> _messages;
    std::vector<std::pair<const char*, std::string>> _params;
    std::vector<Json> _tools;
    std::vector<std::string> _hints;
    std::optional<double> _cost;
    std::optional<double> _speed;
    std::optional<double> _intelligence;
    bool _hasMaxTokens = false;
    bool _toolResults = false;
};

namespace ask
{

/// A form with the fields of the described struct `T`, which must be flat: texts, numbers, booleans, enumerations and
/// vectors of enumerations. Any other `T` gives a form of one field, "value".
template <class T>
Question<Elicited<T>> form(std::string key, std::string_view message)
{
    JsonWriter request;
    request.beginObject().member("method", "elicitation/create").key("params").beginObject().member("message", message);
    request.key("requestedSchema").beginObject();
    if constexpr (detail::isDescribedObject<T>)
        Codec<T>::schema(request);
    else
    {
        request.member("type", "object").key("properties").beginObject().key("value").beginObject();
        Codec<T>::schema(request);
        request.endObject().endObject().key("required").beginArray().text("value").endArray();
    }
    request.endObject().endObject().endObject();
    return {std::move(key), request.take(),
            [](const Value& answer)
            {
                Elicited<T> elicited(answer);
                if (elicited.accepted())
                {
                    if constexpr (detail::isDescribedObject<T>)
                        elicited.assign(elicited.content().template as<T>());
                    else
                        elicited.assign(elicited.content()["value"].template as<T>());
                }
                return elicited;
            }};
}

/// A form whose schema is given as JSON text.
inline Question<Elicited<Value>> form(std::string key, std::string_view message, const Json& requestedSchema)
{
    JsonWriter request;
    request.beginObject().member("method", "elicitation/create").key("params").beginObject();
    request.member("message", message).member("requestedSchema", requestedSchema).endObject().endObject();
    return {std::move(key), request.take(),
            [](const Value& answer)
            {
                Elicited<Value> elicited(answer);
                if (elicited.accepted())
                    elicited.assign(elicited.content());
                return elicited;
            }};
}

/// A page that the user shall open, for what must not pass through the client: passwords, payment, consent.
inline Question<UrlElicited> url(std::string key, std::string_view message, std::string_view url)
{
    JsonWriter request;
    request.beginObject().member("method", "elicitation/create").key("params").beginObject().member("mode", "url");
    request.member("message", message).member("url", url).endObject().endObject();
    return {std::move(key), request.take(), [](const Value& answer) {
                return UrlElicited{
                    detail::findChoice<ElicitAction>(answer["action"].text()).value_or(ElicitAction::Cancel)};
            }};
}

inline Question<SamplingReply> sample(std::string key, const Sampling& sampling)
{
    JsonWriter request;
    request.beginObject().member("method", "sampling/createMessage").key("params");
    sampling.write(request);
    request.endObject();
    return {std::move(key), request.take(), [](const Value& answer) { return SamplingReply(answer); }};
}

inline Question<std::vector<Root>> roots(std::string key = "roots")
{
    return {std::move(key), R"({"method":"roots/list","params":{}})",
            [](const Value& answer) { return answer["roots"].as<std::vector<Root>>(); }};
}

} // namespace ask

} // namespace tenon

#endif
