#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenon::net
{

/// Finds out what a message that is too large to be kept was: reads its bytes as they pass, and remembers the id and
/// whether there is a method. Some clients write the id at the end.
///
/// Shape:     what is no JSON object has neither; an id longer than MAX_ID_BYTES is none.
/// Threading: one thread.
class EnvelopeScanner
{
public:
    static constexpr std::size_t MAX_ID_BYTES = 256;

    void feed(std::string_view bytes);

    /// The JSON text of the id of a request; empty: it is none, or has no id that can be used.
    [[nodiscard]] std::string_view requestId() const;

private:
    void character(char c);
    void inText(char c);
    void atTop(char c);
    void endMember();

    std::string _key, _value; ///< of the member at the top level that is being read
    std::string _id;
    std::size_t _depth = 0;
    bool _text = false; ///< inside a string
    bool _escaped = false;
    bool _inValue = false; ///< behind the colon of a member at the top level
    bool _hasMethod = false;
};

} // namespace tenon::net
