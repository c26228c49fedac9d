#ifndef TENON_INPUT_HPP
#define TENON_INPUT_HPP

#include <tenon/elicitation.hpp>
#include <tenon/sampling.hpp>

/// What a call may ask its client: the user (elicitation), its model (sampling), its roots. `Call` has the usual ones
/// as functions; `tenon::ask` makes them as questions, so that `call.together(...)` asks several in one round.
///
/// Spec: 2026-07-28, Client Features; Basic, Patterns, Multi Round-Trip Requests.

namespace tenon
{

/// One question: its key within the call, stable over re-entries, and how its answer is read.
template <class Answer>
struct Question
{
    std::string key;
    std::string request; ///< {"method", "params"}
    Answer (*read)(const Value& answer);
};

namespace ask
{

/// A form with the fields of the described struct `T`, which must be flat: texts, numbers, booleans, enumerations and
/// vectors of enumerations. Any other `T` gives a form of one field, "value".
template <class T>
Question<Elicited<T>> form(std::string key, std::string_view message)
{
    static_assert(detail::isForm<T>(), "a form is flat: its fields are texts, numbers, booleans, described enums or "
                                       "vectors of described enums, each of them perhaps optional");
    JsonWriter request;
    request.beginObject().member("method", "elicitation/create").key("params").beginObject().member("message", message);
    request.key("requestedSchema").beginObject();
    if constexpr (detail::isDescribedObject<T>)
        Codec<T>::schema(request);
    else
    {
        request.member("type", "object").key("properties").beginObject().key("value").beginObject();
        Codec<T>::schema(request);
        request.endObject().endObject().key("required").beginArray().text("value").endArray();
    }
    request.endObject().endObject().endObject();
    return {std::move(key), request.take(),
            [](const Value& answer)
            {
                Elicited<T> elicited(answer);
                if (elicited.accepted())
                {
                    if constexpr (detail::isDescribedObject<T>)
                        elicited.assign(elicited.content().template as<T>());
                    else
                        elicited.assign(elicited.content()["value"].template as<T>());
                }
                return elicited;
            }};
}

/// A form whose schema is given as JSON text.
inline Question<Elicited<Value>> form(std::string key, std::string_view message, const Json& requestedSchema)
{
    JsonWriter request;
    request.beginObject().member("method", "elicitation/create").key("params").beginObject();
    request.member("message", message).member("requestedSchema", requestedSchema).endObject().endObject();
    return {std::move(key), request.take(),
            [](const Value& answer)
            {
                Elicited<Value> elicited(answer);
                if (elicited.accepted())
                    elicited.assign(elicited.content());
                return elicited;
            }};
}

/// A page that the user shall open, for what must not pass through the client: passwords, payment, consent.
inline Question<UrlElicited> url(std::string key, std::string_view message, std::string_view url)
{
    JsonWriter request;
    request.beginObject().member("method", "elicitation/create").key("params").beginObject().member("mode", "url");
    request.member("message", message).member("url", url).endObject().endObject();
    return {std::move(key), request.take(), [](const Value& answer) {
                return UrlElicited{
                    detail::findChoice<ElicitAction>(answer["action"].text()).value_or(ElicitAction::Cancel)};
            }};
}

inline Question<SamplingReply> sample(std::string key, const Sampling& sampling)
{
    JsonWriter request;
    request.beginObject().member("method", "sampling/createMessage").key("params");
    sampling.write(request);
    request.endObject();
    return {std::move(key), request.take(), [](const Value& answer) { return SamplingReply(answer); }};
}

inline Question<std::vector<Root>> roots(std::string key = "roots")
{
    return {std::move(key), R"({"method":"roots/list","params":{}})",
            [](const Value& answer) { return answer["roots"].as<std::vector<Root>>(); }};
}

} // namespace ask

} // namespace tenon

#endif
