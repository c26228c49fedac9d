#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::plugin
{

/// A URI template of a resource, for recognising URIs: literal text, `{name}` (RFC 6570, level 1: stops at '/', '?',
/// '#') and `{+name}` (anything).
///
/// Threading: immutable.
class UriTemplate
{
public:
    using Variables = std::vector<std::pair<std::string, std::string>>;

    static constexpr std::size_t MAX_URI_BYTES = 4096;

    /// Errors: Poco::DataFormatException for unbalanced braces, other operators, names that are empty, repeated or not
    ///         made of letters, digits, '_', '.', and two variables without text between them.
    explicit UriTemplate(std::string_view text);

    /// Whether `uri` is one of this template's, however either is escaped; `variables` gets name and percent-decoded value, in order. A `{name}`
    /// takes at least one byte; each variable takes as little as makes the whole fit.
    [[nodiscard]] bool matches(std::string_view uri, Variables& variables) const;

private:
    struct Part
    {
        std::string literal;  ///< after the variable
        std::string variable; ///< empty for the first part only
        bool reserved = false;
    };

    [[nodiscard]] bool fits(std::string_view uri, std::size_t part, std::size_t at, std::vector<std::size_t>& ends,
                            std::vector<bool>& hopeless) const;

    std::vector<Part> _parts;
};

} // namespace tenon::plugin
