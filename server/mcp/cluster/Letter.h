#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// What one instance writes to another: a kind and some fields, each of any bytes.
///
/// Shape: "<kind>\n", then for each field "<bytes>:<content>".
class Letter
{
public:
    Letter() = default;
    explicit Letter(std::string_view kind) : _kind(kind) {}

    Letter& add(std::string_view field);
    Letter& addNumber(std::uint64_t number) { return add(std::to_string(number)); }
    Letter& addFlag(bool flag) { return add(flag ? "1" : "0"); }

    [[nodiscard]] std::string text() const;

    /// False if it is none of this version's; the letter is empty then.
    [[nodiscard]] static bool read(std::string_view text, Letter& letter);

    [[nodiscard]] const std::string& kind() const { return _kind; }
    /// The field of that place; empty if there is none, so that a later version may write more.
    [[nodiscard]] const std::string& field(std::size_t at) const;
    /// Those from a place on.
    [[nodiscard]] std::vector<std::string> fields(std::size_t from) const;
    [[nodiscard]] std::uint64_t number(std::size_t at) const;
    [[nodiscard]] bool flag(std::size_t at) const { return field(at) == "1"; }

private:
    std::string _kind;
    std::vector<std::string> _fields;
};

} // namespace tenon::mcp
