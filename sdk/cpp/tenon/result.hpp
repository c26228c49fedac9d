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

} // namespace tenon

#endif
