#ifndef TENON_CODEC_CONTAINERS_HPP
#define TENON_CODEC_CONTAINERS_HPP

#include <tenon/codec.hpp>

namespace tenon
{

namespace detail
{

template <class E, class W>
void writeChoiceTitles(W& writer);

/// `std::map` and `std::unordered_map` with texts as keys.
template <class Map>
struct MapCodec
{
    using Item = typename Map::mapped_type;

    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "object");
        writer.key("additionalProperties").beginObject();
        Codec<Item>::schema(writer);
        writer.endObject();
    }

    static Map read(const Value& value, const Place& place)
    {
        if (!value.isObject())
            mismatch(place, "an object", value);
        Map map;
        for (const auto& [key, item] : value.members())
        {
            const Place inner{&place, key, 0};
            map.emplace(std::string(key), Codec<Item>::read(item, inner));
        }
        return map;
    }

    template <class W>
    static void write(W& writer, const Map& map)
    {
        writer.beginObject();
        for (const auto& [key, item] : map)
            writer.member(key, item);
        writer.endObject();
    }
};

} // namespace detail

template <class T>
struct Codec<std::vector<T>>
{
    template <class W>
    static void schema(W& writer)
    {
        writer.member("type", "array");
        writer.key("items").beginObject();
        // The form for several choices that elicitation knows differs from the one for a single choice.
        if constexpr (detail::isDescribedEnum<T>)
        {
            if (describe(Type<T>{}).titled())
            {
                writer.key("anyOf");
                detail::writeChoiceTitles<T>(writer);
            }
            else
                Codec<T>::schema(writer);
        }
        else
            Codec<T>::schema(writer);
        writer.endObject();
    }

    static std::vector<T> read(const Value& value, const Place& place)
    {
        if (!value.isArray())
            detail::mismatch(place, "an array", value);
        std::vector<T> items;
        for (const Value item : value)
        {
            const Place inner{&place, {}, items.size()};
            items.push_back(Codec<T>::read(item, inner));
        }
        return items;
    }

    template <class W>
    static void write(W& writer, const std::vector<T>& items)
    {
        writer.beginArray();
        std::size_t index = 0;
        for (const auto& item : items)
        {
            try
            {
                writer.write(static_cast<const T&>(item));
            }
            catch (const NotRepresentable& fault)
            {
                throw fault.within('[' + std::to_string(index) + ']');
            }
            ++index;
        }
        writer.endArray();
    }
};

template <class T>
struct Codec<std::map<std::string, T>> : detail::MapCodec<std::map<std::string, T>>
{
};

template <class T>
struct Codec<std::unordered_map<std::string, T>> : detail::MapCodec<std::unordered_map<std::string, T>>
{
};

} // namespace tenon

#endif
