#include "schema/text/Idna.h"

#include "schema/text/Ascii.h"
#include "schema/text/Punycode.h"
#include "schema/text/Regex.h"
#include "schema/text/Utf8.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace tenon::schema::idna
{

namespace
{

using re2::RE2;

constexpr std::u32string_view EXCEPTIONS_VALID = U"\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007";
constexpr std::u32string_view EXCEPTIONS_DISALLOWED = U"\u0640\u07FA\u302E\u302F\u3031\u3032\u3033\u3034\u3035\u303B";

/// Canonical combining class 9.
constexpr std::array<char32_t, 62> VIRAMAS{
    0x094D,  0x09CD,  0x0A4D,  0x0ACD,  0x0B4D,  0x0BCD,  0x0C4D,  0x0CCD,  0x0D3B,  0x0D3C,  0x0D4D,  0x0DCA,  0x0E3A,
    0x0EBA,  0x0F84,  0x1039,  0x103A,  0x1714,  0x1715,  0x1734,  0x17D2,  0x1A60,  0x1B44,  0x1BAA,  0x1BAB,  0x1BF2,
    0x1BF3,  0x2D7F,  0xA806,  0xA82C,  0xA8C4,  0xA953,  0xA9C0,  0xAAF6,  0xABED,  0x10A3F, 0x11046, 0x11070, 0x1107F,
    0x110B9, 0x11133, 0x11134, 0x111C0, 0x11235, 0x112EA, 0x1134D, 0x11442, 0x114C2, 0x115BF, 0x1163F, 0x116B6, 0x1172B,
    0x11839, 0x1193D, 0x1193E, 0x119E0, 0x11A34, 0x11A47, 0x11A99, 0x11C3F, 0x11D44, 0x11D45};

constexpr char32_t ZERO_WIDTH_NON_JOINER = 0x200C;
constexpr char32_t ZERO_WIDTH_JOINER = 0x200D;

/// Blocks of compatibility forms: letters that NFKC turns into others.
bool isCompatibility(char32_t c)
{
    return (c >= 0x1100 && c <= 0x11FF) || (c >= 0x2100 && c <= 0x214F) || (c >= 0x3131 && c <= 0x318E) ||
           (c >= 0xA960 && c <= 0xA97F) || (c >= 0xD7B0 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDFF) ||
           (c >= 0xFE70 && c <= 0xFEFF) || (c >= 0xFF00 && c <= 0xFFEF) || (c >= 0x1D400 && c <= 0x1D7FF) ||
           (c >= 0x1EE00 && c <= 0x1EEFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

/// One of RE2's classes, asked about one character.
class CharacterClass
{
public:
    explicit CharacterClass(const char* pattern) : _pattern(pattern) {}

    bool has(char32_t c) const
    {
        std::string text;
        utf8::append(text, c);
        return search(_pattern, text);
    }

private:
    const RE2 _pattern;
};

bool isIn(const CharacterClass& set, std::u32string_view label, std::size_t at)
{
    return at < label.size() && set.has(label[at]);
}

bool isLetterOrDigit(char32_t c)
{
    static const CharacterClass LETTERS_DIGITS(R"([\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}])");
    return LETTERS_DIGITS.has(c);
}

bool isVirama(char32_t c)
{
    return std::binary_search(VIRAMAS.begin(), VIRAMAS.end(), c);
}

/// An approximation of Joining_Type by script: what joins to the left of a ZERO WIDTH NON-JOINER and to its right.
bool joinsAround(std::u32string_view label, std::size_t at)
{
    static const CharacterClass JOINING(R"([\p{Arabic}\p{Syriac}\p{Mandaic}\p{Nko}\p{Mongolian}\p{Manichaean}])");
    static const CharacterClass RIGHT_JOINING(
        R"([\x{622}-\x{625}\x{627}\x{629}\x{62f}-\x{632}\x{648}\x{671}-\x{673}\x{675}-\x{677}\x{688}-\x{699}\x{6c0}])"
        R"(|[\x{6c3}-\x{6cb}\x{6cd}\x{6cf}\x{6d2}\x{6d3}\x{6d5}\x{6ee}\x{6ef}])");
    static const CharacterClass TRANSPARENT(R"([\p{Mn}\p{Me}\p{Cf}])");
    std::size_t before = at;
    while (before > 0 && TRANSPARENT.has(label[before - 1]))
        --before;
    std::size_t after = at + 1;
    while (after < label.size() && TRANSPARENT.has(label[after]))
        ++after;
    return before > 0 && isIn(JOINING, label, before - 1) && !isIn(RIGHT_JOINING, label, before - 1) &&
           isIn(JOINING, label, after) && label[after] != 0x621;
}

/// RFC 5892, appendix A; nothing if the character is not bound to a context.
std::optional<bool> contextAllows(std::u32string_view label, std::size_t at)
{
    static const CharacterClass GREEK(R"(\p{Greek})");
    static const CharacterClass HEBREW(R"(\p{Hebrew})");
    static const CharacterClass JAPANESE(R"([\p{Hiragana}\p{Katakana}\p{Han}])");
    const char32_t c = label[at];
    const auto anyBetween = [label](char32_t first, char32_t last) {
        return std::any_of(label.begin(), label.end(), [=](char32_t other) { return other >= first && other <= last; });
    };
    switch (c)
    {
    case ZERO_WIDTH_NON_JOINER:
        return at > 0 && (isVirama(label[at - 1]) || joinsAround(label, at));
    case ZERO_WIDTH_JOINER:
        return at > 0 && isVirama(label[at - 1]);
    case 0x00B7: // MIDDLE DOT
        return at > 0 && at + 1 < label.size() && label[at - 1] == U'l' && label[at + 1] == U'l';
    case 0x0375: // GREEK LOWER NUMERAL SIGN
        return isIn(GREEK, label, at + 1);
    case 0x05F3: // HEBREW PUNCTUATION GERESH, GERSHAYIM
    case 0x05F4:
        return at > 0 && HEBREW.has(label[at - 1]);
    case 0x30FB: // KATAKANA MIDDLE DOT
        return std::any_of(label.begin(), label.end(),
                           [](char32_t other) { return other != 0x30FB && JAPANESE.has(other); });
    default:
        break;
    }
    if (c >= 0x0660 && c <= 0x0669)
        return !anyBetween(0x06F0, 0x06F9);
    if (c >= 0x06F0 && c <= 0x06F9)
        return !anyBetween(0x0660, 0x0669);
    return std::nullopt;
}

bool isAllowed(std::u32string_view label, std::size_t at)
{
    const char32_t c = label[at];
    if (c < 0x80)
        return (c >= U'a' && c <= U'z') || (c >= U'0' && c <= U'9') || c == U'-';
    const auto byContext = contextAllows(label, at);
    if (byContext)
        return *byContext;
    if (EXCEPTIONS_VALID.find(c) != std::u32string_view::npos)
        return true;
    if (EXCEPTIONS_DISALLOWED.find(c) != std::u32string_view::npos)
        return false;
    return isLetterOrDigit(c) && !isCompatibility(c);
}

bool isValidLabel(std::u32string_view label)
{
    static const CharacterClass MARK(R"(\p{M})");
    if (label.empty() || label.front() == U'-' || label.back() == U'-')
        return false;
    if (label.size() >= 4 && label[2] == U'-' && label[3] == U'-')
        return false;
    if (MARK.has(label.front()))
        return false;
    for (std::size_t i = 0; i < label.size(); ++i)
        if (!isAllowed(label, i))
            return false;
    return true;
}

/// Bidi_Class, as far as the Bidi Rule asks for it.
enum class Direction
{
    LEFT_TO_RIGHT,
    RIGHT_TO_LEFT, ///< R and AL
    EUROPEAN,      ///< EN
    ARABIC,        ///< AN
    MARK,          ///< NSM
    NEUTRAL
};

Direction directionOf(char32_t c)
{
    static const CharacterClass RIGHT_TO_LEFT(
        R"([\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}\p{Samaritan}\p{Mandaic}\p{Manichaean}])");
    static const CharacterClass MARKS(R"([\p{Mn}\p{Me}])");
    static const CharacterClass LETTERS(R"([\p{L}\p{Mc}\p{Nl}\p{Nd}])");
    if (c < 0x80)
        return ascii::isAlpha(static_cast<char>(c))   ? Direction::LEFT_TO_RIGHT
               : ascii::isDigit(static_cast<char>(c)) ? Direction::EUROPEAN
                                                      : Direction::NEUTRAL;
    if (c >= 0x06F0 && c <= 0x06F9)
        return Direction::EUROPEAN;
    if (c >= 0x0660 && c <= 0x0669)
        return Direction::ARABIC;
    if (MARKS.has(c))
        return Direction::MARK;
    if (RIGHT_TO_LEFT.has(c))
        return Direction::RIGHT_TO_LEFT;
    return LETTERS.has(c) ? Direction::LEFT_TO_RIGHT : Direction::NEUTRAL;
}

/// RFC 5893, section 2.
bool isBidiLabel(std::u32string_view label)
{
    bool seen[6] = {};
    Direction last = Direction::NEUTRAL;
    for (const char32_t c : label)
    {
        const Direction direction = directionOf(c);
        seen[static_cast<int>(direction)] = true;
        last = direction == Direction::MARK ? last : direction;
    }
    const auto has = [&seen](Direction direction) { return seen[static_cast<int>(direction)]; };
    const Direction first = label.empty() ? Direction::NEUTRAL : directionOf(label.front());
    if (first == Direction::RIGHT_TO_LEFT)
        return !has(Direction::LEFT_TO_RIGHT) && !(has(Direction::EUROPEAN) && has(Direction::ARABIC)) &&
               last != Direction::NEUTRAL;
    return first == Direction::LEFT_TO_RIGHT && !has(Direction::RIGHT_TO_LEFT) && !has(Direction::ARABIC) &&
           last != Direction::NEUTRAL;
}

} // namespace

bool looksEncoded(std::string_view label)
{
    return label.size() >= ENCODED_PREFIX && (label[0] | 0x20) == 'x' && (label[1] | 0x20) == 'n' && label[2] == '-' &&
           label[3] == '-';
}

std::optional<std::u32string> decodeLabel(std::string_view label)
{
    std::string encoded(label.substr(ENCODED_PREFIX));
    for (char& c : encoded)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    auto decoded = punycode::decode(encoded);
    if (!decoded || !isValidLabel(*decoded))
        return std::nullopt;
    // One that needs no encoding must not have it, nor may it have another than its own.
    const bool international = std::any_of(decoded->begin(), decoded->end(), [](char32_t c) { return c >= 0x80; });
    if (!international || punycode::encode(*decoded) != encoded)
        return std::nullopt;
    return decoded;
}

bool isLabel(std::u32string_view label)
{
    return label.size() < 63 && isValidLabel(label) && punycode::encode(label).size() + ENCODED_PREFIX <= 63;
}

bool obeysBidiRule(const std::vector<std::u32string>& labels)
{
    const bool any = std::any_of(labels.begin(), labels.end(),
                                 [](const std::u32string& label)
                                 {
                                     return std::any_of(label.begin(), label.end(),
                                                        [](char32_t c)
                                                        {
                                                            const Direction direction = directionOf(c);
                                                            return direction == Direction::RIGHT_TO_LEFT ||
                                                                   direction == Direction::ARABIC;
                                                        });
                                 });
    return !any ||
           std::all_of(labels.begin(), labels.end(), [](const std::u32string& label) { return isBidiLabel(label); });
}

} // namespace tenon::schema::idna
