#pragma once

#include "base/Principal.h"
#include "base/limits/HolderLimits.h"
#include "base/settings/Settings.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// One type of principals.
struct PrincipalType
{
    std::shared_ptr<const base::Permissions> permissions; ///< never null
    base::HolderLimits limits;
};

/// The types of principals: `master` (everything, statistics and broadcast too), `team` (every tool, resource and
/// prompt), `readonly` (of the tools only those with `readOnlyHint`), `anonymous` (as `team`), as changed and added to
/// by `auth.types.<type>.*`. Of a type that names tools, resources or prompts, what it does not name is denied.
///
/// Threading: immutable.
class Types
{
public:
    explicit Types(const base::Settings& settings);

    /// Null if there is no such type.
    [[nodiscard]] const PrincipalType* find(std::string_view name) const;

    /// As `find`. Errors: Poco::InvalidArgumentException; `where` names the setting that asks for the type.
    [[nodiscard]] const PrincipalType& require(const std::string& name, const std::string& where) const;

    [[nodiscard]] std::vector<std::string> names() const;

    /// `who` as a principal of a type: its own permissions narrow the type's, none: they do not.
    [[nodiscard]] static base::PrincipalPtr make(const PrincipalType& type, base::Principal who);

private:
    std::map<std::string, PrincipalType, std::less<>> _types;
};

/// The types of the operator's own that may use nothing, a line each, with a place of `auth.types.<type>.*`.
[[nodiscard]] std::vector<std::string> typesWithoutUse(const base::Settings& settings);

/// Reports a token, a user or a certificate whose one mandatory key is missing.
///
/// Shape:  `prefix` is "auth.token.ci.", `whose` "a token"; at least one key is set below the prefix.
/// Errors: base's SettingsException, at a key that is set.
void requireKey(const base::Settings& settings, const std::string& prefix, const std::string& key,
                const std::string& whose);

} // namespace tenon::guard
