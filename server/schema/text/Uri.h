#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::schema
{

/// A URI reference taken apart, and nothing else: no decoding and no normalisation, which a reference between schemas
/// must not suffer (Poco::URI does both).
///
/// Spec: RFC 3986, sections 3 and 5.2.
struct Uri
{
    std::optional<std::string> scheme;
    std::optional<std::string> authority;
    std::string path;
    std::optional<std::string> query;
    std::optional<std::string> fragment;

    /// Takes any text: what is not delimited is path.
    static Uri parse(std::string_view text);

    /// `reference` as seen from `base`, dot segments removed.
    static Uri resolve(const Uri& base, const Uri& reference);

    /// The text without the fragment: what names a schema resource.
    std::string resource() const;
};

} // namespace tenon::schema
