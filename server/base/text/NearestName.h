#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace tenon::base
{

/// The known name closest to an unknown one, for "did you mean".
///
/// Threading: one thread.
class NearestName
{
public:
    explicit NearestName(std::string_view wanted) : _wanted(wanted) {}

    /// Shape: `name` is returned by `name()` if none before was as close; case does not count.
    void consider(std::string_view name);

    /// Empty if nothing was considered.
    [[nodiscard]] const std::string& name() const { return _name; }

    /// How many letters must change to make the wanted name into `name()`.
    [[nodiscard]] std::size_t distance() const { return _distance; }

private:
    const std::string _wanted;
    std::string _name;
    std::size_t _distance = std::numeric_limits<std::size_t>::max();
};

} // namespace tenon::base
