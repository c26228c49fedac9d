#ifndef TENON_TOOL_HPP
#define TENON_TOOL_HPP

#include <tenon/arg.hpp>
#include <tenon/detail/invoke.hpp>
#include <tenon/detail/signature.hpp>
#include <tenon/detail/tool_entry.hpp>

namespace tenon
{

/// One of the protocol's ToolAnnotations: hints for the client, not promises that it may build on.
struct ToolHint
{
    const char* name;
    bool value;
};

constexpr ToolHint readOnly(bool value = true)
{
    return {"readOnlyHint", value};
}
constexpr ToolHint destructive(bool value = true)
{
    return {"destructiveHint", value};
}
constexpr ToolHint idempotent(bool value = true)
{
    return {"idempotentHint", value};
}
constexpr ToolHint openWorld(bool value = true)
{
    return {"openWorldHint", value};
}

/// How many calls of a tool may run at once.
enum class Concurrency
{
    Parallel, ///< any number: the handler is safe on many threads
    Serial,   ///< one at a time
    Session   ///< one at a time per session
};

/// Whether a call may run as a task, for a client that comes back for the result.
enum class TaskSupport
{
    Forbidden,
    Optional,
    Required
};

namespace detail
{

template <class T>
std::string schemaOf()
{
    JsonWriter writer;
    writer.beginObject();
    Codec<T>::schema(writer);
    writer.endObject();
    return writer.take();
}

template <class T, class A>
struct ParameterOfArg;
template <class T, class... Options>
struct ParameterOfArg<T, Arg<Options...>>
{
    using Type = Parameter<T, Options...>;
};

/// The parameter of type T that an `arg` names.
template <class T, class A>
using ParameterOf = typename ParameterOfArg<T, A>::Type;

/// Stands for "no struct" where a tool may take all its arguments as one.
struct NoStruct
{
};

} // namespace detail

/// What can be said about a tool beside its parameters, before or after its handler was given.
template <class Derived>
class ToolOptions : public detail::Described<Derived>
{
public:
    /// The schemas as JSON text, instead of what follows from the types.
    Derived& inputSchema(std::string json) { return set(tool().inputSchema, std::move(json)); }
    Derived& outputSchema(std::string json) { return set(tool().outputSchema, std::move(json)); }

    /// The type of the structured content, for handlers that return a `Result`.
    template <class T>
    Derived& output()
    {
        return set(tool().outputSchema, detail::schemaOf<T>());
    }

    template <class... Hints>
    Derived& annotations(Hints... hints)
    {
        (tool().annotations.emplace_back(hints.name, hints.value ? "true" : "false"), ...);
        return self();
    }

    Derived& concurrency(Concurrency concurrency)
    {
        static const char* const NAMES[] = {"parallel", "serial", "session"};
        return set(tool().concurrency, NAMES[static_cast<int>(concurrency)]);
    }

    /// Calls at once; further ones wait.
    Derived& maxConcurrent(int calls) { return set(tool().maxConcurrent, calls); }

    /// The deadline of a call, instead of the server's; 0: none.
    Derived& timeout(std::chrono::milliseconds timeout) { return set(tool().timeoutMs, timeout.count()); }

    /// In a program that lends its tools (tenon/attach.hpp): runs on the thread that polls. Elsewhere it means nothing.
    Derived& onMainThread() { return set(tool().onMainThread, true); }

    Derived& taskSupport(TaskSupport support)
    {
        static const char* const NAMES[] = {"forbidden", "optional", "required"};
        return set(tool().taskSupport, NAMES[static_cast<int>(support)]);
    }

    /// With task support: the call is no task until the handler says `call.beginTask()`, so that it may ask the client
    /// first.
    Derived& taskOnDemand() { return set(tool().taskOnDemand, true); }

    /// The view that hosts show with the tool's results, and the resource that holds it (MCP Apps).
    Derived& ui(const Ui& view)
    {
        tool().addView(view);
        return set(tool().ui, view.toolMeta());
    }
    Derived& ui(std::string uri, std::string html) { return ui(Ui(std::move(uri), std::move(html))); }

private:
    Derived& self() { return static_cast<Derived&>(*this); }
    detail::Tool& tool() { return self().metadata(); }

