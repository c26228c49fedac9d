#include "guard/login/Rules.h"

#include "base/Ascii.h"
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

/// Whether a URI climbs: "file:///data/../etc" looks as if it were below `file:///data/` and is not.
bool climbs(std::string_view uri)
{
    std::string plain = base::lowered(uri);
    for (std::size_t at; (at = plain.find("%2e")) != std::string::npos;)
        plain.replace(at, 3, ".");
    for (std::size_t at; (at = plain.find("%2f")) != std::string::npos;)
        plain.replace(at, 3, "/");
    for (std::size_t at; (at = plain.find("%5c")) != std::string::npos;)
        plain.replace(at, 3, "/");
    for (std::size_t at; (at = plain.find('\\')) != std::string::npos;)
        plain.replace(at, 1, "/");
    return plain.find("/../") != std::string::npos || plain.ends_with("/..") || plain.find("/./") != std::string::npos;
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
    : _options(std::move(options)), _everything(!_options.readOnly && isEverything(_options.tools) &&
                                                isEverything(_options.resources) && isEverything(_options.prompts))
{
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
        return listed(_options.resources, name) && (isEverything(_options.resources) || !climbs(name));
    case base::Access::PROMPT:
        return listed(_options.prompts, name);
    case base::Access::STATS:
        return _options.stats;
    case base::Access::BROADCAST:
        return _options.broadcast;
    }
    return false;
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
