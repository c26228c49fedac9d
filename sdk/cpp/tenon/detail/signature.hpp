#ifndef TENON_DETAIL_SIGNATURE_HPP
#define TENON_DETAIL_SIGNATURE_HPP

#include <tenon/fwd.hpp>

#include <tuple>

/// What a handler takes, read from its type.

namespace tenon::detail
{

template <class... T>
struct Types
{
    static constexpr std::size_t size = sizeof...(T);
};

/// The parameters of a function, a function pointer, or an object with one operator().
template <class F, class Enable = void>
struct SignatureOf
{
    static constexpr bool known = false; ///< generic or overloaded
    using Parameters = Types<>;
};

template <class R, class... P>
struct SignatureOf<R (*)(P...)>
{
    static constexpr bool known = true;
    using Parameters = Types<P...>;
};
template <class R, class... P>
struct SignatureOf<R (*)(P...) noexcept> : SignatureOf<R (*)(P...)>
{
};
template <class R, class C, class... P>
struct SignatureOf<R (C::*)(P...)> : SignatureOf<R (*)(P...)>
{
};
template <class R, class C, class... P>
struct SignatureOf<R (C::*)(P...) const> : SignatureOf<R (*)(P...)>
{
};
template <class R, class C, class... P>
struct SignatureOf<R (C::*)(P...) noexcept> : SignatureOf<R (*)(P...)>
{
};
template <class R, class C, class... P>
struct SignatureOf<R (C::*)(P...) const noexcept> : SignatureOf<R (*)(P...)>
{
};
template <class F>
struct SignatureOf<F, std::void_t<decltype(&F::operator())>> : SignatureOf<decltype(&F::operator())>
{
};

/// The parameters without the call, if it comes first; and whether that is an AsyncCall.
template <class Parameters>
struct WithoutCall
{
    static constexpr bool isAsync = false;
    using Rest = Parameters;
};
template <class First, class... Rest_>
struct WithoutCall<Types<First, Rest_...>>
{
    static constexpr bool isAsync = std::is_same_v<std::decay_t<First>, AsyncCall>;
    static constexpr bool takesCall = isAsync || std::is_same_v<std::decay_t<First>, Call>;
    using Rest = std::conditional_t<takesCall, Types<Rest_...>, Types<First, Rest_...>>;
};

template <class F>
using ValuesOf = typename WithoutCall<typename SignatureOf<F>::Parameters>::Rest;

template <class F>
inline constexpr bool isAsync = WithoutCall<typename SignatureOf<F>::Parameters>::isAsync;

} // namespace tenon::detail

#endif
