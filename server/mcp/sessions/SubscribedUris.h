#pragma once

#include "base/limits/HolderBudgets.h"
#include "base/text/PercentCoding.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::mcp
{

/// The resources of which one client wants to hear. A URI is the same however it is escaped, and the client is told of it in
/// the form that it used itself.
///
/// Threading: one thread at a time.
class SubscribedUris
{
public:
    /// False if it is there already, in whatever form.
    /// Shape: `share` counts it for as long as it is here.
    bool add(const std::string& uri, base::HolderShare share = {})
    {
        return _forms.try_emplace(base::normalUri(uri), Wanted{uri, std::move(share)}).second;
    }
    /// True if it was there.
    bool remove(std::string_view uri) { return _forms.erase(base::normalUri(uri)) > 0; }

    /// The client's form of `normal`, a base::normalUri; empty if it did not ask for that.
    [[nodiscard]] std::string_view formOf(std::string_view normal) const
    {
        const auto found = _forms.find(normal);
        return found == _forms.end() ? std::string_view() : std::string_view(found->second.form);
    }

    [[nodiscard]] std::size_t size() const { return _forms.size(); }
    [[nodiscard]] std::vector<std::string> forms() const
    {
        std::vector<std::string> all;
        for (const auto& [normal, wanted] : _forms)
            all.push_back(wanted.form);
        return all;
    }

private:
    struct Wanted
    {
        std::string form;
        base::HolderShare share;
    };
    std::map<std::string, Wanted, std::less<>> _forms; ///< by the normal one
};

} // namespace tenon::mcp