    template <class T, class V>
    Derived& set(T& member, V&& value)
    {
        member = std::forward<V>(value);
        return self();
    }
};

/// Declares one tool. Made by `plugin.tool(...)`; ends with `handle` or `handleAsync`.
///
/// A handler takes, in this order, `tenon::Call&` if it wants it, then one value per `param`, or the struct named with
/// `arguments<T>()`, or `tenon::Value` for the arguments as they are. It returns a text, a `Result`, a `Content`, a
/// described struct (which becomes the outputSchema too), a vector or map of such, `Json`, or nothing. It must be safe
/// on many threads, unless `concurrency` says otherwise.
///
/// Errors: std::invalid_argument for what can never be right (a bad name); it refuses the plugin.
template <class Whole, class... Parameters>
class ToolBuilder : public ToolOptions<ToolBuilder<Whole, Parameters...>>
{
public:
    ToolBuilder(detail::Tool& tool, std::tuple<Parameters...> parameters)
        : _tool(&tool), _parameters(std::move(parameters))
    {
    }

    /// The next parameter. `std::optional<T>`, `defaultTo` and `notRequired` make it one that may be left out.
    template <class T, class... Options>
    auto param(std::string name, std::string description, Options... options)
    {
        using Added = detail::Parameter<T, Options...>;
        static_assert(std::is_same_v<Whole, detail::NoStruct>, "a tool has either param() or arguments<T>()");
        return ToolBuilder<Whole, Parameters..., Added>(
            *_tool, std::tuple_cat(
                        std::move(_parameters),
                        std::make_tuple(Added{std::move(name), std::move(description), std::make_tuple(options...)})));
    }

    /// All arguments at once, as a described struct.
    template <class T>
    auto arguments()
    {
        static_assert(sizeof...(Parameters) == 0, "a tool has either param() or arguments<T>()");
        return ToolBuilder<T>(*_tool, {});
    }

    /// What runs when the tool is called.
    template <class Function>
    void handle(Function function)
    {
        using Returned = decltype(run(function, std::declval<Call&>(), _parameters));
        using Answer = detail::Plain<std::decay_t<Returned>>;
        if constexpr (detail::isStructured<Answer>)
            if (_tool->outputSchema.empty())
                _tool->outputSchema = detail::schemaOf<Answer>();
        declareInput<Function, Call&>();
        publish(
            [host = _tool->host, function = std::move(function), parameters = std::move(_parameters)](tenon_call* raw)
            {
                return detail::enter(*host, raw,
                                     [&](Call& call)
                                     {
                                         if constexpr (std::is_void_v<Returned>)
                                         {
                                             run(function, call, parameters);
                                             return detail::answerTool(call);
                                         }
                                         else
                                             return detail::answerTool<Answer>(call, run(function, call, parameters));
                                     });
            });
    }

    /// What runs when the tool is called, and goes on after it has returned: it takes `tenon::AsyncCall` by value,
    /// first. No thread of the server is held meanwhile.
    template <class Function>
    void handleAsync(Function function)
    {
        declareInput<Function, AsyncCall>();
        publish(
            [host = _tool->host, function = std::move(function), parameters = std::move(_parameters)](tenon_call* raw) {
                return detail::enterAsync(*host, raw,
                                          [&](AsyncCall& call) { run(function, std::move(call), parameters); });
            });
    }

    detail::Tool& metadata() { return *_tool; }

private:
    /// Whether the handler takes the arguments as they are.
    template <class Function, class First>
    static constexpr bool takesValue = std::is_same_v<Whole, detail::NoStruct> && sizeof...(Parameters) == 0 &&
                                       !detail::isCallableWith<Function, First>;

    /// Reads what the handler takes and calls it.
    template <class Function, class First>
    static decltype(auto) run(const Function& function, First&& call, const std::tuple<Parameters...>& parameters)
    {
        const Value arguments = call.arguments();
        if constexpr (!std::is_same_v<Whole, detail::NoStruct>)
            return detail::callWith(function, std::forward<First>(call), arguments.as<Whole>());
        else if constexpr (takesValue<Function, First>)
            return detail::callWith(function, std::forward<First>(call), arguments);
        else
        {
            auto values = std::apply(
                [&](const auto&... parameter) { return std::make_tuple(parameter.read(arguments)...); }, parameters);
            return std::apply([&](auto&... value) -> decltype(auto)
                              { return detail::callWith(function, std::forward<First>(call), std::move(value)...); },
                              values);
        }
    }

