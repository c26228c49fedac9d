#pragma once

#include <simdjson.h>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

namespace tenon::base
{

/// Numbers that neither 64 bits nor a double hold ("100000000000000000000", "1e400", "1e-400"). simdjson has no place for them:
/// they are carried as texts that nobody outside can write.
///
/// Most processes never meet one, and need not look.
///
/// Threading: any thread.
class BigNumbers
{
public:
    /// Whether `number`, which is one, is such a number.
    [[nodiscard]] static bool has(std::string_view number);

    /// Appends the text that stands for `number`, in quotes.
    static void append(std::string& out, std::string_view number);

    /// The number that a text stands for; nothing for any other text.
    [[nodiscard]] static std::optional<std::string_view> of(std::string_view text) noexcept
    {
        return _met.load(std::memory_order_relaxed) ? digitsOf(text) : std::nullopt;
    }

    /// Turns such texts within JSON text back into the numbers they stand for.
    static void restore(std::string& json)
    {
        if (_met.load(std::memory_order_relaxed))
            restoreAll(json);
    }

private:
    [[nodiscard]] static std::optional<std::string_view> digitsOf(std::string_view text) noexcept;
    static void restoreAll(std::string& json);

    static inline std::atomic<bool> _met{false};
};

/// The digits of a number that is carried as a text; empty for any other element.
[[nodiscard]] inline std::string_view bigNumber(const simdjson::dom::element& element) noexcept
{
    std::string_view text;
    return element.get_string().get(text) ? std::string_view() : BigNumbers::of(text).value_or(std::string_view());
}

/// Whether `element` is a number, those included that are texts to simdjson.
[[nodiscard]] inline bool isNumber(const simdjson::dom::element& element) noexcept
{
    return element.is_number() || !bigNumber(element).empty();
}

/// The nearest double to the digits of a number; infinite beyond all of them, 0 below the smallest.
[[nodiscard]] double nearestReal(std::string_view digits) noexcept;

} // namespace tenon::base
