#ifndef TENON_WRITER_HPP
#define TENON_WRITER_HPP

#include <tenon/errors.hpp>
#include <tenon/fwd.hpp>
#include <tenon/text.hpp>
#include <tenon/value.hpp>

#include <cmath>

namespace tenon
{

namespace detail
{

/// Errors: NotRepresentable for NaN and the infinities.
inline double finite(double value)
{
    if (!std::isfinite(value))
        throw NotRepresentable(std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
    return value;
}

} // namespace detail

/// What both writers can do beyond their own functions: whole C++ values.
template <class Derived>
class TypedWriter
{
public:
    /// Writes a value of any type that has a Codec.
    ///
    /// Errors: NotRepresentable, which names the member.
    template <class T>
    Derived& write(const T& value)
    {
        Codec<detail::Plain<T>>::write(self(), value);
        return self();
    }

    /// Writes one member of an object.
    template <class T>
    Derived& member(std::string_view name, const T& value)
    {
        self().key(name);
        try
        {
            return write(value);
        }
        catch (const NotRepresentable& fault)
        {
            throw fault.within(std::string(name));
        }
    }

private:
    Derived& self() { return static_cast<Derived&>(*this); }
};

/// Writes JSON straight into the host's buffer for the answer: no copy, no allocation in the plugin.
///
/// Errors:    what would not be well-formed is refused when the call is finished; NotRepresentable for a number that JSON
///            cannot hold.
/// Threading: the thread of the call; for an AsyncCall one thread at a time.
class Writer : public TypedWriter<Writer>
{
public:
    Writer(const tenon_writer_api* api, tenon_call* call) : _api(api), _call(call) {}

    Writer& beginObject() { return _api->begin_object(_call), *this; }
    Writer& endObject() { return _api->end_object(_call), *this; }
    Writer& beginArray() { return _api->begin_array(_call), *this; }
    Writer& endArray() { return _api->end_array(_call), *this; }
    Writer& key(std::string_view name) { return _api->key(_call, toText(name)), *this; }
    Writer& text(std::string_view value) { return _api->text(_call, toText(value)), *this; }
    Writer& integer(int64_t value) { return _api->integer(_call, value), *this; }
    Writer& number(double value) { return _api->number(_call, detail::finite(value)), *this; }
    Writer& boolean(bool value) { return _api->boolean(_call, value), *this; }
    Writer& null() { return _api->null(_call), *this; }
    Writer& base64(std::string_view data) { return _api->base64(_call, data.data(), data.size()), *this; }
    Writer& value(const Value& value) { return _api->value(_call, value.raw()), *this; }
    Writer& json(std::string_view json) { return _api->json(_call, toText(json)), *this; }
    Writer& reset() { return _api->reset(_call), *this; }

    /// Ends the call with what was written.
    tenon_status finish() { return _api->finish(_call); }

private:
    const tenon_writer_api* _api;
    tenon_call* _call;
};

} // namespace tenon

#endif
