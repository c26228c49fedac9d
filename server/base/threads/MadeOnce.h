#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace tenon::base
{

/// An object that is made when somebody first needs it, and lives as long as this one.
///
/// Threading: any thread; of several that make it at once one makes the one that stays. Who looks for it after a later
///            step of another thread than `orMake`, in the one order of all such steps, finds it.
template <typename Made>
class MadeOnce
{
public:
    MadeOnce() = default;
    ~MadeOnce() { delete get(); }
    MadeOnce(const MadeOnce&) = delete;
    MadeOnce& operator=(const MadeOnce&) = delete;

    /// Null: nobody has needed it yet.
    [[nodiscard]] Made* get() const noexcept { return _made.load(); }

    /// Errors: std::bad_alloc, and what its constructor throws.
    template <typename... Arguments>
    Made& orMake(Arguments&&... arguments)
    {
        if (Made* const made = get())
            return *made;
        auto fresh = std::make_unique<Made>(std::forward<Arguments>(arguments)...);
        Made* other = nullptr;
        return _made.compare_exchange_strong(other, fresh.get()) ? *fresh.release() : *other;
    }

private:
    std::atomic<Made*> _made{nullptr};
};

} // namespace tenon::base
