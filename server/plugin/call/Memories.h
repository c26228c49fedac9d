#pragma once

#include <tenon/abi.h>

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// What a plugin remembered in one call; see `tenon_call_api.remember`.
///
/// Threading: one thread at a time.
/// Ownership: what was recalled stays as it is as long as this object, though another value replaces it.
class Memories
{
public:
    using Values = std::map<std::string, std::string>;

    static constexpr std::size_t MAX_BYTES = 64 * 1024;               ///< keys and values together
    static constexpr std::size_t MAX_REPLACED_BYTES = 64 * MAX_BYTES; ///< what was replaced

    /// Errors: TENON_ERROR_RESOURCES beyond the limits.
    tenon_status remember(std::string_view key, std::string_view value);

    /// False if nothing was remembered under `key`.
    bool recall(std::string_view key, std::string_view& value) const;

    /// Takes over what an earlier entry of the call remembered; nothing has been remembered yet.
    void restore(Values values);

    [[nodiscard]] const Values& values() const noexcept { return _values; }

private:
    Values _values;
    std::vector<Values::node_type> _replaced;
    std::size_t _bytes = 0, _replacedBytes = 0;
};

} // namespace tenon::plugin
