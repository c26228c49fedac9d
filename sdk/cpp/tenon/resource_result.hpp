#ifndef TENON_RESOURCE_RESULT_HPP
#define TENON_RESOURCE_RESULT_HPP

#include <tenon/content.hpp>

namespace tenon
{

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

} // namespace tenon

#endif
