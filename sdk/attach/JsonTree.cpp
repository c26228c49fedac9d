#include "JsonTree.h"

#include "Utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace tenon::attach
{

class JsonTree::Parser
{
public:
    explicit Parser(JsonTree& tree) : _tree(tree), _text(tree._source) {}

    bool whole()
    {
        skipSpace();
        if (!value(0))
            return false;
        skipSpace();
        return _at == _text.size();
    }

private:
    [[nodiscard]] char peek() const { return _at < _text.size() ? _text[_at] : '\0'; }

    bool take(char wanted)
    {
        if (peek() != wanted || _at == _text.size())
            return false;
        ++_at;
        return true;
    }

    void skipSpace()
    {
        while (_at < _text.size() &&
               (_text[_at] == ' ' || _text[_at] == '\t' || _text[_at] == '\n' || _text[_at] == '\r'))
            ++_at;
    }

    bool value(int depth)
    {
        if (depth > MAX_DEPTH)
            return false;
        const std::size_t node = _tree._nodes.size();
        _tree._nodes.emplace_back();
        _tree._nodes[node].begin = static_cast<std::uint32_t>(_at);
        bool good = false;
        switch (peek())
        {
        case '{':
            good = container(node, depth, TENON_VALUE_OBJECT, '}');
            break;
        case '[':
            good = container(node, depth, TENON_VALUE_ARRAY, ']');
            break;
        case '"':
            good = string(node);
            break;
        case 't':
            good = word(node, "true", TENON_VALUE_BOOLEAN, 1);
            break;
        case 'f':
            good = word(node, "false", TENON_VALUE_BOOLEAN, 0);
            break;
        case 'n':
            good = word(node, "null", TENON_VALUE_NULL, 0);
            break;
        default:
            good = number(node);
        }
        _tree._nodes[node].end = static_cast<std::uint32_t>(_at);
        _tree._nodes[node].behind = static_cast<std::uint32_t>(_tree._nodes.size());
        return good;
    }

    bool container(std::size_t node, int depth, tenon_value_type type, char end)
    {
        ++_at;
        _tree._nodes[node].type = type;
        skipSpace();
        if (take(end))
            return true;
        for (;;)
        {
            if (type == TENON_VALUE_OBJECT)
            {
                skipSpace();
                if (peek() != '"' || !value(depth + 1))
                    return false;
                skipSpace();
                if (!take(':'))
                    return false;
            }
            skipSpace();
            if (!value(depth + 1))
                return false;
            ++_tree._nodes[node].size;
            skipSpace();
            if (take(end))
                return true;
            if (!take(','))
                return false;
        }
    }

    bool word(std::size_t node, std::string_view expected, tenon_value_type type, std::int64_t integer)
    {
        if (_text.substr(_at, expected.size()) != expected)
            return false;
        _at += expected.size();
        _tree._nodes[node].type = type;
        _tree._nodes[node].integer = integer;
        return true;
    }

    std::size_t digits()
    {
        const std::size_t begin = _at;
        while (peek() >= '0' && peek() <= '9')
            ++_at;
        return _at - begin;
    }

    bool number(std::size_t node)
    {
        const std::size_t begin = _at;
        take('-');
        const bool zero = peek() == '0';
        const std::size_t whole = digits();
        if (whole == 0 || (zero && whole > 1))
            return false;
        bool isInteger = true;
        if (take('.'))
        {
            isInteger = false;
            if (digits() == 0)
                return false;
        }
        if (peek() == 'e' || peek() == 'E')
        {
            isInteger = false;
            ++_at;
            if (!take('+'))
                take('-');
            if (digits() == 0)
                return false;
        }
        const std::string_view text = _text.substr(begin, _at - begin);
        Node& made = _tree._nodes[node];
        made.type = TENON_VALUE_NUMBER;
        if (std::from_chars(text.data(), text.data() + text.size(), made.number).ec == std::errc::result_out_of_range)
            made.number = limitOf(text);
        if (isInteger && std::from_chars(text.data(), text.data() + text.size(), made.integer).ec == std::errc())
            made.type = TENON_VALUE_INTEGER;
        return true;
    }

    /// What a number is to a double that cannot hold it: infinite, or 0.
    static double limitOf(std::string_view text)
    {
        const std::size_t e = std::min(text.find_first_of("eE"), text.size());
        const std::size_t point = std::min(text.find('.'), e);
        const std::size_t first = std::min(text.find_first_of("123456789"), e);
        long long exponent = 0;
        std::string_view digits = text.substr(std::min(e + 1, text.size()));
        if (digits.starts_with('+'))
            digits.remove_prefix(1);
        const bool endless = std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec ==
                             std::errc::result_out_of_range;
        const bool small = endless ? digits.starts_with('-')
                                   : exponent + static_cast<long long>(point) < static_cast<long long>(first);
        const double limit = small ? 0 : std::numeric_limits<double>::infinity();
        return text.front() == '-' ? -limit : limit;
    }

    bool string(std::size_t node)
    {
        ++_at;
        std::string& out = _tree._texts;
        const std::size_t begin = out.size();
        for (;;)
        {
            if (_at == _text.size())
                return false;
            const char c = _text[_at++];
            if (c == '"')
                break;
            if (static_cast<unsigned char>(c) < 0x20)
                return false;
            if (c != '\\')
                out += c;
            else if (!escape(out))
                return false;
        }
        _tree._nodes[node].type = TENON_VALUE_TEXT;
        _tree._nodes[node].text = static_cast<std::uint32_t>(begin);
        _tree._nodes[node].size = static_cast<std::uint32_t>(out.size() - begin);
        return true;
    }

    bool escape(std::string& out)
    {
        if (_at == _text.size())
            return false;
        const char c = _text[_at++];
        static constexpr std::string_view LETTERS = "\"\\/bfnrt", MEANT = "\"\\/\b\f\n\r\t";
        if (const auto known = LETTERS.find(c); known != std::string_view::npos)
        {
            out += MEANT[known];
            return true;
        }
        std::uint32_t code = 0;
        if (c != 'u' || !hex(code))
            return false;
        if (code >= 0xd800 && code < 0xdc00 && _text.substr(_at, 2) == "\\u")
        {
            const std::size_t here = _at;
            std::uint32_t low = 0;
            _at += 2;
            if (!hex(low))
                return false;
            if (low >= 0xdc00 && low < 0xe000)
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            else
                _at = here;
        }
        if (code >= 0xd800 && code < 0xe000)
            code = 0xfffd; // half a pair is no character
        appendUtf8(out, code);
        return true;
    }

    bool hex(std::uint32_t& code)
    {
        const std::string_view four = _text.substr(_at, 4);
        const auto end = std::from_chars(four.data(), four.data() + four.size(), code, 16);
        if (four.size() < 4 || end.ec != std::errc() || end.ptr != four.data() + 4)
            return false;
        _at += 4;
        return true;
    }

    JsonTree& _tree;
    const std::string_view _text;
    std::size_t _at = 0;
};

std::unique_ptr<JsonTree> JsonTree::parse(std::string_view text)
{
    if (text.size() >= std::numeric_limits<std::uint32_t>::max() || !isUtf8(text))
        return nullptr;
    std::unique_ptr<JsonTree> tree(new JsonTree);
    tree->_source = text;
    tree->_texts.reserve(text.size());
    return Parser(*tree).whole() ? std::move(tree) : nullptr;
}

std::int64_t JsonTree::integer(std::uint64_t at) const
{
    const Node& node = _nodes[at];
    if (node.type == TENON_VALUE_INTEGER)
        return node.integer;
    if (node.type != TENON_VALUE_NUMBER || std::isnan(node.number))
        return 0;
    constexpr double LIMIT = 9223372036854775808.0;
    return node.number >= LIMIT    ? std::numeric_limits<std::int64_t>::max()
           : node.number <= -LIMIT ? std::numeric_limits<std::int64_t>::min()
                                   : static_cast<std::int64_t>(node.number);
}

std::string_view JsonTree::text(std::uint64_t at) const
{
    const Node& node = _nodes[at];
    return std::string_view(_texts).substr(node.text, node.size);
}

std::string_view JsonTree::source(std::uint64_t at) const
{
    const Node& node = _nodes[at];
    return std::string_view(_source).substr(node.begin, node.end - node.begin);
}

} // namespace tenon::attach
