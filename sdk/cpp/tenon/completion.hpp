#ifndef TENON_COMPLETION_HPP
#define TENON_COMPLETION_HPP

#include <tenon/detail/invoke.hpp>
#include <tenon/metadata.hpp>

namespace tenon
{

/// What a client may offer for an argument, the best first. More than 100 values are cut.
struct Completion
{
    std::vector<std::string> values;
    std::optional<int64_t> total{}; ///< if more exist than are given
    bool hasMore = false;
};

/// Those of `values` that start with `typed`, without regard to the case of ASCII letters.
template <class Values>
std::vector<std::string> startingWith(std::string_view typed, const Values& values)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    std::vector<std::string> found;
    for (const auto& value : values)
    {
        const std::string_view view(value);
        if (view.size() >= typed.size() &&
            std::equal(typed.begin(), typed.end(), view.begin(), [&](char a, char b) { return lower(a) == lower(b); }))
            found.emplace_back(view);
    }
    return found;
}

namespace detail
{

inline tenon_status answerCompletion(const Call& call, const Completion& completion)
{
    constexpr std::size_t LIMIT = 100;
    if (call.isPending())
        return TENON_INPUT_PENDING;
    const std::size_t size = completion.values.size();
    Writer writer = call.writer();
    writer.beginObject().key("completion").beginObject().key("values").beginArray();
    for (std::size_t at = 0; at < size && at < LIMIT; ++at)
        writer.text(completion.values[at]);
    writer.endArray().member("total", completion.total.value_or(static_cast<int64_t>(size)));
    writer.member("hasMore", completion.hasMore || size > LIMIT).endObject().endObject();
    return finish(writer, call.raw());
}

/// The builders' functions for completion. `Builder` has `completers()`.
template <class Builder>
class Completing
{
public:
    /// Completes an argument of the prompt or a variable of the template. `function` takes `tenon::Call&` if it wants
    /// it
    /// (`call.resolved("country")` is what was filled in elsewhere) and the text typed so far; it returns a vector of
    /// texts or a `Completion`.
    template <class Function, class = std::enable_if_t<isCallableWith<Function, Call&, std::string_view>>>
    Builder& complete(std::string argument, Function function)
    {
        self().completers().push_back(
            {std::move(argument), [function = std::move(function)](Call& call, std::string_view typed)
             { return answerCompletion(call, toCompletion(callWith(function, call, typed))); }});
        return self();
    }

    /// Completes from a fixed list.
    Builder& complete(std::string argument, std::vector<std::string> values)
    {
        return complete(std::move(argument),
                        [values = std::move(values)](std::string_view typed) { return startingWith(typed, values); });
    }

private:
    static Completion toCompletion(std::vector<std::string> values) { return Completion{std::move(values)}; }
    static Completion toCompletion(Completion completion) { return completion; }
    Builder& self() { return static_cast<Builder&>(*this); }
};

} // namespace detail

} // namespace tenon

#endif
