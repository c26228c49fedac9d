#include "ops/live/LineBatch.h"

namespace tenon::ops
{

bool LineBatch::hasRoom() noexcept
{
    if (room())
        return true;
    _skipped.add();
    return false;
}

void LineBatch::add(std::string_view line)
{
    const std::lock_guard lock(_mutex);
    if (!room())
    {
        _skipped.add();
        return;
    }
    _room.fetch_sub(1, std::memory_order_relaxed);
    if (!_lines.empty())
        _lines += ',';
    _lines += line;
}

std::string LineBatch::take()
{
    const std::lock_guard lock(_mutex);
    const std::uint64_t skipped = _skipped.value() - _told;
    _told += skipped;
    _room.store(_most, std::memory_order_relaxed);
    if (_lines.empty() && skipped == 0)
        return {};
    std::string text = "{\"skipped\":" + std::to_string(skipped) + ",\"lines\":[" + _lines + "]}";
    _lines.clear();
    return text;
}

} // namespace tenon::ops
