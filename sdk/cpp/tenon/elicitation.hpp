#ifndef TENON_ELICITATION_HPP
#define TENON_ELICITATION_HPP

#include <tenon/content.hpp>

namespace tenon
{

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

namespace detail
{

/// What clients know to draw: texts, numbers, booleans, a choice, several choices.
template <class T>
inline constexpr bool isFormField = std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || isDescribedEnum<T>;
template <class T>
inline constexpr bool isFormField<std::optional<T>> = isFormField<T>;
template <class T>
inline constexpr bool isFormField<std::vector<T>> = isDescribedEnum<T>;

template <class Description>
inline constexpr bool isFlat = false;
template <class... Fields>
inline constexpr bool isFlat<ObjectDescription<Fields...>> = (isFormField<typename Fields::Member> && ...);

template <class T>
constexpr bool isForm()
{
    if constexpr (isDescribedObject<T>)
        return isFlat<decltype(describe(Type<T>{}))>;
    else
        return isFormField<T>;
}

} // namespace detail

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

} // namespace tenon

#endif
