#include "schema/value/Value.h"

#include "base/json/BigNumber.h"
#include "base/text/Hex.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace tenon::schema
{

namespace
{

using simdjson::dom::element_type;

constexpr std::array<std::pair<std::string_view, TypeSet>, 7> TYPES{{{"string", TYPE_STRING},
                                                                     {"number", TYPE_NUMBER},
                                                                     {"integer", TYPE_INTEGER},
                                                                     {"boolean", TYPE_BOOLEAN},
                                                                     {"object", TYPE_OBJECT},
                                                                     {"array", TYPE_ARRAY},
                                                                     {"null", TYPE_NULL}}};

/// Up to here members are looked up one by one, above they are sorted first.
constexpr std::size_t FEW_MEMBERS = 16;

using Members = std::vector<std::pair<std::string_view, simdjson::dom::element>>;

Members sorted(const simdjson::dom::object& object)
{
    Members members;
    members.reserve(object.size());
    for (const auto field : object)
        members.emplace_back(field.key, field.value);
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return members;
}

bool equalArrays(const simdjson::dom::array& left, const simdjson::dom::array& right)
{
    auto other = right.begin();
    const auto end = right.end();
    for (const auto item : left)
    {
        if (!(other != end) || !equal(Value(item), Value(*other)))
            return false;
        ++other;
    }
    return !(other != end);
}

bool equalObjects(const simdjson::dom::object& left, const simdjson::dom::object& right)
{
    if (left.size() != right.size())
        return false;
    if (left.size() <= FEW_MEMBERS)
    {
        for (const auto field : left)
        {
            simdjson::dom::element other;
            if (right[field.key].get(other) != simdjson::SUCCESS || !equal(Value(field.value), Value(other)))
                return false;
        }
        // The other way too: a name that stands twice on the left must not hide one that is only on the right.
        return std::all_of(right.begin(), right.end(),
                           [&left](const auto& field) { return left[field.key].error() == simdjson::SUCCESS; });
    }
    const Members ours = sorted(left);
    const Members theirs = sorted(right);
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                      [](const auto& a, const auto& b)
                      { return a.first == b.first && equal(Value(a.second), Value(b.second)); });
}

std::uint64_t mix(std::uint64_t hash, std::uint64_t bits) noexcept
{
    hash = (hash ^ bits) * 0x9E3779B97F4A7C15ULL;
    return hash ^ (hash >> 32);
}

/// Writes JSON text until the limit is passed; a huge value costs no more than the text that is shown.
class Describer
{
public:
    explicit Describer(std::size_t maxBytes) : _maxBytes(maxBytes) {}

    void write(const Value& value)
    {
        if (full())
            return;
        switch (value.kind())
        {
        case Value::Kind::NOTHING:
            _out += "null";
            break;
        case Value::Kind::BOOLEAN:
            _out += value.boolean() ? "true" : "false";
            break;
        case Value::Kind::NUMBER:
            _out += value.digits().empty() ? toText(value.number()) : value.digits();
            break;
        case Value::Kind::STRING:
            writeString(value.text());
            break;
        case Value::Kind::ARRAY:
            writeArray(value.array());
            break;
        case Value::Kind::OBJECT:
            writeObject(value.object());
            break;
        }
    }

    std::string finish()
    {
        if (!full())
            return std::move(_out);
        std::size_t end = _maxBytes;
        while (end > 0 && (static_cast<unsigned char>(_out[end]) & 0xC0) == 0x80)
            --end;
        _out.resize(end);
        return std::move(_out) + "...";
    }

private:
    bool full() const { return _out.size() > _maxBytes; }

    void writeString(std::string_view text)
    {
        _out += '"';
        _out += escape(text.substr(0, _maxBytes + 4));
        _out += '"';
    }

    void writeArray(const simdjson::dom::array& array)
    {
        _out += '[';
        bool first = true;
        for (const auto item : array)
        {
            if (full())
                return;
            _out += first ? "" : ",";
            first = false;
            write(Value(item));
        }
        _out += ']';
    }

    void writeObject(const simdjson::dom::object& object)
    {
        _out += '{';
        bool first = true;
        for (const auto field : object)
        {
            if (full())
                return;
            _out += first ? "" : ",";
            first = false;
            writeString(field.key);
            _out += ':';
            write(Value(field.value));
        }
        _out += '}';
    }

    const std::size_t _maxBytes;
    std::string _out;
};

} // namespace

TypeSet typeNamed(std::string_view name) noexcept
{
    for (const auto& [text, type] : TYPES)
        if (text == name)
            return type;
    return 0;
}

