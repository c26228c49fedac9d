#ifndef TENON_DESCRIBE_HPP
#define TENON_DESCRIBE_HPP

#include <tenon/options.hpp>

#include <array>
#include <string>
#include <tuple>
#include <type_traits>

/// How a plugin's own types become JSON: a function `describe` beside the type says it once, and the schema, the
/// reading and the writing follow.
///
///     struct Person { std::string name; int age = 0; };
///
///     inline auto describe(tenon::Type<Person>)
///     {
///         return tenon::object(tenon::field("name", &Person::name, "The full name"),
///                              tenon::field("age", &Person::age, "Years", tenon::range(0, 150)));
///     }
///
///     enum class Colour { Red, Green };
///
///     inline auto describe(tenon::Type<Colour>)
///     {
///         return tenon::choices(tenon::choice(Colour::Red, "red", "Red"), tenon::choice(Colour::Green, "green",
///         "Green"));
///     }

namespace tenon
{

/// Names a type in an overload.
template <class T>
struct Type
{
};

/// One member of a described struct.
template <class Owner, class T, class... Options>
struct Field
{
    using Member = T;

    const char* name;
    T Owner::*member;
    const char* description;
    std::tuple<Options...> options;
};

template <class Owner, class T, class... Options>
constexpr Field<Owner, T, Options...> field(const char* name, T Owner::*member, const char* description = "",
                                            Options... options)
{
    return {name, member, description, std::tuple<Options...>(options...)};
}

template <class... Fields>
struct ObjectDescription
{
    std::tuple<Fields...> fields;
};

template <class... Fields>
constexpr ObjectDescription<Fields...> object(Fields... fields)
{
    return {std::tuple<Fields...>(fields...)};
}

/// One value of a described enumeration: the text that stands for it in JSON, and the one shown to people.
template <class E>
struct Choice
{
    E value;
    const char* name;
    const char* title;
};

template <class E>
constexpr Choice<E> choice(E value, const char* name, const char* title = nullptr)
{
    return {value, name, title};
}

template <class E, std::size_t N>
struct ChoicesDescription
{
    std::array<Choice<E>, N> values;

    constexpr bool titled() const
    {
        for (const auto& value : values)
            if (!value.title)
                return false;
        return true;
    }
};

template <class E, class... More>
constexpr ChoicesDescription<E, 1 + sizeof...(More)> choices(Choice<E> first, More... more)
{
    return {{{first, more...}}};
}

namespace detail
{

template <class T, class = void>
inline constexpr bool isDescribed = false;
template <class T>
inline constexpr bool isDescribed<T, std::void_t<decltype(describe(Type<T>{}))>> = true;

template <class T, bool = isDescribed<T>>
inline constexpr bool isDescribedObject = false;
template <class T>
inline constexpr bool isDescribedObject<T, true> = std::is_class_v<T>;

template <class T, bool = isDescribed<T>>
inline constexpr bool isDescribedEnum = false;
template <class T>
inline constexpr bool isDescribedEnum<T, true> = std::is_enum_v<T>;

} // namespace detail

} // namespace tenon

#endif
