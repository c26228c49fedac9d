#include "guard/login/Types.h"

#include "guard/login/Rules.h"

#include <Poco/Exception.h>

#include <algorithm>
#include <iterator>

namespace tenon::guard
{

namespace
{

constexpr const char* BUILT_IN[] = {"master", "team", "readonly", "anonymous"};

bool isBuiltIn(const std::string& type)
{
    return std::find(std::begin(BUILT_IN), std::end(BUILT_IN), type) != std::end(BUILT_IN);
}

/// What a type may do of which the settings say nothing. What the operator names is all there is: a type with
/// `tools = clock_*` reads no resource, and a type of the operator's own starts from nothing.
Rules::Options defaultsOf(const std::string& type, bool named)
{
    Rules::Options options;
    if (named || !isBuiltIn(type))
        options.tools = options.resources = options.prompts = {};
    options.readOnly = type == "readonly";
    options.stats = options.broadcast = type == "master";
    return options;
}

/// Whether the settings below `prefix` say what the type may use.
bool isNamed(const base::Settings& settings, const std::string& prefix)
{
    return settings.isSet(prefix + "tools") || settings.isSet(prefix + "resources") ||
           settings.isSet(prefix + "prompts");
}

PrincipalType read(const base::Settings& settings, const std::string& type)
{
    const std::string prefix = "auth.types." + type + ".";
    Rules::Options options = defaultsOf(type, isNamed(settings, prefix));
    const auto list = [&](const char* key, std::vector<std::string>& into)
    {
        if (settings.isSet(prefix + key))
            into = settings.list(prefix + key);
    };
    const auto flag = [&](const char* key, bool& into)
    {
        if (settings.isSet(prefix + key))
            into = settings.boolean(prefix + key);
    };
    list("tools", options.tools);
    list("resources", options.resources);
    list("prompts", options.prompts);
    flag("readOnly", options.readOnly);
    flag("stats", options.stats);
    flag("broadcast", options.broadcast);

    const auto number = [&](const char* key) { return static_cast<std::uint32_t>(settings.integer(prefix + key)); };
    const auto ifSet = [&](const char* key)
    { return settings.isSet(prefix + key) ? std::optional(number(key)) : std::nullopt; };
    base::HolderLimits limits{ifSet("maxSessions"), ifSet("maxStreams"), ifSet("maxCalls"), ifSet("maxTasks")};
    limits.connections = number("maxConnections");
    limits.sharePercent = static_cast<std::uint32_t>(settings.integer("limits.share"));
    if (settings.isSet(prefix + "rate"))
        limits.requestsPerMinute = number("rate");
    else if (settings.isSet("limits.rate"))
        limits.requestsPerMinute = static_cast<std::uint32_t>(settings.integer("limits.rate"));
    return {std::make_shared<Rules>(std::move(options)), limits};
}

} // namespace

Types::Types(const base::Settings& settings)
{
    for (const char* name : BUILT_IN)
        _types.emplace(name, read(settings, name));
    for (const std::string& name : settings.namesUnder("auth.types."))
        _types.insert_or_assign(name, read(settings, name));
}

const PrincipalType* Types::find(std::string_view name) const
{
    const auto type = _types.find(name);
    return type == _types.end() ? nullptr : &type->second;
}

const PrincipalType& Types::require(const std::string& name, const std::string& where) const
{
    if (const PrincipalType* type = find(name))
        return *type;
    throw Poco::InvalidArgumentException(where + " names the type '" + name +
                                         "', which is not master, team, readonly or anonymous and has no auth.types." +
                                         name + ".* settings");
}

std::vector<std::string> Types::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, type] : _types)
        names.push_back(name);
    return names;
}

base::PrincipalPtr Types::make(const PrincipalType& type, base::Principal who)
{
    who.permissions = narrowed(type.permissions, std::move(who.permissions));
    who.limits = type.limits;
    return std::make_shared<const base::Principal>(std::move(who));
}

std::vector<std::string> typesWithoutUse(const base::Settings& settings)
{
    std::vector<std::string> lines;
    for (const std::string& type : settings.namesUnder("auth.types."))
    {
        const std::string prefix = "auth.types." + type + ".";
        if (isBuiltIn(type) || isNamed(settings, prefix) || settings.boolean(prefix + "stats") ||
            settings.boolean(prefix + "broadcast"))
            continue;
        lines.push_back(settings.at(prefix + settings.under(prefix).begin()->first) +
                        " belongs to a type that may use nothing: set " + prefix + "tools, .resources or .prompts");
    }
    return lines;
}

void requireKey(const base::Settings& settings, const std::string& prefix, const std::string& key,
                const std::string& whose)
{
    if (!settings.text(prefix + key).empty())
        return;
    if (settings.isSet(prefix + key))
        settings.refuse(prefix + key, "is empty");
    settings.refuse(prefix + settings.under(prefix).begin()->first, "belongs to " + whose + " without " + prefix + key);
}

} // namespace tenon::guard
