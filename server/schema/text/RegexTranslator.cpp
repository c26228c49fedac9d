#include "base/text/Hex.h"
#include "schema/text/Regex.h"

#include "schema/SchemaException.h"
#include "schema/text/CharClass.h"
#include "schema/text/RegexCategory.h"
#include "schema/text/Utf8.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tenon::schema
{

namespace
{

/// WhiteSpace and LineTerminator of ECMA-262, and everything else, as parts of a class.
constexpr const char* SPACE =
    R"(\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr const char* NOT_SPACE =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr const char* ANYTHING = R"(\x{0}-\x{10ffff})";
constexpr const char* NOT_LINE_END = R"([^\x{a}\x{d}\x{2028}\x{2029}])";

using ascii::isAlpha;
using ascii::isDigit;

class Translator
{
public:
    explicit Translator(std::string_view text) : _text(text) {}

    Translation run()
    {
        while (!atEnd())
            term();
        if (_open != 0)
            fail("a group is not closed: ')' is missing");
        return std::move(_result);
    }

private:
    /// One character of a class, or a set such as \d.
    struct ClassAtom
    {
        std::optional<char32_t> single;
        std::string set;
    };

    [[noreturn]] void fail(const std::string& what) const
    {
        throw SchemaException("is not a regular expression of ECMA-262: " + what + ", at offset " +
                              std::to_string(_at));
    }

    void unsupported(const std::string& what)
    {
        if (_result.unsupported.empty())
            _result.unsupported = what;
    }

    bool atEnd() const { return _at >= _text.size(); }
    char peek(std::size_t ahead = 0) const { return _at + ahead < _text.size() ? _text[_at + ahead] : '\0'; }
    bool looksAt(std::string_view what) const { return _text.substr(_at, what.size()) == what; }

    bool accept(std::string_view what)
    {
        if (!looksAt(what))
            return false;
        _at += what.size();
        return true;
    }

    void emit(std::string_view what) { _result.pattern += what; }

    static std::string literal(char32_t c)
    {
        if (c < 0x80 && (isAlpha(static_cast<char>(c)) || isDigit(static_cast<char>(c))))
            return std::string(1, static_cast<char>(c));
        std::string hex;
        for (char32_t rest = c; rest != 0 || hex.empty(); rest >>= 4)
            hex.insert(hex.begin(), base::HEX_DIGITS[rest & 15]);
        return "\\x{" + hex + "}";
    }

    void emitAtom(std::string_view what)
    {
        emit(what);
        _repeatable = true;
    }

    void term()
    {
        const char c = peek();
        switch (c)
        {
        case '^':
        case '$':
            ++_at;
            emit(c == '^' ? "\\A" : "\\z");
            _repeatable = false;
            return;
        case '|':
            ++_at;
            emit("|");
            _repeatable = false;
            return;
        case '(':
            openGroup();
            return;
        case ')':
            if (_open == 0)
                fail("')' closes nothing");
            ++_at;
            --_open;
            emitAtom(")");
            return;
        case '.':
            ++_at;
            emitAtom(NOT_LINE_END);
            return;
        case '[':
            ++_at;
            characterClass();
            return;
        case '\\':
            ++_at;
            escapeOutside();
            return;
        case '*':
        case '+':
        case '?':
            ++_at;
            quantify(std::string(1, c));
            return;
        case '{':
            if (braces())
                return;
            break;
        default:
            break;
        }
        emitAtom(literal(utf8::next(_text, _at)));
    }

    void openGroup()
    {
        ++_at;
        ++_open;
        _repeatable = false;
        if (accept("?:") || peek() != '?')
        {
            emit("(?:");
            return;
        }
        if (accept("?=") || accept("?!"))
        {
            unsupported("lookahead, (?=...) or (?!...)");
            return;
        }
        if (accept("?<=") || accept("?<!"))
        {
            unsupported("lookbehind, (?<=...) or (?<!...)");
            return;
        }
        if (accept("?<"))
        {
            groupName();
            emit("(?:");
            return;
        }
        if (accept("?i:"))
        {
            emit("(?i:");
            return;
        }
        fail("'(?" + std::string(1, peek(1)) + "' opens no group that there is");
    }

    void groupName()
    {
        const std::size_t start = _at;
        while (isAlpha(peek()) || peek() == '_' || peek() == '$' || (_at > start && isDigit(peek())) ||
               (static_cast<unsigned char>(peek()) & 0x80) != 0)
            ++_at;
        if (_at == start || !accept(">"))
            fail("a group name is an identifier between '<' and '>'");
    }

    void quantify(std::string what)
    {
        if (!_repeatable)
            fail("'" + what + "' has nothing in front of it to repeat");
        if (accept("?"))
            what += '?';
        emit(what);
        _repeatable = false;
    }

    /// "{n}", "{n,}", "{n,m}"; false, with nothing consumed, if the brace stands for itself.
    bool braces()
    {
        std::size_t at = _at + 1;
        const auto number = [&]() -> std::optional<unsigned>
        {
            unsigned value = 0;
            const std::size_t start = at;
            for (; at < _text.size() && isDigit(_text[at]); ++at)
                value = std::min(value * 10 + static_cast<unsigned>(_text[at] - '0'), 1000000U);
            return at == start ? std::nullopt : std::optional<unsigned>(value);
        };
        const auto least = number();
        std::optional<unsigned> most = least;
        if (!least)
            return false;
        if (at < _text.size() && _text[at] == ',')
        {
            ++at;
            most = number();
        }
        if (at >= _text.size() || _text[at] != '}')
            return false;
        if (most && *most < *least)
            fail("a repetition's bounds are in the wrong order");
        if (*least > 1000 || (most && *most > 1000))
            unsupported("more than 1000 repetitions (use minLength, maxLength, minItems, maxItems)");
        const std::string what(_text.substr(_at, at + 1 - _at));
        _at = at + 1;
        quantify(what);
        return true;
    }

    void escapeOutside()
    {
        const char c = peek();
        if (c == 'b' || c == 'B')
        {
            ++_at;
            emit(c == 'b' ? "\\b" : "\\B");
            _repeatable = false;
            return;
        }
        if (c == 'k' && peek(1) == '<')
        {
            _at += 2;
            groupName();
            unsupported("a backreference");
            _repeatable = true;
            return;
        }
        if (c >= '1' && c <= '9')
        {
            while (isDigit(peek()))
                ++_at;
            unsupported("a backreference");
            _repeatable = true;
            return;
        }
        const ClassAtom atom = escape();
        emitAtom(atom.single ? literal(*atom.single) : "[" + atom.set + "]");
    }

    /// What follows a backslash, alike inside and outside of a class.
    ClassAtom escape()
    {
        if (atEnd())
            fail("nothing follows the last '\\'");
        const char c = peek();
        switch (c)
        {
        case 'd':
            ++_at;
            return {std::nullopt, "0-9"};
        case 'D':
            ++_at;
            return {std::nullopt, R"(\x{0}-\x{2f}\x{3a}-\x{10ffff})"};
        case 'w':
            ++_at;
            return {std::nullopt, "0-9A-Za-z_"};
        case 'W':
            ++_at;
            return {std::nullopt, R"(\x{0}-\x{2f}\x{3a}-\x{40}\x{5b}-\x{5e}\x{60}\x{7b}-\x{10ffff})"};
        case 's':
            ++_at;
            return {std::nullopt, SPACE};
        case 'S':
            ++_at;
            return {std::nullopt, NOT_SPACE};
        case 'p':
        case 'P':
            return {std::nullopt, property()};
        default:
            return {singleEscape(), {}};
        }
    }

    char32_t singleEscape()
    {
        const char c = peek();
        switch (c)
        {
        case 't':
            return ++_at, U'\t';
        case 'n':
            return ++_at, U'\n';
        case 'v':
            return ++_at, U'\v';
        case 'f':
            return ++_at, U'\f';
        case 'r':
            return ++_at, U'\r';
        case '0':
            if (isDigit(peek(1)))
                fail("octal escapes are not allowed");
            return ++_at, U'\0';
        case 'c':
            if (!isAlpha(peek(1)))
                fail("'\\c' must be followed by a letter");
            _at += 2;
            return static_cast<char32_t>(_text[_at - 1] % 32);
        case 'x':
            ++_at;
            return hex(2);
        case 'u':
            ++_at;
            return unicodeEscape();
        default:
            if (isAlpha(c) || isDigit(c))
                fail("'\\" + std::string(1, c) + "' is not a known escape");
            return utf8::next(_text, _at);
        }
    }

    char32_t hex(std::size_t digits)
    {
        char32_t value = 0;
        for (std::size_t i = 0; i < digits; ++i, ++_at)
            value = value * 16 + hexDigit();
        return value;
    }

    char32_t hexDigit()
    {
        const int value = base::hexValue(peek());
        if (value < 0)
            fail("a hexadecimal digit is missing");
        return static_cast<char32_t>(value);
    }

    char32_t unicodeEscape()
    {
        if (accept("{"))
        {
            char32_t value = hexDigit();
            for (++_at; peek() != '}'; ++_at)
            {
                value = value * 16 + hexDigit();
                if (value > 0x10FFFF)
                    fail("a code point ends at 10FFFF");
            }
            ++_at;
            return value;
        }
        const char32_t high = hex(4);
        if (high < 0xD800 || high > 0xDFFF)
            return high;
        if (high <= 0xDBFF && accept("\\u"))
        {
            const char32_t low = hex(4);
            if (low >= 0xDC00 && low <= 0xDFFF)
                return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
        }
        unsupported("half of a surrogate pair (use \\u{...})");
        return 0xFFFD;
    }

    std::string property()
    {
        const std::string negation(peek() == 'P' ? "P" : "p");
        ++_at;
        const std::size_t end = _text.find('}', _at);
        if (peek() != '{' || end == std::string_view::npos)
            fail("'\\p' must be followed by the name of a property in braces");
        std::string_view name = _text.substr(_at + 1, end - _at - 1);
        _at = end + 1;
        for (const std::string_view prefix :
             {"General_Category=", "gc=", "Script=", "sc=", "Script_Extensions=", "scx="})
            if (name.substr(0, prefix.size()) == prefix)
            {
                name = name.substr(prefix.size());
                break;
            }
        if (name == "ASCII")
            return negation == "p" ? R"(\x{0}-\x{7f})" : R"(\x{80}-\x{10ffff})";
        name = categoryOfRe2(name);
        if (name == "LC")
        {
            if (negation == "P")
                unsupported("\\P{LC}");
            return "\\p{Lu}\\p{Ll}\\p{Lt}";
        }
        for (const char c : name)
            if (!isAlpha(c) && c != '_')
                fail("'" + std::string(name) + "' is not the name of a property");
        return "\\" + negation + "{" + std::string(name) + "}";
    }

    void characterClass()
    {
        const bool negated = accept("^");
        std::string parts;
        while (!accept("]"))
        {
            if (atEnd())
                fail("a class is not closed: ']' is missing");
            const ClassAtom first = classAtom();
            if (peek() == '-' && peek(1) != ']' && peek(1) != '\0')
            {
                ++_at;
                const ClassAtom last = classAtom();
                parts += range(first, last);
                continue;
            }
            parts += first.single ? literal(*first.single) : first.set;
        }
        if (parts.empty())
            emitAtom(negated ? std::string("[") + ANYTHING + "]" : std::string("[^") + ANYTHING + "]");
        else
            emitAtom((negated ? "[^" : "[") + parts + "]");
    }

    std::string range(const ClassAtom& first, const ClassAtom& last)
    {
        // With a set on either side the hyphen stands for itself: what engines do without the `u` flag.
        if (!first.single || !last.single)
            return (first.single ? literal(*first.single) : first.set) + literal(U'-') +
                   (last.single ? literal(*last.single) : last.set);
        if (*last.single < *first.single)
            fail("a range of a class is in the wrong order");
        return literal(*first.single) + "-" + literal(*last.single);
    }

    ClassAtom classAtom()
    {
        if (!accept("\\"))
            return {utf8::next(_text, _at), {}};
        if (peek() == 'b')
            return ++_at, ClassAtom{U'\b', {}};
        return escape();
    }

    const std::string_view _text;
    std::size_t _at = 0;
    std::size_t _open = 0;
    bool _repeatable = false;
    Translation _result;
};

} // namespace

Translation translate(std::string_view ecma)
{
    return Translator(ecma).run();
}

} // namespace tenon::schema
