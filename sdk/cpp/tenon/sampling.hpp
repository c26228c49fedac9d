#ifndef TENON_SAMPLING_HPP
#define TENON_SAMPLING_HPP

#include <tenon/content.hpp>

namespace tenon
{

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

} // namespace tenon

#endif
