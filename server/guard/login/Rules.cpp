#include "guard/login/Rules.h"

#include "guard/login/NormalUri.h"
#include "guard/web/Glob.h"

#include <Poco/Exception.h>

namespace tenon::guard
{

namespace
{

bool listed(const std::vector<std::string>& globs, std::string_view name)
{
    bool given = false;
    for (const std::string& glob : globs)
    {
        if (glob.starts_with('!'))
        {
            if (globMatches(std::string_view(glob).substr(1), name))
                return false;
        }
        else
            given = given || globMatches(glob, name);
    }
    return given;
}

bool isEverything(const std::vector<std::string>& globs)
{
    bool given = false;
    for (const std::string& glob : globs)
    {
        if (glob.starts_with('!'))
            return false;
        given = given || glob == "*" || glob == "**";
    }
    return given;
}

class Both : public base::Permissions
{
public:
    Both(std::shared_ptr<const base::Permissions> type, std::shared_ptr<const base::Permissions> own)
        : _type(std::move(type)), _own(std::move(own))
    {
    }

    bool allows(base::Access access, std::string_view name, bool readOnly) const override
    {
        return _type->allows(access, name, readOnly) && _own->allows(access, name, readOnly);
    }
    bool allowsEverything() const override { return _type->allowsEverything() && _own->allowsEverything(); }

private:
    const std::shared_ptr<const base::Permissions> _type, _own;
};

} // namespace

Rules::Rules(Options options)
    : _options(std::move(options)), _everyResource(isEverything(_options.resources)),
      _everything(!_options.readOnly && isEverything(_options.tools) && _everyResource &&
                  isEverything(_options.prompts))
{
    for (std::string& glob : _options.resources)
        glob = (glob.starts_with('!') ? "!" : "") +
               normalUri(std::string_view(glob).substr(glob.starts_with('!') ? 1 : 0));
}

Rules Rules::parse(const std::vector<std::string>& permissions, bool lenient)
{
    Options options{{}, {}, {}, false, false, false};
    const auto glob = [](const std::string& item, std::string_view kind, std::vector<std::string>& into)
    {
        // "tool:" and "tools:" are read alike; "!tool:x" takes away.
        const bool taken = item.starts_with('!');
        std::string_view rest = std::string_view(item).substr(taken ? 1 : 0);
        if (!rest.starts_with(kind))
            return false;
        rest.remove_prefix(kind.size());
        if (rest.starts_with('s'))
            rest.remove_prefix(1);
        if (!rest.starts_with(':') || rest.size() == 1)
            return false;
        into.push_back((taken ? "!" : "") + std::string(rest.substr(1)));
        return true;
    };
    for (const std::string& item : permissions)
    {
        if (item == "*")
        {
            options.tools.emplace_back("*");
            options.resources.emplace_back("*");
            options.prompts.emplace_back("*");
            options.stats = options.broadcast = true;
        }
        else if (item == "readonly")
        {
            options.readOnly = true;
            options.tools.emplace_back("*");
            options.resources.emplace_back("*");
            options.prompts.emplace_back("*");
        }
        else if (item == "stats")
            options.stats = true;
        else if (item == "broadcast")
            options.broadcast = true;
        else if (!glob(item, "tool", options.tools) && !glob(item, "resource", options.resources) &&
                 !glob(item, "prompt", options.prompts) && !lenient)
            throw Poco::InvalidArgumentException(
                "not a permission; permissions are *, readonly, stats, broadcast, tool:<glob>, "
                "resource:<glob> and prompt:<glob>",
                item);
    }
    return Rules(std::move(options));
}

bool Rules::allows(base::Access access, std::string_view name, bool readOnly) const
{
    switch (access)
    {
    case base::Access::TOOL:
        return (readOnly || !_options.readOnly) && listed(_options.tools, name);
    case base::Access::RESOURCE:
        return _everyResource || (!uriClimbs(name) && listed(_options.resources, normalUri(name)));
    case base::Access::PROMPT:
        return listed(_options.prompts, name);
    case base::Access::STATS:
        return _options.stats;
    case base::Access::BROADCAST:
        return _options.broadcast;
    }
    return false;
}

std::shared_ptr<const base::Permissions> readPermissions(const base::Settings& settings, const std::string& key)
{
    try
    {
        return std::make_shared<Rules>(Rules::parse(settings.list(key), false));
    }
    catch (const Poco::InvalidArgumentException& exc)
    {
        settings.refuse(key, "contains something that is " + exc.message());
    }
}

std::shared_ptr<const base::Permissions> narrowed(std::shared_ptr<const base::Permissions> type,
                                                  std::shared_ptr<const base::Permissions> own)
{
    if (!type)
        return own;
    if (!own)
        return type;
    return std::make_shared<Both>(std::move(type), std::move(own));
}

} // namespace tenon::guard
