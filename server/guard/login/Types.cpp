#include "guard/login/Types.h"

#include "guard/login/Rules.h"

#include <Poco/Exception.h>

namespace tenon::guard
{

namespace
{

constexpr const char* BUILT_IN[] = {"master", "team", "readonly", "anonymous"};

Rules::Options defaultsOf(const std::string& type)
{
    Rules::Options options;
    options.readOnly = type == "readonly";
    options.stats = options.broadcast = type == "master";
    return options;
}

PrincipalType read(const base::Settings& settings, const std::string& type)
{
    const std::string prefix = "auth.types." + type + ".";
    Rules::Options options = defaultsOf(type);
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
    TypeLimits limits{number("maxConnections"), number("maxSessions"), number("maxStreams"), number("maxCalls"), 0};
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
    throw Poco::InvalidArgumentException(
        where + " names the type '" + name +
        "', which is none of master, team, readonly, anonymous and has no auth.types." + name + ".* settings");
}

base::PrincipalPtr Types::make(const PrincipalType& type, std::string typeName, std::string id, std::string name,
                               std::shared_ptr<const base::Permissions> own, std::map<std::string, std::string> claims,
                               bool mayAskForMore)
{
    auto principal = std::make_shared<base::Principal>();
    principal->id = std::move(id);
    principal->name = std::move(name);
    principal->type = std::move(typeName);
    principal->claims = std::move(claims);
    principal->permissions = narrowed(type.permissions, std::move(own));
    principal->mayAskForMore = mayAskForMore;
    return principal;
}

} // namespace tenon::guard
