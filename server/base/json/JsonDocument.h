#pragma once

#include "base/json/BigNumber.h"

#include <Poco/Exception.h>
#include <simdjson.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace tenon::base
{

/// One parsed JSON text: a read-only tree that stands on its own, apart from the text it was made of.
///
/// Threading: any thread may read; parsing uses a parser that belongs to the calling thread.
/// Ownership: elements and texts taken from `root()` borrow this object.
class JsonDocument
{
public:
    using Element = simdjson::dom::element;

    /// Bytes that must be readable, whatever they hold, behind a text handed over as padded.
    static constexpr std::size_t PADDING = simdjson::SIMDJSON_PADDING;
    static constexpr std::size_t MAX_DEPTH = 1024;

    enum class Padding
    {
        NONE,   ///< the text is copied
        PRESENT ///< `PADDING` readable bytes follow the text: no copy
    };

    /// Parses `text`.
    ///
    /// Shape:     UTF-8, with or without a byte order mark; one value; nesting up to MAX_DEPTH. A number that neither 64
    ///            bits nor a double hold is carried as its digits (`BigNumbers`), a surrogate without its other half
    ///            is read as U+FFFD.
    /// Errors:    JsonException; its message says what is wrong, for a client to read. std::bad_alloc.
    /// Ownership: the document is recycled when the last pointer goes.
    [[nodiscard]] static std::shared_ptr<const JsonDocument> parse(std::string_view text,
                                                                   Padding padding = Padding::NONE);

    /// As `parse`, for a document that stays: it takes what it holds, and the thread keeps nothing for the next. The parser
    /// makes room for the worst text of its length, about ten times the text. That is nothing for a message and much for a
    /// catalogue, lists of other servers, whatever a thread of its own reads now and then.
    [[nodiscard]] static std::shared_ptr<const JsonDocument> parseToKeep(std::string_view text);

    [[nodiscard]] Element root() const { return _document.root(); }

    /// What the tree takes, and the texts in it. Units: bytes, of the tree's own; it may have room for more.
    [[nodiscard]] std::size_t bytes() const;

    JsonDocument() = default;
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    struct Kept; ///< those that wait to be used again

private:
    simdjson::dom::document _document;
    std::size_t _textBytes = 0; ///< of what it was made of
};

using JsonDocumentPtr = std::shared_ptr<const JsonDocument>;

/// Thrown for text that is not valid JSON.
class JsonException : public Poco::DataFormatException
{
public:
    enum class Kind
    {
        MALFORMED,
        TOO_DEEP, ///< may be JSON, but is nested deeper than MAX_DEPTH
        TOO_LARGE
    };

    JsonException(Kind kind, const std::string& why)
        : Poco::DataFormatException(kind == Kind::MALFORMED ? "malformed JSON" : "JSON that is not taken", why),
          _kind(kind)
    {
    }

    [[nodiscard]] Kind kind() const noexcept { return _kind; }

private:
    Kind _kind;
};

/// The member `name` of `object` as text; empty if it is absent or of another type. Borrows the document.
[[nodiscard]] std::string_view textMember(const simdjson::dom::element& object, std::string_view name) noexcept;

/// Whether `object` is an object and has the member `name`; it is put into `member`.
[[nodiscard]] bool findMember(const simdjson::dom::element& object, std::string_view name,
                              simdjson::dom::element& member) noexcept;

/// The element as JSON text without white space.
[[nodiscard]] std::string toJson(const simdjson::dom::element& element);

} // namespace tenon::base
