#ifndef TENON_ASYNC_CALL_HPP
#define TENON_ASYNC_CALL_HPP

#include <tenon/detail/answer.hpp>

#include <exception>
#include <utility>

namespace tenon
{

namespace detail
{

/// Which asynchronous call this thread is just entering. While its handler is being unwound, the layer that entered it
/// knows why and ends it; a handle that is destroyed then must not.
struct Entering
{
    tenon_call* call = nullptr;
    bool unwound = false;
};

inline thread_local Entering* entering = nullptr;

} // namespace detail

/// A call that goes on after its handler has returned. It owns the duty to end the call: `finish` or `fail`, once, on
/// any thread. Destroyed before that, it fails the call.
///
/// Threading: movable between threads, used by one at a time. Asking the client (`elicit`, `sample`, `roots`,
///            `together`, `once`) only before the handler returns.
/// Ownership: views and Values live until the call has ended.
class AsyncCall : public Call
{
public:
    AsyncCall(const detail::Host& host, tenon_call* call) : Call(host, call) {}
    AsyncCall(AsyncCall&& other) noexcept : Call(*other._host, std::exchange(other._call, nullptr)) {}

    AsyncCall& operator=(AsyncCall&& other) noexcept
    {
        if (this != &other)
        {
            drop();
            _host = other._host;
            _call = std::exchange(other._call, nullptr);
        }
        return *this;
    }

    ~AsyncCall() { drop(); }

    explicit operator bool() const { return _call != nullptr; }

    /// Ends the call with anything that a handler may return.
    ///
    /// Errors: false if the call had ended already, cancelled or past its deadline.
    template <class T>
    bool finish(const T& result)
    {
        const tenon_status status = detail::answerTool<detail::Plain<T>>(*this, result);
        _call = nullptr;
        return status == TENON_OK;
    }

    bool finish()
    {
        const tenon_status status = detail::answerTool(*this);
        _call = nullptr;
        return status == TENON_OK;
    }

    /// Ends the call as a failure, worded for a model to correct itself.
    void fail(std::string_view message, tenon_status status = TENON_ERROR_FAILED)
    {
        if (tenon_call* call = std::exchange(_call, nullptr))
            call->api->fail(call, status, toText(message));
    }

private:
    void drop() noexcept
    {
        if (!_call)
            return;
        if (detail::entering && detail::entering->call == _call && std::uncaught_exceptions() > 0)
            detail::entering->unwound = true;
        else
            fail("The tool ended without a result.");
    }
};

} // namespace tenon

#endif
