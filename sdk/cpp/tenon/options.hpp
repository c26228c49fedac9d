#ifndef TENON_OPTIONS_HPP
#define TENON_OPTIONS_HPP

#include <tenon/fwd.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

/// What can be said about a parameter or a field beyond its type, name and description. Each becomes one or two
/// keywords of its JSON Schema; the host checks arguments against them before the handler runs.

namespace tenon
{

namespace detail
{

template <class T>
struct Default
{
    T value;

    template <class W>
    void write(W& writer) const
    {
        writer.member("default", value);
    }
};

template <class T>
struct Keyword
{
    const char* name;
    T value;

    template <class W>
    void write(W& writer) const
    {
        writer.member(name, value);
    }
};

template <class T>
struct Bounds
{
    const char* minimumName;
    const char* maximumName;
    T minimum;
    T maximum;

    template <class W>
    void write(W& writer) const
    {
        writer.member(minimumName, minimum);
        writer.member(maximumName, maximum);
    }
};

template <std::size_t N>
struct OneOf
{
    std::array<const char*, N> values;

    template <class W>
    void write(W& writer) const
    {
        writer.key("enum").beginArray();
        for (const char* value : values)
            writer.text(value);
        writer.endArray();
    }
};

struct NotRequired
{
    template <class W>
    void write(W&) const
    {
    }
};

/// Whether an option writes a keyword ("minimum", "maximum") that an integer's type would write by itself: it stands once.
template <class Option>
constexpr bool sets(const Option&, std::string_view)
{
    return false;
}
template <class T>
constexpr bool sets(const Keyword<T>& option, std::string_view keyword)
{
    return option.name == keyword;
}
template <class T>
constexpr bool sets(const Bounds<T>& option, std::string_view keyword)
{
    return option.minimumName == keyword || option.maximumName == keyword;
}

template <class Option>
inline constexpr bool isDefault = false;
template <class T>
inline constexpr bool isDefault<Default<T>> = true;

} // namespace detail

/// Not required; this value is used if the client leaves it out.
template <class T>
constexpr detail::Default<std::decay_t<T>> defaultTo(T&& value)
{
    return {std::forward<T>(value)};
}

/// Not required, and no default is announced: the C++ value keeps what it was initialised with.
constexpr detail::NotRequired notRequired()
{
    return {};
}

/// Numbers: from `minimum` to `maximum`, both included.
template <class A, class B>
constexpr detail::Bounds<std::common_type_t<A, B>> range(A minimum, B maximum)
{
    return {"minimum", "maximum", minimum, maximum};
}

template <class T>
constexpr detail::Keyword<T> atLeast(T minimum)
{
    return {"minimum", minimum};
}

template <class T>
constexpr detail::Keyword<T> atMost(T maximum)
{
    return {"maximum", maximum};
}

/// Texts: the length in characters.
constexpr detail::Bounds<std::size_t> length(std::size_t minimum, std::size_t maximum)
{
    return {"minLength", "maxLength", minimum, maximum};
}

constexpr detail::Keyword<std::size_t> minLength(std::size_t minimum)
{
    return {"minLength", minimum};
}
constexpr detail::Keyword<std::size_t> maxLength(std::size_t maximum)
{
    return {"maxLength", maximum};
}

/// Texts: a regular expression that is found in the text; anchor it with ^ and $.
constexpr detail::Keyword<const char*> pattern(const char* expression)
{
    return {"pattern", expression};
}

/// Texts: "date-time", "date", "email", "uri" and the other formats of JSON Schema.
constexpr detail::Keyword<const char*> format(const char* name)
{
    return {"format", name};
}

/// Texts: one of these. An `enum class` with `choices` gives the same with a type and titles.
template <class... T>
constexpr detail::OneOf<sizeof...(T)> oneOf(const T*... values)
{
    return {{values...}};
}

/// Arrays: the number of elements.
constexpr detail::Bounds<std::size_t> items(std::size_t minimum, std::size_t maximum)
{
    return {"minItems", "maxItems", minimum, maximum};
}

constexpr detail::Keyword<const char*> title(const char* text)
{
    return {"title", text};
}

/// The client repeats the argument as the HTTP header `Mcp-Param-<name>`, so that proxies can route by it. Texts,
/// integers and booleans only; nothing secret.
constexpr detail::Keyword<const char*> header(const char* name)
{
    return {"x-mcp-header", name};
}

/// Any other keyword of JSON Schema.
template <class T>
constexpr detail::Keyword<std::decay_t<T>> keyword(const char* name, T&& value)
{
    return {name, std::forward<T>(value)};
}

} // namespace tenon

#endif
