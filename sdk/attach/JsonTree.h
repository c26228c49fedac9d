#pragma once

#include <tenon/value.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::attach
{

/// A parsed JSON text, in the shape in which `tenon.value/1` reads it.
///
/// Threading: constant after parsing.
/// Ownership: values and texts borrow it.
class JsonTree
{
public:
    /// Null if `text` is not one JSON value of valid UTF-8, nested at most MAX_DEPTH deep.
    [[nodiscard]] static std::unique_ptr<JsonTree> parse(std::string_view text);

    [[nodiscard]] tenon_value root() const noexcept { return {this, 0}; }
    [[nodiscard]] static const JsonTree* of(tenon_value value) noexcept
    {
        return static_cast<const JsonTree*>(value.document);
    }

    [[nodiscard]] tenon_value_type type(std::uint64_t at) const { return _nodes[at].type; }
    [[nodiscard]] std::uint64_t size(std::uint64_t at) const { return _nodes[at].size; }
    [[nodiscard]] std::int64_t integer(std::uint64_t at) const;
    [[nodiscard]] double number(std::uint64_t at) const { return _nodes[at].number; }
    [[nodiscard]] bool boolean(std::uint64_t at) const { return _nodes[at].integer != 0; }
    [[nodiscard]] std::string_view text(std::uint64_t at) const;

    /// The value as it stands in the source.
    [[nodiscard]] std::string_view source(std::uint64_t at) const;

    /// The first node inside a container, and the one behind a node; a container ends at `behind(container)`. The members
    /// of an object are two nodes each: name and value.
    [[nodiscard]] std::uint64_t inside(std::uint64_t at) const { return at + 1; }
    [[nodiscard]] std::uint64_t behind(std::uint64_t at) const { return _nodes[at].behind; }

    static constexpr int MAX_DEPTH = 512;

private:
    struct Node
    {
        tenon_value_type type = TENON_VALUE_NULL;
        std::uint32_t size = 0;           ///< members, elements, bytes
        std::uint32_t behind = 0;         ///< the node after this one and what it holds
        std::uint32_t begin = 0, end = 0; ///< in the source
        std::uint32_t text = 0;           ///< in `_texts`
        std::int64_t integer = 0;
        double number = 0;
    };
    class Parser;

    std::string _source;
    std::string _texts; ///< decoded
    std::vector<Node> _nodes;
};

/// `tenon.value/1`.
[[nodiscard]] const tenon_value_api& valueApi();

/// The member `name` of an object as a text; empty if there is none.
[[nodiscard]] std::string_view textMember(tenon_value object, std::string_view name);

} // namespace tenon::attach
