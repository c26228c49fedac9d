#ifndef TENON_CONTENT_HPP
#define TENON_CONTENT_HPP

#include <tenon/codec.hpp>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace tenon
{

enum class Role
{
    User,
    Assistant
};

inline auto describe(Type<Role>)
{
    return choices(choice(Role::User, "user"), choice(Role::Assistant, "assistant"));
}

/// The protocol's ContentBlock: one piece of a tool's result, of a prompt or of a sampling message. Its optional
/// members are added by chaining: `Content::image(bytes, "image/png").audience({Role::User}).priority(0.8)`.
///
/// Spec: 2026-07-28, Server Features, Tools, Tool Result.
class Content
{
public:
    static Content text(std::string text) { return Content(Kind::Text, std::move(text), {}); }

    /// Binary data and its MIME type; base64 is the writer's business.
    static Content image(Bytes data, std::string mimeType)
    {
        return Content(Kind::Image, std::move(data.data), std::move(mimeType));
    }

    static Content audio(Bytes data, std::string mimeType)
    {
        return Content(Kind::Audio, std::move(data.data), std::move(mimeType));
    }

    /// A resource that the client may read.
    static Content link(std::string uri, std::string name, std::string mimeType = {})
    {
        Content content(Kind::Link, std::move(name), std::move(mimeType));
        content._uri = std::move(uri);
        return content;
    }

    /// A resource's contents themselves.
    static Content resource(std::string uri, std::string text, std::string mimeType = {})
    {
        Content content(Kind::TextResource, std::move(text), std::move(mimeType));
        content._uri = std::move(uri);
        return content;
    }

    static Content resource(std::string uri, Bytes data, std::string mimeType = {})
    {
        Content content(Kind::BlobResource, std::move(data.data), std::move(mimeType));
        content._uri = std::move(uri);
        return content;
    }

    /// A finished ContentBlock as JSON text.
    static Content json(Json block) { return Content(Kind::Raw, std::move(block.text), {}); }

    Content& title(std::string_view title) { return member("title", title); }
    Content& description(std::string_view description) { return member("description", description); }
    Content& size(int64_t bytes) { return member("size", bytes); }
    Content& audience(std::vector<Role> roles) { return annotation("audience", roles); }
    Content& priority(double zeroToOne) { return annotation("priority", zeroToOne); }
    Content& lastModified(std::string_view dateTime) { return annotation("lastModified", dateTime); }
    Content& meta(Json object) { return member("_meta", object); }

    template <class W>
    void write(W& writer) const
    {
        if (_kind == Kind::Raw)
        {
            writer.json(_text);
            return;
        }
        writer.beginObject();
        writeOwn(writer);
        for (const auto& [name, json] : _members)
            writer.key(name).json(json);
        if (!_annotations.empty())
        {
            writer.key("annotations").beginObject();
            for (const auto& [name, json] : _annotations)
                writer.key(name).json(json);
            writer.endObject();
        }
        writer.endObject();
    }

private:
    enum class Kind
    {
        Text,
        Image,
        Audio,
        Link,
        TextResource,
        BlobResource,
        Raw
    };
    using Members = std::vector<std::pair<const char*, std::string>>;

    Content(Kind kind, std::string text, std::string mimeType)
        : _kind(kind), _text(std::move(text)), _mimeType(std::move(mimeType))
    {
    }

    template <class T>
    Content& member(const char* name, const T& value)
    {
        _members.emplace_back(name, toJson(value).text);
        return *this;
    }

    template <class T>
    Content& annotation(const char* name, const T& value)
    {
        _annotations.emplace_back(name, toJson(value).text);
        return *this;
    }

    template <class W>
    void writeOwn(W& writer) const
    {
        switch (_kind)
        {
        case Kind::Text:
            writer.member("type", "text").member("text", _text);
            break;
        case Kind::Image:
        case Kind::Audio:
            writer.member("type", _kind == Kind::Image ? "image" : "audio").key("data").base64(_text);
            writer.member("mimeType", _mimeType);
            break;
        case Kind::Link:
            writer.member("type", "resource_link").member("uri", _uri).member("name", _text);
            if (!_mimeType.empty())
                writer.member("mimeType", _mimeType);
            break;
        default:
            writer.member("type", "resource").key("resource").beginObject().member("uri", _uri);
            if (!_mimeType.empty())
                writer.member("mimeType", _mimeType);
            if (_kind == Kind::TextResource)
                writer.member("text", _text);
            else
                writer.key("blob").base64(_text);
            writer.endObject();
        }
    }

    Kind _kind;
    std::string _text; ///< text, data, a link's name, or finished JSON
    std::string _mimeType;
    std::string _uri;
    Members _members;
    Members _annotations;
};

template <>
struct Codec<Content>
{
    template <class W>
    static void write(W& writer, const Content& content)
    {
        content.write(writer);
    }
};

} // namespace tenon

#endif
