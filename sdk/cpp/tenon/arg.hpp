#ifndef TENON_ARG_HPP
#define TENON_ARG_HPP

#include <tenon/options.hpp>

#include <string>
#include <tuple>
#include <utility>

namespace tenon
{

/// What a handler's parameter is called and what it means, where its type is taken from the function:
/// `tenon::arg("times", "How often", tenon::range(1, 10)) = 1`.
///
/// Shape: what is assigned is the default, and makes the argument one that may be left out.
template <class... Options>
struct Arg
{
    std::string name;
    std::string description;
    std::tuple<Options...> options;

    template <class T>
    auto operator=(T&& value) &&
    {
        using Added = detail::Default<std::decay_t<T>>;
        return Arg<Options..., Added>{
            std::move(name), std::move(description),
            std::tuple_cat(std::move(options), std::make_tuple(Added{std::forward<T>(value)}))};
    }
};

template <class... Options>
Arg<Options...> arg(std::string name, std::string description, Options... options)
{
    return {std::move(name), std::move(description), std::make_tuple(options...)};
}

} // namespace tenon

#endif
