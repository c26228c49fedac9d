#pragma once

#include <string>
#include <string_view>

namespace tenon::store
{

/// Who made an id: one start of one instance.
///
/// Shape:     `tag` is "<instance>.<epoch>"; ids are "<tag>.<rest>". The instance is of [A-Za-z0-9-], so that a balancer
///            can read it before the first dot; the rest cannot be guessed where that matters. Empty: a single instance
///            that keeps nothing, whose ids name nobody.
/// Threading: constant after construction.
class InstanceId
{
public:
    InstanceId() = default;

    /// Shape:  `name` empty: one is made up.
    /// Errors: Poco::InvalidArgumentException, worded for the operator, for a name of other characters.
    [[nodiscard]] static InstanceId make(const std::string& name);

    [[nodiscard]] const std::string& tag() const { return _tag; }
    [[nodiscard]] std::string_view name() const { return std::string_view(_tag).substr(0, _tag.find('.')); }
    [[nodiscard]] bool named() const { return !_tag.empty(); }

    /// A new id that nobody can guess.
    [[nodiscard]] std::string newId() const;

    /// `rest`, as an id of this instance.
    [[nodiscard]] std::string idOf(std::string_view rest) const;

    /// Whether this start of this instance made it; of ids that name nobody it is assumed.
    [[nodiscard]] bool made(std::string_view id) const;

private:
    std::string _tag;
};

/// "<instance>.<epoch>" of an id; empty if it names nobody.
[[nodiscard]] std::string_view tagOf(std::string_view id);

} // namespace tenon::store
