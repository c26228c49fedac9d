#pragma once

#include <string>

namespace tenon::base
{

/// Empties `text` and gives its memory back. `text = std::string()` does the first only: an empty text that is moved in
/// takes the room that there is.
inline void giveBack(std::string& text) noexcept
{
    std::string().swap(text);
}

} // namespace tenon::base
