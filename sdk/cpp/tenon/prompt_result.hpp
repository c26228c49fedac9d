#ifndef TENON_PROMPT_RESULT_HPP
#define TENON_PROMPT_RESULT_HPP

#include <tenon/content.hpp>

namespace tenon
{

/// The protocol's GetPromptResult, for prompts of more than one message.
class PromptResult
{
public:
    PromptResult() = default;
    PromptResult(std::string text) { user(std::move(text)); }
    PromptResult(const char* text) : PromptResult(std::string(text)) {}
    PromptResult(std::string_view text) : PromptResult(std::string(text)) {}

    PromptResult& description(std::string text)
    {
        _description = std::move(text);
        return *this;
    }

    PromptResult& user(std::string text) { return message(Role::User, Content::text(std::move(text))); }
    PromptResult& assistant(std::string text) { return message(Role::Assistant, Content::text(std::move(text))); }

    PromptResult& message(Role role, Content content)
    {
        _messages.emplace_back(role, std::move(content));
        return *this;
    }

    template <class W>
    void write(W& writer, std::string_view description) const
    {
        writer.beginObject();
        if (!_description.empty() || !description.empty())
            writer.member("description", _description.empty() ? description : std::string_view(_description));
        writer.key("messages").beginArray();
        for (const auto& [role, content] : _messages)
            writer.beginObject().member("role", role).member("content", content).endObject();
        writer.endArray().endObject();
    }

private:
    std::string _description;
    std::vector<std::pair<Role, Content>> _messages;
};

} // namespace tenon

#endif
