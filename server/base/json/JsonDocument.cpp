#include "base/json/JsonDocument.h"
#include "base/json/KeptJson.h"

#include "base/json/JsonScan.h"
#include "base/threads/RecyclingAllocator.h"
#include "base/threads/ThreadStore.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace tenon::base
{

/// A message costs no allocation of its tape; large ones are let go.
struct JsonDocument::Kept
{
    using Object = JsonDocument;
    static constexpr std::size_t MOST = 8;
    // Of the texts together; trees take up to ten times as much, and every thread keeps some.
    static constexpr std::size_t MOST_SIZE = 6 * 1024;

    static std::size_t sizeOf(const JsonDocument* document) noexcept { return document->_document.capacity(); }
    static void letGo(JsonDocument* document) noexcept { delete document; }
};

namespace
{

/// The parser of a thread. It keeps four bytes for each of the largest text so far, in every thread, so larger texts get one
/// of their own.
simdjson::dom::parser& parserOfThisThread()
{
    thread_local simdjson::dom::parser parser;
    return parser;
}

constexpr std::size_t LARGE = 16 * 1024;

std::string explain(simdjson::error_code code)
{
    switch (code)
    {
    case simdjson::EMPTY:
        return "the text is empty";
    case simdjson::UTF8_ERROR:
        return "the text is not valid UTF-8";
    case simdjson::DEPTH_ERROR:
        return "nesting is deeper than " + std::to_string(JsonDocument::MAX_DEPTH) + " levels";
    case simdjson::STRING_ERROR:
    case simdjson::UNESCAPED_CHARS:
    case simdjson::UNCLOSED_STRING:
        return "a string is not closed, or holds an unescaped control character or a bad escape";
    case simdjson::NUMBER_ERROR:
        return "a number is malformed";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
        return "a word other than true, false and null";
    case simdjson::CAPACITY:
        return "the text is too large";
    default:
        return "a comma, colon, bracket or value is missing or misplaced";
    }
}

/// Shape: `own`: with the parser of this thread, else with one for this text.
simdjson::error_code parseInto(simdjson::dom::document& target, std::string_view text, JsonDocument::Padding padding,
                               bool own = true)
{
    const bool copy = padding == JsonDocument::Padding::NONE;
    if (own && text.size() <= LARGE)
    {
        simdjson::dom::parser& parser = parserOfThisThread();
        const simdjson::error_code error = parser.parse_into_document(target, text.data(), text.size(), copy).error();
        // One that got a part of its memory takes itself for whole the next time.
        if (error == simdjson::MEMALLOC)
            parser = simdjson::dom::parser();
        return error;
    }
    simdjson::dom::parser parser;
    return parser.parse_into_document(target, text.data(), text.size(), copy).error();
}

bool worthASecondLook(simdjson::error_code error)
{
    return error != simdjson::EMPTY && error != simdjson::UTF8_ERROR && error != simdjson::DEPTH_ERROR &&
           error != simdjson::CAPACITY && error != simdjson::MEMALLOC;
}

JsonException::Kind kindOf(simdjson::error_code error)
{
    return error == simdjson::DEPTH_ERROR ? JsonException::Kind::TOO_DEEP
           : error == simdjson::CAPACITY  ? JsonException::Kind::TOO_LARGE
                                          : JsonException::Kind::MALFORMED;
}

std::string_view withoutMark(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    return text;
}

constexpr std::size_t ZEROS = 50; ///< half of the shortest run that matters
constexpr std::string_view A_RUN = "00000000000000000000000000000000000000000000000000";
static_assert(A_RUN.size() == ZEROS);

/// Whether a hundred zeros stand in a row: one of two places that far apart is then the begin of fifty.
bool hasRunOfZeros(std::string_view text)
{
    for (std::size_t at = ZEROS; at + ZEROS <= text.size(); at += ZEROS)
        if (text[at] == '0' && text.substr(at, ZEROS) == A_RUN)
            return true;
    return false;
}

/// Whether `json` may hold a number that is too near to 0 for a double: simdjson reads it as 0 without a word. Looks for
/// what all of them have, an exponent of three digits or a hundred zeros in a row; what else has that is carried in vain.
bool mayVanish(std::string_view json)
{
    const auto isDigit = [&](std::size_t at) { return json[at] >= '0' && json[at] <= '9'; };
    for (std::size_t at = json.find('-', 2); at != std::string_view::npos; at = json.find('-', at + 1))
        if ((json[at - 1] | 0x20) == 'e' && isDigit(at - 2) && at + 3 < json.size() && isDigit(at + 1) &&
            isDigit(at + 2) && isDigit(at + 3))
            return true;
    return hasRunOfZeros(json);
}

void parseWhole(simdjson::dom::document& target, std::string_view text, JsonDocument::Padding padding, bool own)
{
    constexpr auto COPIED = JsonDocument::Padding::NONE;
    simdjson::error_code error =
        mayVanish(text) ? parseInto(target, carriedJson(text), COPIED, own) : parseInto(target, text, padding, own);
    // What simdjson refuses may be JSON that it cannot represent: a second look costs only those who write such.
    if (error && worthASecondLook(error))
        error = parseInto(target, carriedJson(text), COPIED, own);
    if (error == simdjson::MEMALLOC)
        throw std::bad_alloc();
    if (error)
        throw JsonException(kindOf(error), explain(error));
}

} // namespace

JsonDocumentPtr JsonDocument::parse(std::string_view text, Padding padding)
{
    using Store = ThreadStore<Kept>;
    text = withoutMark(text);
    JsonDocument* const kept = Store::take();
    std::unique_ptr<JsonDocument> made(kept ? kept : new JsonDocument);
    // Takes no memory: it is called as shared pointers end.
    const auto give = [](JsonDocument* document) noexcept
    {
        if (!Store::keep(document))
            delete document;
    };
    std::shared_ptr<JsonDocument> document(made.release(), give, RecyclingAllocator<JsonDocument>());
    document->_textBytes = text.size();
    parseWhole(document->_document, text, padding, true);
    return document;
}

JsonDocumentPtr JsonDocument::parseToKeep(std::string_view text)
{
    text = withoutMark(text);
    auto document = std::make_shared<JsonDocument>();
    document->_textBytes = text.size();
    parseWhole(document->_document, text, Padding::NONE, false);
    fitToContent(document->_document);
    return document;
}

void fitToContent(simdjson::dom::document& document)
{
    // The tape's first word says where it ends; each text on it says where it stands among the texts.
    constexpr std::uint64_t PAYLOAD = (std::uint64_t(1) << 56) - 1;
    const std::size_t words = static_cast<std::size_t>(document.tape[0] & PAYLOAD);
    std::size_t texts = 0;
    for (std::size_t at = 0; at < words; ++at)
    {
        const char kind = static_cast<char>(document.tape[at] >> 56);
        if (kind == 'l' || kind == 'u' || kind == 'd') // the number is in the next word
            ++at;
        if (kind != '"')
            continue;
        const std::size_t place = static_cast<std::size_t>(document.tape[at] & PAYLOAD);
        std::uint32_t length = 0;
        std::memcpy(&length, document.string_buf.get() + place, sizeof length);
        texts = std::max(texts, place + sizeof length + length + 1);
    }
    std::unique_ptr<std::uint64_t[]> tape(new std::uint64_t[words]);
    std::unique_ptr<std::uint8_t[]> strings(new std::uint8_t[texts]);
    std::copy_n(document.tape.get(), words, tape.get());
    std::copy_n(document.string_buf.get(), texts, strings.get());
    document.tape = std::move(tape);
    document.string_buf = std::move(strings);
}

std::size_t JsonDocument::bytes() const
{
    // The tape's first word says where it ends.
    constexpr std::uint64_t END = (std::uint64_t(1) << 56) - 1;
    return static_cast<std::size_t>(_document.tape[0] & END) * sizeof(std::uint64_t) + _textBytes;
}

std::string_view textMember(const simdjson::dom::element& object, std::string_view name) noexcept
{
    simdjson::dom::element member;
    if (!findMember(object, name, member))
        return {};
    std::string_view text;
    return member.get_string().get(text) ? std::string_view{} : text;
}

bool findMember(const simdjson::dom::element& object, std::string_view name, simdjson::dom::element& member) noexcept
{
    simdjson::dom::object members;
    return !object.get_object().get(members) && !members.at_key(name).get(member);
}

std::string toJson(const simdjson::dom::element& element)
{
    std::string text = simdjson::to_string(element);
    BigNumbers::restore(text);
    return text;
}

} // namespace tenon::base
