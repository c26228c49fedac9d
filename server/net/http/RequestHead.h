#pragma once

#include "guard/web/RequestFacts.h"
#include "mcp/messages/IncomingMessage.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace tenon::net
{

/// The head of one HTTP request: request line and header fields, as `HeadParser` found them.
///
/// Threading: one thread at a time; every thread of the front has one and uses it again.
/// Ownership: all texts borrow the buffer that was parsed.
class RequestHead final : public mcp::HeaderReader, public guard::HeaderLookup
{
public:
    static constexpr std::size_t MAX_FIELDS = 100;

    struct Field
    {
        std::string_view name;
        std::string_view value; ///< without white space around it
    };

    std::string_view method;
    std::string_view target; ///< as sent
    std::string_view path;   ///< of the target, not decoded; "*" for `OPTIONS *`
    std::string_view query;  ///< without the question mark
    std::uint64_t contentLength = 0;
    std::size_t length = 0; ///< bytes of the head, the empty line included
    int minorVersion = 1;   ///< HTTP/1.x
    bool chunked = false;
    bool keepAlive = true;
    bool expectsContinue = false;

    RequestHead() = default;
    RequestHead(const RequestHead&) = delete;
    RequestHead& operator=(const RequestHead&) = delete;

    /// The value of a field; several fields of one name are joined by ", " in their order.
    [[nodiscard]] bool header(std::string_view name, std::string_view& value) const override;

    /// The same, empty if the field is absent.
    [[nodiscard]] std::string_view header(std::string_view name) const;

    /// Whether there is a field of that name.
    [[nodiscard]] bool has(std::string_view name) const;

    [[nodiscard]] std::size_t fieldCount() const { return _count; }
    [[nodiscard]] const Field& field(std::size_t index) const { return _fields[index]; }

    void clear();

    /// Errors: false if there are MAX_FIELDS already.
    bool addField(std::string_view name, std::string_view value);

private:
    std::array<Field, MAX_FIELDS> _fields;
    std::array<std::uint32_t, MAX_FIELDS>
        _marks; ///< of the names: most lookups find nothing, and need not compare texts
    std::size_t _count = 0;
    std::uint64_t _present = 0;              ///< a bit for each mark: most names that are asked for are not there
    mutable std::deque<std::string> _joined; ///< values of repeated fields, made when asked for
};

/// Compares ASCII texts without case.

} // namespace tenon::net
