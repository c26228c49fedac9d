#pragma once

#include <cstddef>

namespace tenon::plugin
{

/// What is known of a result because a writer of this process made it, so that nobody has to parse it again.
struct ResultShape
{
    /// A tool's result of the common form: `content` of texts alone, once; perhaps `structuredContent`, perhaps
    /// `isError`, and nothing else. Every revision knows it. If false, all else here says nothing.
    bool plain = false;
    bool isError = false;

    bool structured = false;         ///< it has `structuredContent`, which stands
    std::size_t structuredBegin = 0; ///< from here in the text
    std::size_t structuredEnd = 0;   ///< to here
    bool structuredIsObject = false;
};

} // namespace tenon::plugin
