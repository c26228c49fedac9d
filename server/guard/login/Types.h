#pragma once

#include "base/Principal.h"
#include "base/Settings.h"
#include "guard/limits/TypeLimits.h"

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
    TypeLimits limits;
};

/// The types of principals: `master` (everything, statistics and broadcast too), `team` (every tool, resource and
/// prompt), `readonly` (of the tools only those with `readOnlyHint`), `anonymous` (as `team`), as changed and added to
/// by `auth.types.<type>.*`.
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

    /// A principal of a type; `own` permissions narrow the type's, empty: they do not. `mayAskForMore` is Principal's.
    [[nodiscard]] static base::PrincipalPtr make(const PrincipalType& type, std::string typeName, std::string id,
                                                 std::string name,
                                                 std::shared_ptr<const base::Permissions> own = nullptr,
                                                 std::map<std::string, std::string> claims = {},
                                                 bool mayAskForMore = false);

private:
    std::map<std::string, PrincipalType, std::less<>> _types;
};

} // namespace tenon::guard
