#ifndef TENON_DETAIL_ANSWER_HPP
#define TENON_DETAIL_ANSWER_HPP

#include <tenon/call.hpp>
#include <tenon/prompt_result.hpp>
#include <tenon/resource_result.hpp>
#include <tenon/result.hpp>

/// What a handler returned becomes the answer of its call, written into the host's buffer. A handler that swallowed the
/// unwinding of a question went on without its answer: what it made of that is not wanted.

namespace tenon::detail
{

template <class T>
inline constexpr bool isText = std::is_convertible_v<const T&, std::string_view>;

template <class T>
inline constexpr bool isMap = false;
template <class T>
inline constexpr bool isMap<std::map<std::string, T>> = true;
template <class T>
inline constexpr bool isMap<std::unordered_map<std::string, T>> = true;

template <class T>
inline constexpr bool isVector = false;
template <class T>
inline constexpr bool isVector<std::vector<T>> = true;

/// Types whose values are `structuredContent`, and whose schema is an outputSchema.
template <class T>
inline constexpr bool isStructured = isDescribedObject<T> || isMap<T> || isVector<T>;

inline tenon_status finish(Writer writer, tenon_call* call)
{
    const tenon_status status = writer.finish();
    if (status == TENON_ERROR_INVALID)
        return call->api->fail(call, TENON_ERROR_FAILED,
                               toText("The plugin wrote a result that is not a JSON object."));
    return status;
}

inline tenon_status finishRaw(const RawResult& result, tenon_call* call)
{
    const tenon_status status = call->api->finish(call, toText(result.json));
    if (status == TENON_ERROR_INVALID)
        return call->api->fail(call, TENON_ERROR_FAILED, toText("The plugin's result is not a JSON object."));
    return status;
}

inline void beginContent(Writer& writer)
{
    writer.beginObject().key("content").beginArray();
}

inline void writeTextBlock(Writer& writer, std::string_view text)
{
    writer.beginObject().key("type").text("text").key("text").text(text).endObject();
}

/// A tool's answer.
template <class T>
tenon_status answerTool(const Call& call, const T& result)
{
    if (call.isPending())
        return TENON_INPUT_PENDING;
    Writer writer = call.writer();
    if constexpr (std::is_same_v<T, Written>)
        return finish(writer, call.raw());
    else if constexpr (std::is_same_v<T, RawResult>)
        return finishRaw(result, call.raw());
    else if constexpr (std::is_same_v<T, Result>)
        result.write(writer);
    else if constexpr (std::is_same_v<T, Content>)
    {
        beginContent(writer);
        result.write(writer);
        writer.endArray().endObject();
    }
    else if constexpr (isText<T>)
    {
        beginContent(writer);
        writeTextBlock(writer, result);
        writer.endArray().endObject();
    }
    else
    {
        const std::string json = toJson(result).text;
        beginContent(writer);
        writeTextBlock(writer, json);
        writer.endArray();
        // A bare number or boolean is a text only: legacy clients know objects alone as structured content.
        if constexpr (!std::is_arithmetic_v<T>)
            writer.member("structuredContent", result);
        writer.endObject();
    }
    return finish(writer, call.raw());
}

inline tenon_status answerTool(const Call& call)
{
    if (call.isPending())
        return TENON_INPUT_PENDING;
    Writer writer = call.writer();
    beginContent(writer);
    writer.endArray().endObject();
    return finish(writer, call.raw());
}

/// What the declaration of a resource says about every reading of it.
struct ResourceDefaults
{
    std::string mimeType;
    std::optional<CacheHint> cache;
};

template <class T>
tenon_status answerResource(const Call& call, const T& result, const ResourceDefaults& defaults)
{
    if (call.isPending())
        return TENON_INPUT_PENDING;
    Writer writer = call.writer();
    if constexpr (std::is_same_v<T, Written>)
        return finish(writer, call.raw());
    else if constexpr (std::is_same_v<T, RawResult>)
        return finishRaw(result, call.raw());
    else if constexpr (std::is_same_v<T, ResourceResult>)
        result.write(writer, call.uri(), defaults.mimeType, defaults.cache);
    else
    {
        writer.beginObject().key("contents").beginArray().beginObject().member("uri", call.uri());
        if (!defaults.mimeType.empty())
            writer.member("mimeType", defaults.mimeType);
        if constexpr (std::is_same_v<T, Bytes>)
            writer.key("blob").base64(result.data);
        else if constexpr (isText<T>)
            writer.member("text", std::string_view(result));
        else
            writer.member("text", toJson(result).text);
        writer.endObject().endArray();
        if (defaults.cache)
            writer.member("ttlMs", defaults.cache->ttlMs).member("cacheScope", defaults.cache->scope);
        writer.endObject();
    }
    return finish(writer, call.raw());
}

template <class T>
tenon_status answerPrompt(const Call& call, const T& result, std::string_view description)
{
    if (call.isPending())
        return TENON_INPUT_PENDING;
    Writer writer = call.writer();
    if constexpr (std::is_same_v<T, Written>)
        return finish(writer, call.raw());
    else if constexpr (std::is_same_v<T, RawResult>)
        return finishRaw(result, call.raw());
    else
        PromptResult(result).write(writer, description);
    return finish(writer, call.raw());
}

} // namespace tenon::detail

#endif
