#pragma once

#include "base/text/PercentCoding.h"

#include <map>
#include <string>
#include <string_view>
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
    bool add(const std::string& uri) { return _forms.emplace(base::normalUri(uri), uri).second; }
    /// True if it was there.
    bool remove(std::string_view uri) { return _forms.erase(base::normalUri(uri)) > 0; }

    /// The client's form of `normal`, a base::normalUri; empty if it did not ask for that.
    [[nodiscard]] std::string_view formOf(std::string_view normal) const
    {
        const auto found = _forms.find(normal);
        return found == _forms.end() ? std::string_view() : std::string_view(found->second);
    }

    [[nodiscard]] std::size_t size() const { return _forms.size(); }
    [[nodiscard]] std::vector<std::string> forms() const
    {
        std::vector<std::string> all;
        for (const auto& [normal, form] : _forms)
            all.push_back(form);
        return all;
    }

private:
    std::map<std::string, std::string, std::less<>> _forms; ///< by the normal one
};

} // namespace tenon::mcp
