#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tenon::mcp
{

/// What has given large results of late, by the name that a call carries: a tool, a resource, a prompt. Calls of these go to
/// the lane of large messages before they begin. Large results take turns (`base::LargeTurn`), and whoever waits for one
/// inside a plugin holds a thread, of which many calls at once would leave none to others.
///
/// Threading: any thread.
class LargeResults
{
public:
    LargeResults() = default;
    LargeResults(const LargeResults&) = delete;
    LargeResults& operator=(const LargeResults&) = delete;

    /// A call of `name` has given a result of so many bytes. What there is no memory to remember is not remembered.
    void note(std::string_view name, std::size_t bytes) noexcept;

    /// Whether the next one of `name` is likely to be large.
    [[nodiscard]] bool expects(std::string_view name) const noexcept
    {
        return _count.load(std::memory_order_relaxed) != 0 && knows(name);
    }

private:
    static constexpr std::size_t MOST = 256;          ///< clients choose names of resources
    static constexpr std::uint8_t SMALL_IN_A_ROW = 8; ///< then it is forgotten: sizes go up and down

    struct Hash
    {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    [[nodiscard]] bool knows(std::string_view name) const noexcept;

    std::atomic<std::size_t> _count{0}; ///< of the names. Written under the lock

    mutable std::mutex _mutex;                                                   // guards:
    std::unordered_map<std::string, std::uint8_t, Hash, std::equal_to<>> _names; ///< small ones until it is forgotten
};

} // namespace tenon::mcp