    template <class Function, class First>
    void declareInput()
    {
        if (!_tool->inputSchema.empty())
            return;
        JsonWriter writer;
        writer.beginObject();
        if constexpr (!std::is_same_v<Whole, detail::NoStruct>)
            Codec<Whole>::schema(writer);
        else
        {
            writer.member("type", "object");
            // There without parameters, too: some clients take a schema without it for a broken one.
            writer.key("properties").beginObject();
            std::apply([&writer](const auto&... parameter) { (parameter.writeSchema(writer), ...); }, _parameters);
            writer.endObject();
            std::apply([&writer](const auto&... parameter) { writeRequired(writer, parameter...); }, _parameters);
        }
        // A model that misspells a name learns it at once. A handler of the arguments as they are checks them itself.
        if constexpr (!takesValue<Function, First>)
            writer.member("additionalProperties", false);
        _tool->inputSchema = writer.endObject().take();
    }

    template <class... P>
    static void writeRequired(JsonWriter& writer, const P&... parameter)
    {
        if constexpr ((P::required || ... || false))
        {
            writer.key("required").beginArray();
            ((P::required ? void(writer.text(parameter.name)) : void()), ...);
            writer.endArray();
        }
    }

    template <class F>
    void publish(F call)
    {
        _tool->call = std::move(call);
        if (_lists)
            _tool->listed.store(true, std::memory_order_release);
    }

    template <class, class...>
    friend class ToolBuilder;
    friend class DeclaredTool;

    detail::Tool* _tool;
    std::tuple<Parameters...> _parameters;
    bool _lists = true;
};

/// A tool whose handler is there already: `plugin.tool("greet", "Greets somebody", [](std::string name) {…},
/// tenon::arg("name", "Whom to greet")).annotations(tenon::readOnly());`. Listed when the statement ends.
///
/// Shape: the types of the arguments are those of the function's parameters; each has one `arg`, in the same order. The
///        function may take `tenon::Call&` (or `tenon::AsyncCall`) first. One that takes a described struct, or
///        `tenon::Value`, needs no `arg`.
class DeclaredTool : public ToolOptions<DeclaredTool>
{
public:
    template <class Function, class... Args>
    DeclaredTool(detail::Tool& tool, Function function, Args... args) : _tool(&tool)
    {
        using Decayed = std::decay_t<Function>;
        static_assert(detail::SignatureOf<Decayed>::known,
                      "the types of the arguments are read from the function: it can be no generic lambda and not be "
                      "overloaded; write tool(name, description).param<T>(...).handle(...) instead");
        declare<Decayed>(std::move(function), detail::ValuesOf<Decayed>{}, std::move(args)...);
    }

    DeclaredTool(const DeclaredTool&) = delete;
    DeclaredTool& operator=(const DeclaredTool&) = delete;
    ~DeclaredTool() { _tool->listed.store(true, std::memory_order_release); }

    detail::Tool& metadata() { return *_tool; }

private:
    template <class Function, class... Values, class... Args>
    void declare(Function function, detail::Types<Values...>, Args... args)
    {
        if constexpr (sizeof...(Args) == 0 && sizeof...(Values) == 1 &&
                      (detail::isDescribedObject<std::decay_t<Values>> && ...))
            finish(ToolBuilder<std::decay_t<Values>...>(*_tool, {}), std::move(function));
        else if constexpr (sizeof...(Args) == 0 && (std::is_same_v<std::decay_t<Values>, Value> && ...))
            finish(ToolBuilder<detail::NoStruct>(*_tool, {}), std::move(function));
        else
        {
            static_assert(sizeof...(Values) == sizeof...(Args),
                          "one tenon::arg(name, description) for each parameter of the function");
            finish(build(detail::Types<Values...>{}, std::move(args)...), std::move(function));
        }
    }

    template <class... Values, class... Args>
    auto build(detail::Types<Values...>, Args... args)
    {
        return ToolBuilder<detail::NoStruct, detail::ParameterOf<std::decay_t<Values>, Args>...>(
            *_tool, std::make_tuple(detail::ParameterOf<std::decay_t<Values>, Args>{
                        std::move(args.name), std::move(args.description), std::move(args.options)}...));
    }

    template <class Builder, class Function>
    static void finish(Builder builder, Function function)
    {
        builder._lists = false;
        if constexpr (detail::isAsync<Function>)
            builder.handleAsync(std::move(function));
        else
            builder.handle(std::move(function));
    }

    detail::Tool* _tool;
};

} // namespace tenon

#endif
