#ifndef TENON_PROMPT_HPP
#define TENON_PROMPT_HPP

#include <tenon/completion.hpp>

#include <atomic>

namespace tenon
{

namespace detail
{

struct PromptArgument
{
    std::string name;
    std::string description;
    bool required;
};

struct Prompt : Metadata
{
    const Host* host = nullptr;
    std::vector<PromptArgument> arguments;
    std::vector<Completer> completers;
    std::function<tenon_status(tenon_call*)> get;
    std::atomic<bool> listed{false};

    void write(JsonWriter& writer, uint32_t position, uint32_t index) const
    {
        writer.beginObject();
        Metadata::write(writer);
        if (!arguments.empty())
        {
            writer.key("arguments").beginArray();
            for (const PromptArgument& argument : arguments)
            {
                writer.beginObject().member("name", argument.name);
                if (!argument.description.empty())
                    writer.member("description", argument.description);
                writer.member("required", argument.required).endObject();
            }
            writer.endArray();
        }
        if (position != index)
            writer.key("tenon").beginObject().member("index", index).endObject();
        writer.endObject();
    }
};

} // namespace detail

/// Declares one prompt. Made by `plugin.prompt(...)`; ends with `handle`.
///
/// A handler takes `tenon::Call&` if it wants it, then one value per `argument`. It returns a text (one message of the
/// user) or a `PromptResult`. It must be safe on many threads.
template <class... Arguments>
class PromptBuilder : public detail::Described<PromptBuilder<Arguments...>>,
                      public detail::Completing<PromptBuilder<Arguments...>>
{
public:
    explicit PromptBuilder(detail::Prompt& prompt) : _prompt(&prompt) {}

    /// The next argument: `std::string`, `std::string_view` or a described enum, whose names complete it by themselves;
    /// with `std::optional` around it, it may be left out.
    template <class T = std::string>
    auto argument(std::string name, std::string description = {})
    {
        using Inner = typename Unwrapped<T>::Type;
        static_assert(std::is_same_v<Inner, std::string> || std::is_same_v<Inner, std::string_view> ||
                          detail::isDescribedEnum<Inner>,
                      "an argument of a prompt is a text or a described enum");
        if constexpr (detail::isDescribedEnum<Inner>)
        {
            std::vector<std::string> names;
            for (const auto& choice : describe(Type<Inner>{}).values)
                names.emplace_back(choice.name);
            this->complete(name, std::move(names));
        }
        _prompt->arguments.push_back({std::move(name), std::move(description), !detail::isOptional<T>});
        return PromptBuilder<Arguments..., T>(*_prompt);
    }

    template <class Function>
    void handle(Function function)
    {
        _prompt->get = [prompt = _prompt, function = std::move(function)](tenon_call* raw)
        {
            return detail::enter(*prompt->host, raw,
                                 [&](Call& call)
                                 { return answer(call, *prompt, function, std::index_sequence_for<Arguments...>()); });
        };
        _prompt->listed.store(true, std::memory_order_release);
    }

    detail::Metadata& metadata() { return *_prompt; }
    std::vector<detail::Completer>& completers() { return _prompt->completers; }

private:
    template <class T>
    struct Unwrapped
    {
        using Type = T;
    };
    template <class T>
    struct Unwrapped<std::optional<T>>
    {
        using Type = T;
    };

    template <class T>
    static T read(const Value& arguments, const std::string& name)
    {
        T value{};
        detail::readMember(arguments, name, std::tuple<>(), Place(), value);
        return value;
    }

    template <class Function, std::size_t... I>
    static tenon_status answer(Call& call, const detail::Prompt& prompt, const Function& function,
                               std::index_sequence<I...>)
    {
        const Value arguments = call.arguments();
        static_cast<void>(arguments);
        const auto result = detail::callWith(function, call, read<Arguments>(arguments, prompt.arguments[I].name)...);
        return detail::answerPrompt<detail::Plain<std::decay_t<decltype(result)>>>(call, result, prompt.description);
    }

    detail::Prompt* _prompt;
};

} // namespace tenon

#endif