std::string describeTypes(TypeSet types)
{
    if (types == TYPE_ANY)
        return "of any type";
    std::vector<std::string> names;
    for (const auto& [text, type] : TYPES)
    {
        if ((types & type) == 0 || (type == TYPE_INTEGER && (types & TYPE_NUMBER) != 0))
            continue;
        const bool vowel = text[0] == 'a' || text[0] == 'i' || text[0] == 'o';
        names.push_back((type == TYPE_NULL ? "" : vowel ? "an " : "a ") + std::string(text));
    }
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i)
        out += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
    return out;
}

Value::Value(simdjson::dom::element element) noexcept : _kind(Kind::NOTHING), _types(TYPE_NULL), _boolean(false)
{
    switch (element.type())
    {
    case element_type::STRING:
        _kind = Kind::STRING;
        _types = TYPE_STRING;
        _text = element.get_string().value_unsafe();
        if (const auto digits = base::BigNumbers::of(_text))
        {
            _kind = Kind::NUMBER;
            _digits = *digits;
            // What is not 0 is neither an integer nor equal to it, however near it is.
            const double real = base::nearestReal(_digits);
            const double nearest = std::copysign(std::numeric_limits<double>::denorm_min(), real);
            _number = Number::ofReal(real == 0 ? nearest : real);
            _types = isInteger(_number) ? TYPE_NUMBER | TYPE_INTEGER : TYPE_NUMBER;
        }
        break;
    case element_type::OBJECT:
        _kind = Kind::OBJECT;
        _types = TYPE_OBJECT;
        _object = element.get_object().value_unsafe();
        break;
    case element_type::ARRAY:
        _kind = Kind::ARRAY;
        _types = TYPE_ARRAY;
        _array = element.get_array().value_unsafe();
        break;
    case element_type::BOOL:
        _kind = Kind::BOOLEAN;
        _types = TYPE_BOOLEAN;
        _boolean = element.get_bool().value_unsafe();
        break;
    case element_type::INT64:
        _kind = Kind::NUMBER;
        _types = TYPE_NUMBER | TYPE_INTEGER;
        _number = Number::ofSigned(element.get_int64().value_unsafe());
        break;
    case element_type::UINT64:
        _kind = Kind::NUMBER;
        _types = TYPE_NUMBER | TYPE_INTEGER;
        _number = Number::ofUnsigned(element.get_uint64().value_unsafe());
        break;
    case element_type::DOUBLE:
        _kind = Kind::NUMBER;
        _number = Number::ofReal(element.get_double().value_unsafe());
        _types = isInteger(_number) ? TYPE_NUMBER | TYPE_INTEGER : TYPE_NUMBER;
        break;
    case element_type::NULL_VALUE:
        break;
    }
}

Value::Value(std::string_view text) noexcept : _kind(Kind::STRING), _types(TYPE_STRING), _text(text) {}

bool equal(const Value& left, const Value& right)
{
    if (left.kind() != right.kind())
        return false;
    switch (left.kind())
    {
    case Value::Kind::NOTHING:
        return true;
    case Value::Kind::BOOLEAN:
        return left.boolean() == right.boolean();
    case Value::Kind::NUMBER:
        return compare(left.number(), right.number()) == 0;
    case Value::Kind::STRING:
        return left.text() == right.text();
    case Value::Kind::ARRAY:
        return equalArrays(left.array(), right.array());
    case Value::Kind::OBJECT:
        return equalObjects(left.object(), right.object());
    }
    return false;
}

std::uint64_t hashOf(std::string_view text) noexcept
{
    return mix(0x9AE16A3B2F90404FULL, std::hash<std::string_view>()(text));
}

std::uint64_t hashOf(const Value& value)
{
    std::uint64_t hash = static_cast<std::uint64_t>(value.kind()) + 1;
    switch (value.kind())
    {
    case Value::Kind::NOTHING:
        return hash;
    case Value::Kind::BOOLEAN:
        return mix(hash, value.boolean() ? 1 : 2);
    case Value::Kind::NUMBER:
        return mix(hash, hashOf(value.number()));
    case Value::Kind::STRING:
        return mix(hash, hashOf(value.text()));
    case Value::Kind::ARRAY:
        for (const auto item : value.array())
            hash = mix(hash, hashOf(Value(item)));
        return hash;
    case Value::Kind::OBJECT:
        // A sum, for the order of members does not matter.
        for (const auto field : value.object())
            hash += mix(hashOf(field.key), hashOf(Value(field.value)));
        return hash;
    }
    return hash;
}

std::string escape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
    {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (byte < 0x20 || byte == 0x7F)
            base::appendHex(out += "\\u00", c);
        else
            out += c;
    }
    return out;
}

std::string describe(const Value& value, std::size_t maxBytes)
{
    Describer describer(maxBytes);
    describer.write(value);
    return describer.finish();
}

} // namespace tenon::schema
