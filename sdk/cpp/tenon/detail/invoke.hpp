#ifndef TENON_DETAIL_INVOKE_HPP
#define TENON_DETAIL_INVOKE_HPP

#include <tenon/async_call.hpp>

#include <functional>
#include <tuple>

/// How handlers are called: with what they take, and with whatever they throw turned into a status.

namespace tenon::detail
{

/// One declared parameter.
template <class T, class... Options>
struct Parameter
{
    std::string name;
    std::string description;
    std::tuple<Options...> options;

    static constexpr bool required = isRequired<T, Options...>;

    void writeSchema(JsonWriter& writer) const { writeProperty<T>(writer, name, description, options); }

    T read(const Value& arguments) const
    {
        T value{};
        readMember(arguments, name, options, Place(), value);
        return value;
    }
};

template <class Function, class First, class... Args>
inline constexpr bool isCallableWith =
    std::is_invocable_v<const Function&, First, Args...> || std::is_invocable_v<const Function&, Args...>;

/// Calls `function` with `call` in front if it takes it.
template <class Function, class First, class... Args>
decltype(auto) callWith(const Function& function, First&& first, Args&&... args)
{
    static_assert(
        isCallableWith<Function, First, Args...>,
        "a handler takes tenon::Call& (or tenon::AsyncCall) if it wants it, then one value per param(), of the "
        "same type and in the same order");
    if constexpr (std::is_invocable_v<const Function&, First, Args...>)
        return function(std::forward<First>(first), std::forward<Args>(args)...);
    else
        return function(std::forward<Args>(args)...);
}

/// An answer that came too late is no failure of the plugin.
inline tenon_status settle(tenon_status status)
{
    return status == TENON_ERROR_STATE ? TENON_OK : status;
}

inline tenon_status failWith(tenon_call* call, tenon_status status, std::string_view message)
{
    return settle(call->api->fail(call, status, toText(message)));
}

/// Ends the call with what the exception that is being handled says; called from a catch block only.
inline tenon_status failWithCurrent(tenon_call* call)
{
    try
    {
        throw;
    }
    catch (const InputPending&)
    {
        return TENON_INPUT_PENDING;
    }
    catch (const Error& error)
    {
        // The host names the missing capability itself, and a cancelled call has nobody to read a message.
        if (error.status() == TENON_ERROR_UNSUPPORTED || error.status() == TENON_ERROR_CANCELLED)
            return error.status();
        return failWith(call, error.status(), error.what());
    }
    catch (const std::exception& error)
    {
        return failWith(call, TENON_ERROR_FAILED, error.what());
    }
    catch (...)
    {
        return failWith(call, TENON_ERROR_FAILED, "The plugin failed for an unknown reason.");
    }
}

/// Runs a handler that answers before it returns.
template <class Body>
tenon_status enter(const Host& host, tenon_call* raw, const Body& body) noexcept
{
    Call call(host, raw);
    try
    {
        return settle(body(call));
    }
    catch (...)
    {
        // A handler may have swallowed the unwinding of a question and thrown something else.
        return call.isPending() ? TENON_INPUT_PENDING : failWithCurrent(raw);
    }
}

/// Runs a handler that takes the call over.
template <class Body>
tenon_status enterAsync(const Host& host, tenon_call* raw, const Body& body) noexcept
{
    Entering here{raw, false};
    Entering* const outer = std::exchange(entering, &here);
    tenon_status status = TENON_ASYNC;
    try
    {
        AsyncCall call(host, raw);
        body(call);
    }
    catch (...)
    {
        // If the handle was not destroyed by this exception, somebody else has it and will end the call.
        if (here.unwound)
            status = failWithCurrent(raw);
    }
    entering = outer;
    return status;
}

} // namespace tenon::detail

#endif
