#ifndef TENON_CODEC_DESCRIBED_HPP
#define TENON_CODEC_DESCRIBED_HPP

#include <tenon/codec.hpp>

#include <tuple>

/// Enumerations and structs that have a `describe`; and parameters, which are described the same way.

namespace tenon
{

namespace detail
{

/// Whether a client must give a member of this type with these options.
template <class T, class... Options>
inline constexpr bool isRequired =
    !isOptional<T> && !(isDefault<Options> || ...) && !(std::is_same_v<Options, NotRequired> || ...);

/// Writes one property: the schema of its type, its description and what its options add.
template <class T, class W, class... Options>
void writeProperty(W& writer, std::string_view name, std::string_view description,
                   const std::tuple<Options...>& options)
{
    writer.key(name).beginObject();
    using Integer = typename IntegerIn<T>::type;
    if constexpr (!std::is_void_v<Integer>)
    {
        const auto free = [&options](std::string_view keyword) {
            return !std::apply([keyword](const auto&... option) { return (sets(option, keyword) || ... || false); },
                               options);
        };
        writer.member("type", "integer");
        writeBounds<Integer>(writer, free("minimum"), free("maximum"));
    }
    else
        Codec<T>::schema(writer);
    if (!description.empty())
        writer.member("description", description);
    std::apply([&writer](const auto&... option) { (option.write(writer), ...); }, options);
    writer.endObject();
}

/// Reads the member `name` of `object` into `target`, which keeps its value if the member is not there and has no
/// default.
template <class T, class... Options>
void readMember(const Value& object, std::string_view name, const std::tuple<Options...>& options, const Place& place,
                T& target)
{
    const Value member = object[name];
    if (member.exists())
    {
        const Place inner{&place, name, 0};
        target = Codec<T>::read(member, inner);
        return;
    }
    if constexpr (isRequired<T, Options...>)
    {
        const Place inner{&place, name, 0};
        throw InvalidParams(inner.path() + ": is required");
    }
    else
    {
        const auto takeDefault = [&target](const auto& option)
        {
            if constexpr (isDefault<std::decay_t<decltype(option)>>)
                target = T(option.value);
        };
        std::apply([&takeDefault](const auto&... option) { (takeDefault(option), ...); }, options);
        static_cast<void>(takeDefault);
    }
}

template <class E, class W>
void writeChoiceTitles(W& writer)
{
    writer.beginArray();
    for (const auto& choice : describe(Type<E>{}).values)
        writer.beginObject().member("const", choice.name).member("title", choice.title).endObject();
    writer.endArray();
}

/// The enumeration's value whose name is `text`, or null.
template <class E>
std::optional<E> findChoice(std::string_view text)
{
    for (const auto& choice : describe(Type<E>{}).values)
        if (text == choice.name)
            return choice.value;
    return std::nullopt;
}

template <class E>
std::string choiceNames()
{
    std::string names;
    for (const auto& choice : describe(Type<E>{}).values)
        names += (names.empty() ? "" : ", ") + std::string(choice.name);
    return names;
}

} // namespace detail

template <class E>
struct Codec<E, std::enable_if_t<detail::isDescribedEnum<E>>>
{
    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "string");
        const auto description = describe(Type<E>{});
        if (description.titled())
        {
            writer.key("oneOf");
            detail::writeChoiceTitles<E>(writer);
            return;
        }
        writer.key("enum").beginArray();
        for (const auto& choice : description.values)
            writer.text(choice.name);
        writer.endArray();
    }

    static E read(const Value& value, const Place& place)
    {
        if (!value.isText())
            detail::mismatch(place, "a text", value);
        if (const auto found = detail::findChoice<E>(value.text()))
            return *found;
        throw InvalidParams(place.path() + ": '" + std::string(value.text()) + "' is none of " +
                            detail::choiceNames<E>());
    }

    template <class W>
    static void write(W& writer, E value)
    {
        for (const auto& choice : describe(Type<E>{}).values)
        {
            if (choice.value == value)
            {
                writer.text(choice.name);
                return;
            }
        }
        throw NotRepresentable("an enumerator without a name (" +
                               std::to_string(static_cast<std::underlying_type_t<E>>(value)) + ")");
    }
};

template <class T>
struct Codec<T, std::enable_if_t<detail::isDescribedObject<T>>>
{
    template <class W>
    static void schema(W& writer)
    {
        const auto description = describe(Type<T>{});
        writer.member("type", "object");
        writer.key("properties").beginObject();
        std::apply(
            [&writer](const auto&... field) {
                (detail::writeProperty<MemberOf<decltype(field)>>(writer, field.name, field.description, field.options),
                 ...);
            },
            description.fields);
        writer.endObject();
        if ((std::apply([](const auto&... field) { return (required(field) || ... || false); }, description.fields)))
        {
            writer.key("required").beginArray();
            std::apply([&writer](const auto&... field)
                       { ((required(field) ? void(writer.text(field.name)) : void()), ...); },
                       description.fields);
            writer.endArray();
        }
    }

    static T read(const Value& value, const Place& place)
    {
        if (!value.isObject())
            detail::mismatch(place, "an object", value);
        T object{};
        std::apply([&](const auto&... field)
                   { (detail::readMember(value, field.name, field.options, place, object.*field.member), ...); },
                   describe(Type<T>{}).fields);
        return object;
    }

    template <class W>
    static void write(W& writer, const T& object)
    {
        writer.beginObject();
        std::apply([&](const auto&... field) { (writeField(writer, field.name, object.*field.member), ...); },
                   describe(Type<T>{}).fields);
        writer.endObject();
    }

private:
    template <class F>
    using MemberOf = typename std::decay_t<F>::Member;

    template <class Owner, class M, class... Options>
    static constexpr bool required(const Field<Owner, M, Options...>&)
    {
        return detail::isRequired<M, Options...>;
    }

    template <class W, class M>
    static void writeField(W& writer, const char* name, const M& member)
    {
        // An optional that holds nothing is left out: null would break the schema.
        if constexpr (detail::isOptional<M>)
        {
            if (member)
                writer.member(name, *member);
        }
        else
            writer.member(name, member);
    }
};

} // namespace tenon

#endif
