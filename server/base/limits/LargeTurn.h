#pragma once

#include <cstddef>

namespace tenon::base
{

/// The turn of a large text: few are copied, parsed and shaped at a time. Each takes several times its size meanwhile, which
/// nobody counts, and more of them at once than there are processors would be done no sooner.
///
/// Who already has a turn in this thread needs no other. Nobody waits for long: after a second it goes without. Other texts
/// need none, and nothing is asked about them.
///
/// Threading: a turn ends in the thread in which it began.
class LargeTurn
{
public:
    explicit LargeTurn(std::size_t bytes) : _taken(bytes >= LARGE && take()) {}
    ~LargeTurn()
    {
        if (_taken)
            giveBack();
    }
    LargeTurn(const LargeTurn&) = delete;
    LargeTurn& operator=(const LargeTurn&) = delete;

    /// Texts of so many bytes and more take turns.
    static constexpr std::size_t LARGE = 256 * 1024;

    /// Whether one is taken, and not only not needed.
    [[nodiscard]] bool taken() const noexcept { return _taken; }

    /// How many there are.
    [[nodiscard]] static std::ptrdiff_t most() noexcept;

private:
    [[nodiscard]] static bool take();
    static void giveBack();

    const bool _taken;
};

} // namespace tenon::base
