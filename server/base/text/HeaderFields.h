#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace tenon::base
{

/// The fields that this server asks every request for.
enum class Field : std::uint8_t
{
    HOST,
    ORIGIN,
    AUTHORIZATION,
    CONTENT_TYPE,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    CONNECTION,
    EXPECT,
    ACCEPT,
    ACCEPT_ENCODING,
    PROTOCOL_VERSION, ///< MCP-Protocol-Version
    METHOD,           ///< Mcp-Method
    NAME,             ///< Mcp-Name
    SESSION_ID,       ///< Mcp-Session-Id
    LAST_EVENT_ID,
    TRACEPARENT,
    TRACESTATE,
    BAGGAGE,
    OTHER ///< any other
};

/// The header fields of one request, with a place for each that is asked for often.
///
/// Shape:     names are tokens of HTTP and compared without case; values have no white space around them.
/// Threading: one thread at a time.
/// Ownership: all texts are borrowed.
class HeaderFields
{
public:
    static constexpr std::size_t MOST = 100;

    struct Item
    {
        std::string_view name;
        std::string_view value;
    };

    HeaderFields() = default;
    HeaderFields(const HeaderFields&) = delete;
    HeaderFields& operator=(const HeaderFields&) = delete;

    /// Which field a name names; OTHER for whatever is no name.
    [[nodiscard]] static Field fieldOf(std::string_view name) noexcept;

    [[nodiscard]] bool has(Field field) const { return (_present & bitOf(field)) != 0; }

    /// The value of a field; several of one name are joined by ", " in their order. Empty if it is absent.
    [[nodiscard]] std::string_view header(Field field) const
    {
        return has(field) ? _values[static_cast<std::size_t>(field)] : std::string_view();
    }
    /// The same; false if it is absent.
    [[nodiscard]] bool header(Field field, std::string_view& value) const
    {
        value = has(field) ? _values[static_cast<std::size_t>(field)] : value;
        return has(field);
    }

    // The same for a field of any name.
    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] std::string_view header(std::string_view name) const;
    [[nodiscard]] bool header(std::string_view name, std::string_view& value) const;

    /// Adds a field. Shape: `field` is that of `name`. Errors: false if there are MOST already.
    bool addField(Field field, std::string_view name, std::string_view value);
    bool addField(std::string_view name, std::string_view value) { return addField(fieldOf(name), name, value); }

    /// The same for who takes none of the known fields twice. Errors: false for such a second one.
    [[nodiscard]] bool addOnce(Field field, std::string_view name, std::string_view value)
    {
        if (_count == MOST || has(field))
            return false;
        _items[_count++] = {name, value};
        if (field != Field::OTHER)
        {
            _values[static_cast<std::size_t>(field)] = value;
            _present |= bitOf(field);
        }
        return true;
    }

    [[nodiscard]] std::size_t fieldCount() const { return _count; }
    [[nodiscard]] const Item& field(std::size_t index) const { return _items[index]; }

    void clear()
    {
        _count = 0;
        _present = 0;
        if (!_joined.empty())
            _joined.clear();
    }

private:
    static constexpr std::size_t FIELDS = static_cast<std::size_t>(Field::OTHER);

    [[nodiscard]] static constexpr std::uint32_t bitOf(Field field)
    {
        return field == Field::OTHER ? 0 : 1U << static_cast<unsigned>(field);
    }
    [[nodiscard]] std::string_view join(std::string_view first, std::string_view second) const;

    std::array<std::string_view, FIELDS> _values;
    std::array<Item, MOST> _items; ///< in the order of the request
    std::size_t _count = 0;
    std::uint32_t _present = 0;              ///< a bit for each field that has a place
    mutable std::deque<std::string> _joined; ///< values of repeated fields
};

} // namespace tenon::base
