#pragma once

#include "base/Principal.h"
#include "base/settings/Settings.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::guard
{

/// What principals of a type, or one principal, may see and use.
///
/// Shape: tools, resources and prompts by glob (Glob.h), an item that begins with `!` takes away what others gave; the
///        URIs of resources are compared in their normal form (NormalUri.h);
///        `readOnly` leaves only tools with `readOnlyHint`.
/// Threading: immutable.
class Rules : public base::Permissions
{
public:
    struct Options
    {
        std::vector<std::string> tools{"*"}, resources{"*"}, prompts{"*"};
        bool readOnly = false;
        bool stats = false;
        bool broadcast = false;
    };

    explicit Rules(Options options);

    /// Of permissions as a token or a claim lists them.
    ///
    /// Shape:  "*"; "tool:<glob>", "resource:<glob>", "prompt:<glob>"; "readonly"; "stats", "broadcast". A kind that is
    ///         not mentioned is not allowed. With `lenient`, unknown items are skipped: claims may be meant for others.
    /// Errors: Poco::InvalidArgumentException that names the item that is none of these.
    [[nodiscard]] static Rules parse(const std::vector<std::string>& permissions, bool lenient);

    [[nodiscard]] bool allows(base::Access access, std::string_view name, bool readOnly) const override;
    [[nodiscard]] bool allowsEverything() const override { return _everything; }

private:
    Options _options;
    bool _everyResource;
    bool _everything;
};

/// The permissions that a setting lists. Errors: SettingsException that names what is none.
[[nodiscard]] std::shared_ptr<const base::Permissions> readPermissions(const base::Settings& settings,
                                                                       const std::string& key);

/// Allows what both allow. Either may be null: everything.
[[nodiscard]] std::shared_ptr<const base::Permissions> narrowed(std::shared_ptr<const base::Permissions> type,
                                                                std::shared_ptr<const base::Permissions> own);

} // namespace tenon::guard
