#pragma once

#include "base/settings/SettingFaults.h"
#include "base/settings/Settings.h"
#include "base/text/NearestName.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::base
{

/// The variables of the environment that settings may be given in: `TENON_HTTP_ALLOWED_ORIGINS` is `http.allowedOrigins`,
/// and so is `TENON_HTTP_ALLOWEDORIGINS`, the spelling of 0.1. What a star of a key stands for is in lower case:
/// `TENON_AUTH_TOKEN_CI_SHA256` is `auth.token.ci.sha256`.
///
/// Threading: immutable.
class EnvironmentSettings
{
public:
    /// Ownership: borrows `specs`.
    explicit EnvironmentSettings(const std::vector<SettingSpec>& specs);

    /// Puts what the environment sets into `values`, over what stands there. Of variables that belong to no setting,
    /// those whose name begins with a room's ("TENON_HTTP_"), or is almost a setting's ("TENON_HTPP_PORT"), are faults;
    /// the others are somebody else's.
    void apply(const std::map<std::string, std::string>& environment,
               std::map<std::string, SettingValue, std::less<>>& values, SettingFaults& faults) const;

    /// The name of a key: "TENON_HTTP_ALLOWED_ORIGINS".
    [[nodiscard]] static std::string nameOf(std::string_view key);

private:
    [[nodiscard]] std::string keyOf(const std::string& name) const;
    [[nodiscard]] bool isOfARoom(std::string_view name) const;
    [[nodiscard]] std::string unknown(const std::string& name) const;
    [[nodiscard]] NearestName nearest(const std::string& name) const;

    const std::vector<SettingSpec>& _specs;
    std::map<std::string, std::string_view> _keys; ///< by name, in both spellings
    std::vector<std::string> _rooms;               ///< "TENON_HTTP_"
};

} // namespace tenon::base
