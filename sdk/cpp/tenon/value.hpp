#ifndef TENON_VALUE_HPP
#define TENON_VALUE_HPP

#include <tenon/fwd.hpp>
#include <tenon/text.hpp>

#include <string>
#include <utility>

namespace tenon
{

/// A place in JSON that the host has parsed: arguments, `_meta`, the answer of a client. Copy it freely.
///
/// Shape:     what is not there is a value that does not `exist()`; reading it gives the fallback.
/// Threading: any thread, but `json()` only on the thread of the call.
/// Ownership: borrows the call; texts are views that live as long as the call.
class Value
{
public:
    Value() = default;
    Value(const tenon_value_api* api, tenon_call* call, tenon_value value) : _api(api), _call(call), _value(value) {}

    tenon_value_type type() const { return _api ? _api->type(_value) : TENON_VALUE_NONE; }
    bool exists() const { return type() != TENON_VALUE_NONE; }
    bool isNull() const { return type() == TENON_VALUE_NULL; }
    bool isText() const { return type() == TENON_VALUE_TEXT; }
    bool isBoolean() const { return type() == TENON_VALUE_BOOLEAN; }
    bool isNumber() const { return type() == TENON_VALUE_NUMBER || type() == TENON_VALUE_INTEGER; }
    bool isArray() const { return type() == TENON_VALUE_ARRAY; }
    bool isObject() const { return type() == TENON_VALUE_OBJECT; }

    /// Members, elements or bytes. Linear for objects and arrays.
    std::size_t size() const { return _api ? static_cast<std::size_t>(_api->size(_value)) : 0; }

    Value operator[](std::string_view member) const
    {
        return _api ? Value(_api, _call, _api->member(_value, toText(member))) : Value();
    }

    Value operator[](std::size_t element) const
    {
        return _api ? Value(_api, _call, _api->element(_value, element)) : Value();
    }

    std::string_view text(std::string_view fallback = {}) const
    {
        return isText() ? toView(_api->text(_value)) : fallback;
    }
    int64_t integer(int64_t fallback = 0) const { return isNumber() ? _api->integer(_value) : fallback; }
    double number(double fallback = 0) const { return isNumber() ? _api->number(_value) : fallback; }
    bool boolean(bool fallback = false) const { return isBoolean() ? _api->boolean(_value) : fallback; }

    /// The value as JSON text; empty if it does not exist. [call-thread]
    std::string json() const { return exists() ? std::string(toView(_api->json(_call, _value))) : std::string(); }

    /// The value as a C++ type: anything that has a Codec.
    ///
    /// Errors: InvalidParams that names the path, what was expected and what is there.
    template <class T>
    T as() const;

    /// The member `name` as a C++ type, or `fallback` if it is not there.
    template <class T>
    T get(std::string_view name, T fallback) const;

    tenon_value raw() const { return _value; }

    /// Steps through an array (`for (Value item : value)`) or an object (`for (auto [key, item] : value.members())`).
    class Iterator;
    class Members;
    Iterator begin() const;
    Iterator end() const;
    Members members() const;

private:
    const tenon_value_api* _api = nullptr;
    tenon_call* _call = nullptr;
    tenon_value _value{nullptr, 0};
};

class Value::Iterator
{
public:
    Iterator() = default;
    explicit Iterator(const Value& container) : _container(container) { ++*this; }

    Value operator*() const { return Value(_container._api, _container._call, _item); }
    std::string_view key() const { return toView(_key); }

    Iterator& operator++()
    {
        _more = _container._api && _container._api->next(_container._value, &_cursor, &_key, &_item);
        return *this;
    }

    bool operator!=(const Iterator& other) const { return _more != other._more; }

private:
    Value _container;
    tenon_cursor _cursor{0};
    tenon_text _key{nullptr, 0};
    tenon_value _item{nullptr, 0};
    bool _more = false;
};

class Value::Members
{
public:
    class Iterator : public Value::Iterator
    {
    public:
        using Value::Iterator::Iterator;
        std::pair<std::string_view, Value> operator*() const { return {key(), Value::Iterator::operator*()}; }
    };

    explicit Members(const Value& object) : _object(object) {}
    Iterator begin() const { return Iterator(_object); }
    Iterator end() const { return Iterator(); }

private:
    Value _object;
};

inline Value::Iterator Value::begin() const
{
    return Iterator(*this);
}
inline Value::Iterator Value::end() const
{
    return Iterator();
}
inline Value::Members Value::members() const
{
    return Members(*this);
}

} // namespace tenon

#endif
