#pragma once

#include <cstddef>
#include <string>

namespace tenon::base
{

/// Empties `text` and gives its memory back. `text = std::string()` does the first only: an empty text that is moved in
/// takes the room that there is.
inline void giveBack(std::string& text) noexcept
{
    std::string().swap(text);
}

/// Empties `text`, for use again: what it holds beyond `most` bytes of room it gives back.
inline void reuse(std::string& text, std::size_t most) noexcept
{
    if (text.capacity() > most)
        giveBack(text);
    text.clear();
}

} // namespace tenon::base
