#ifndef TENON_RESOURCE_HPP
#define TENON_RESOURCE_HPP

#include <tenon/completion.hpp>

#include <atomic>

namespace tenon
{

namespace detail
{

/// A resource, or a resource template if its `uri` has variables.
struct Resource : Metadata
{
    const Host* host = nullptr;
    std::string uri;
    std::vector<std::string> variables;
    ResourceDefaults defaults;
    int64_t size = -1;
    std::vector<Completer> completers;
    std::function<tenon_status(tenon_call*)> read;
    std::atomic<bool> listed{false};

    void write(JsonWriter& writer, bool isTemplate) const
    {
        writer.beginObject().member(isTemplate ? "uriTemplate" : "uri", uri);
        Metadata::write(writer);
        if (!defaults.mimeType.empty())
            writer.member("mimeType", defaults.mimeType);
        if (size >= 0)
            writer.member("size", size);
        writer.endObject();
    }
};

/// The names in the braces of a URI template: `{name}` and `{+name}`.
inline std::vector<std::string> variablesOf(std::string_view uriTemplate)
{
    std::vector<std::string> names;
    for (std::size_t at = uriTemplate.find('{'); at != std::string_view::npos; at = uriTemplate.find('{', at + 1))
    {
        const std::size_t end = uriTemplate.find('}', at);
        if (end == std::string_view::npos)
            throw std::invalid_argument("the URI template '" + std::string(uriTemplate) + "' lacks a }");
        std::string_view name = uriTemplate.substr(at + 1, end - at - 1);
        if (!name.empty() && name.front() == '+')
            name.remove_prefix(1);
        names.emplace_back(name);
    }
    return names;
}

/// How many views a handler takes behind the call, at most MAX.
template <class Function, std::size_t N = 0, class... Views>
constexpr std::size_t countViews()
{
    constexpr std::size_t MAX = 6;
    if constexpr (isCallableWith<Function, Call&, Views...>)
        return N;
    else
    {
        static_assert(N < MAX, "a resource's handler takes tenon::Call& if it wants it, then one text per variable");
        return countViews<Function, N + 1, Views..., std::string_view>();
    }
}

} // namespace detail

/// Declares one resource or resource template. Made by `plugin.resource(...)` or `plugin.resourceTemplate(...)`; ends
/// with `handle`.
///
/// A handler takes `tenon::Call&` if it wants it, then one text per variable of the template, in their order, percent-
/// decoded. It returns a text, `Bytes`, a `ResourceResult`, or anything with a Codec, which becomes JSON text. It
/// throws `NotFound` for what does not exist. It must be safe on many threads.
class ResourceBuilder : public detail::Described<ResourceBuilder>, public detail::Completing<ResourceBuilder>
{
public:
    explicit ResourceBuilder(detail::Resource& resource) : _resource(&resource) {}

    ResourceBuilder& description(std::string text)
    {
        _resource->description = std::move(text);
        return *this;
    }

    ResourceBuilder& mimeType(std::string type)
    {
        _resource->defaults.mimeType = std::move(type);
        return *this;
    }

    /// Units: bytes, before any encoding.
    ResourceBuilder& size(int64_t bytes)
    {
        _resource->size = bytes;
        return *this;
    }

    /// How long clients may keep what they read, unless the result says otherwise.
    ResourceBuilder& cache(int64_t ttlMs, CacheScope scope = CacheScope::Public)
    {
        _resource->defaults.cache = CacheHint{ttlMs, scope};
        return *this;
    }

    ResourceBuilder& audience(const std::vector<Role>& roles) { return annotation("audience", roles); }
    ResourceBuilder& priority(double zeroToOne) { return annotation("priority", zeroToOne); }
    ResourceBuilder& lastModified(std::string_view dateTime) { return annotation("lastModified", dateTime); }

    /// Errors: std::invalid_argument if the handler does not take one text per variable (or none at all: it may ask
    ///         `call.variable(name)`).
    template <class Function>
    void handle(Function function)
    {
        constexpr std::size_t COUNT = detail::countViews<Function>();
        if (COUNT != 0 && COUNT != _resource->variables.size())
            throw std::invalid_argument("the handler of " + _resource->uri + " takes " + std::to_string(COUNT) +
                                        " variables, the template has " + std::to_string(_resource->variables.size()));
        _resource->read = [resource = _resource, function = std::move(function)](tenon_call* raw)
        {
            return detail::enter(*resource->host, raw,
                                 [&](Call& call)
                                 { return answer(call, *resource, function, std::make_index_sequence<COUNT>()); });
        };
        _resource->listed.store(true, std::memory_order_release);
    }

    detail::Metadata& metadata() { return *_resource; }
    std::vector<detail::Completer>& completers() { return _resource->completers; }

private:
    template <class T>
    ResourceBuilder& annotation(const char* name, const T& value)
    {
        _resource->annotations.emplace_back(name, toJson(value).text);
        return *this;
    }

    template <class Function, std::size_t... I>
    static tenon_status answer(Call& call, const detail::Resource& resource, const Function& function,
                               std::index_sequence<I...>)
    {
        const auto result = detail::callWith(function, call, call.variable(resource.variables[I])...);
        return detail::answerResource<detail::Plain<std::decay_t<decltype(result)>>>(call, result, resource.defaults);
    }

    detail::Resource* _resource;
};

} // namespace tenon

#endif
