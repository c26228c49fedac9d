#ifndef TENON_RESULT_HPP
#define TENON_RESULT_HPP

#include <tenon/content.hpp>

namespace tenon
{

/// The protocol's CallToolResult, for tools that return more than one text or one described struct.
///
///     return tenon::Result("Three files").link("file:///a", "a").structured(summary);
class Result
{
public:
    Result() = default;
    Result(std::string text) { add(Content::text(std::move(text))); }
    Result(const char* text) : Result(std::string(text)) {}
    Result(Content content) { add(std::move(content)); }

    /// A result that tells the model what went wrong.
    static Result error(std::string text)
    {
        Result result(std::move(text));
        result._isError = true;
        return result;
    }

    Result& text(std::string text) { return add(Content::text(std::move(text))); }
    Result& image(Bytes data, std::string mimeType)
    {
        return add(Content::image(std::move(data), std::move(mimeType)));
    }
    Result& audio(Bytes data, std::string mimeType)
    {
        return add(Content::audio(std::move(data), std::move(mimeType)));
    }

    Result& link(std::string uri, std::string name, std::string mimeType = {})
    {
        return add(Content::link(std::move(uri), std::move(name), std::move(mimeType)));
    }

    Result& add(Content content)
    {
        _content.push_back(std::move(content));
        return *this;
    }

    /// `structuredContent`. If the result has no content of its own, the JSON is repeated as a text for clients that
    /// do not know structured content.
    template <class T>
    Result& structured(const T& value)
    {
        _structured = toJson(value).text;
        return *this;
    }

    Result& isError(bool isError = true)
    {
        _isError = isError;
        return *this;
    }

    Result& meta(Json object)
    {
        _meta = std::move(object.text);
        return *this;
    }

    template <class W>
    void write(W& writer) const
    {
        writer.beginObject().key("content").beginArray();
        for (const Content& content : _content)
            content.write(writer);
        if (_content.empty() && !_structured.empty())
            writer.beginObject().member("type", "text").member("text", _structured).endObject();
        writer.endArray();
        if (!_structured.empty())
            writer.key("structuredContent").json(_structured);
        if (_isError)
            writer.member("isError", true);
        if (!_meta.empty())
            writer.key("_meta").json(_meta);
        writer.endObject();
    }

private:
    std::vector<Content> _content;
    std::string _structured;
    std::string _meta;
    bool _isError = false;
};

/// A finished result as JSON text, in the shape of the newest revision.
struct RawResult
{
    std::string json;
};

/// Returned by a handler that wrote its result with `call.writer()`.
struct Written
{
};

enum class CacheScope
{
    Public, ///< the same for everybody
    Private ///< for this principal only
};

inline auto describe(Type<CacheScope>)
{
    return choices(choice(CacheScope::Public, "public"), choice(CacheScope::Private, "private"));
}

/// How long clients may keep what they read. Units: milliseconds.
struct CacheHint
{
    int64_t ttlMs;
    CacheScope scope;
};

/// The protocol's ReadResourceResult, for resources that return more than one text or `Bytes`.
class ResourceResult
{
public:
    ResourceResult() = default;

    /// An empty `uri` or `mimeType` stands for those of the resource that is read.
    ResourceResult& text(std::string text, std::string mimeType = {}, std::string uri = {})
    {
        _contents.push_back({std::move(uri), std::move(mimeType), std::move(text), false, {}});
        return *this;
    }

    ResourceResult& blob(Bytes data, std::string mimeType = {}, std::string uri = {})
    {
        _contents.push_back({std::move(uri), std::move(mimeType), std::move(data.data), true, {}});
        return *this;
    }

    /// `_meta` of the contents that were added last.
    ResourceResult& meta(Json object)
    {
        if (!_contents.empty())
            _contents.back().meta = std::move(object.text);
        return *this;
    }

    ResourceResult& cache(int64_t ttlMs, CacheScope scope = CacheScope::Public)
    {
        _cache = CacheHint{ttlMs, scope};
        return *this;
    }

    template <class W>
    void write(W& writer, std::string_view uri, std::string_view mimeType, const std::optional<CacheHint>& cache) const
    {
        writer.beginObject().key("contents").beginArray();
        for (const Contents& contents : _contents)
        {
            writer.beginObject().member("uri", contents.uri.empty() ? uri : std::string_view(contents.uri));
            const std::string_view type = contents.mimeType.empty() ? mimeType : std::string_view(contents.mimeType);
            if (!type.empty())
                writer.member("mimeType", type);
            if (contents.binary)
                writer.key("blob").base64(contents.data);
            else
                writer.member("text", contents.data);
            if (!contents.meta.empty())
                writer.key("_meta").json(contents.meta);
            writer.endObject();
        }
        writer.endArray();
        if (const auto& hint = _cache ? _cache : cache)
            writer.member("ttlMs", hint->ttlMs).member("cacheScope", hint->scope);
        writer.endObject();
    }

private:
    struct Contents
    {
        std::string uri;
        std::string mimeType;
        std::string data;
        bool binary;
        std::string meta;
    };

    std::vector<Contents> _contents;
    std::optional<CacheHint> _cache;
};

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
