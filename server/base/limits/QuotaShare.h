#pragma once

#include <cstddef>
#include <string_view>

namespace tenon::base
{

/// Says what of a quota is this instance's, where others count together with it.
///
/// Threading: any thread. Nothing blocks.
class QuotaShare
{
public:
    virtual ~QuotaShare() = default;

    /// What of `most` any key may hold here without a further question.
    [[nodiscard]] virtual std::size_t atOnce(std::size_t most) const = 0;

    /// What of `most` the key may hold here now; it holds `held`.
    [[nodiscard]] virtual std::size_t here(std::string_view key, std::size_t most, std::size_t held) = 0;
};

} // namespace tenon::base
