#include "base/json/JsonScan.h"

#include "base/json/BigNumber.h"
#include "base/text/Hex.h"

namespace tenon::base
{

namespace
{

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// A position in JSON text.
class Scanner
{
public:
    explicit Scanner(std::string_view text) : _text(text)
    {
        if (_text.starts_with("\xef\xbb\xbf"))
            _text.remove_prefix(3);
    }

    [[nodiscard]] bool atEnd() const { return _at >= _text.size(); }
    [[nodiscard]] char peek() const { return atEnd() ? '\0' : _text[_at]; }
    [[nodiscard]] std::size_t at() const { return _at; }
    [[nodiscard]] std::string_view from(std::size_t begin) const { return _text.substr(begin, _at - begin); }
    void step() { ++_at; }

    void skipSpace()
    {
        while (!atEnd() && isSpace(_text[_at]))
            ++_at;
    }

    bool accept(char c)
    {
        skipSpace();
        if (peek() != c || atEnd())
            return false;
        ++_at;
        return true;
    }

    bool acceptWord(std::string_view word)
    {
        if (_text.substr(_at, word.size()) != word)
            return false;
        _at += word.size();
        return true;
    }

    /// Passes a string whose opening quote is next; false if it does not end.
    bool skipString()
    {
        for (++_at; !atEnd(); ++_at)
        {
            if (_text[_at] == '\\')
                ++_at;
            else if (_text[_at] == '"')
            {
                ++_at;
                return true;
            }
        }
        return false;
    }

    /// Passes a value of any kind and depth; false if the text ends within it.
    bool skipValue()
    {
        skipSpace();
        std::size_t depth = 0;
        do
        {
            if (atEnd())
                return false;
            const char c = _text[_at];
            if (c == '"')
            {
                if (!skipString())
                    return false;
                continue;
            }
            if (c == '[' || c == '{')
                ++depth;
            else if (c == ']' || c == '}')
            {
                if (depth == 0)
                    return false;
                --depth;
            }
            else if (depth == 0)
                return skipWord();
            ++_at;
        } while (depth > 0);
        return true;
    }

private:
    /// A number or a literal; false at the end of the text, behind which more of it may stand.
    bool skipWord()
    {
        const std::size_t begin = _at;
        while (!atEnd() && !isSpace(_text[_at]) &&
               std::string_view(",:[]{}\"").find(_text[_at]) == std::string_view::npos)
            ++_at;
        return _at > begin && !atEnd();
    }

    std::string_view _text;
    std::size_t _at = 0;
};

/// The length of the JSON number that `text` begins with; 0 if it begins with none.
std::size_t numberLength(std::string_view text)
{
    std::size_t at = 0;
    const auto digits = [&]
    {
        const std::size_t begin = at;
        while (at < text.size() && isDigit(text[at]))
            ++at;
        return at > begin;
    };
    if (at < text.size() && text[at] == '-')
        ++at;
    const bool zero = at < text.size() && text[at] == '0';
    if (!digits() || (zero && at > (text[0] == '-' ? 2U : 1U)))
        return 0;
    if (at < text.size() && text[at] == '.' && (++at, !digits()))
        return 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E'))
    {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        if (!digits())
            return 0;
    }
    return at;
}

/// The value of four hexadecimal digits at the begin of `text`; -1 if there are none.
int codeUnit(std::string_view text)
{
    if (text.size() < 4)
        return -1;
    int unit = 0;
    for (std::size_t at = 0; at < 4; ++at)
    {
        const int digit = hexValue(text[at]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

bool isHigh(int unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

bool isLow(int unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/// A string, quotes included, with U+FFFD for each surrogate without its other half.
void appendPaired(std::string& out, std::string_view text)
{
    for (std::size_t at = 0; at < text.size(); ++at)
    {
        if (text[at] != '\\' || at + 1 >= text.size())
        {
            out += text[at];
            continue;
        }
        const int unit = text[at + 1] == 'u' ? codeUnit(text.substr(at + 2)) : -1;
        const bool pair =
            isHigh(unit) && text.substr(at + 6).starts_with("\\u") && isLow(codeUnit(text.substr(at + 8)));
        const std::size_t length = pair ? 12 : unit >= 0 ? 6 : 2;
        if (!pair && (isHigh(unit) || isLow(unit)))
            out += "\\ufffd";
        else
            out += text.substr(at, length);
        at += length - 1;
    }
}

} // namespace

std::string_view topLevelMember(std::string_view json, std::string_view name)
{
    Scanner scan(json);
    if (!scan.accept('{'))
        return {};
    do
    {
        scan.skipSpace();
        const std::size_t key = scan.at();
        if (scan.peek() != '"' || !scan.skipString())
            return {};
        const std::string_view quoted = scan.from(key);
        if (!scan.accept(':'))
            return {};
        scan.skipSpace();
        const std::size_t value = scan.at();
        if (!scan.skipValue())
            return {};
        if (quoted.substr(1, quoted.size() - 2) == name)
            return scan.from(value);
    } while (scan.accept(','));
    return {};
}

std::string withoutForeignNumbers(std::string_view json)
{
    std::string out;
    out.reserve(json.size());
    Scanner scan(json);
    while (!scan.atEnd())
    {
        const std::size_t begin = scan.at();
        if (scan.peek() == '"')
        {
            (void)scan.skipString();
            out += scan.from(begin);
            continue;
        }
        for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
            if (scan.acceptWord(word))
            {
                out += '0';
                break;
            }
        if (scan.at() != begin)
            continue;
        out += scan.peek();
        scan.step();
    }
    return out;
}

std::string carriedJson(std::string_view json)
{
    std::string out;
    out.reserve(json.size() + 64);
    Scanner scan(json);
    while (!scan.atEnd())
    {
        const std::size_t begin = scan.at();
        const char c = scan.peek();
        if (c == '"')
        {
            (void)scan.skipString();
            appendPaired(out, scan.from(begin));
            continue;
        }
        if (c != '-' && !isDigit(c))
        {
            out += c;
            scan.step();
            continue;
        }
        while (!scan.atEnd() &&
               (isDigit(scan.peek()) || std::string_view("+-.eE").find(scan.peek()) != std::string_view::npos))
            scan.step();
        const std::string_view number = scan.from(begin);
        const std::size_t end = scan.at();
        scan.skipSpace();
        const std::string_view space = scan.from(end); // kept, or two numbers would become one
        // A number in the place of a member's name must not become one.
        if (numberLength(number) != number.size() || !BigNumbers::has(number) || scan.peek() == ':')
        {
            out.append(number).append(space);
            continue;
        }
        BigNumbers::append(out, number);
        out.append(space);
    }
    return out;
}

} // namespace tenon::base
