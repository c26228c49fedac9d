#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tenon::mcp
{

/// What has given large results of late: whose calls, of what name, which is a tool, a resource or a prompt. These go to the
/// lane of large messages before they begin. Large results take turns (`base::LargeTurn`), and whoever waits for one
/// inside a plugin holds a thread, of which many calls at once would leave none to others. It is for each holder apart:
/// who asks a tool for little does not wait behind those who ask it for much.
///
/// Errors:    none. Of two that fall on one place the later one is remembered.
/// Threading: any thread, without a lock.
class LargeResults
{
public:
    LargeResults() = default;
    LargeResults(const LargeResults&) = delete;
    LargeResults& operator=(const LargeResults&) = delete;

    /// A call of `holder` has given a result of so many bytes.
    void note(std::string_view holder, std::string_view name, std::size_t bytes) noexcept;

    /// Whether the holder's next one is likely to be large.
    [[nodiscard]] bool expects(std::string_view holder, std::string_view name) const noexcept
    {
        return _count.load(std::memory_order_relaxed) != 0 && knows(holder, name);
    }

private:
    static constexpr std::size_t PLACES = 1024;
    static constexpr std::uint64_t SMALL_IN_A_ROW = 8; ///< then it is forgotten: sizes go up and down

    [[nodiscard]] bool knows(std::string_view holder, std::string_view name) const noexcept;

    std::atomic<std::size_t> _count{0}; ///< places that are taken
    /// A hash, and in its lowest byte the small ones until it is forgotten; 0: free.
    std::array<std::atomic<std::uint64_t>, PLACES> _places{};
};

} // namespace tenon::mcp
