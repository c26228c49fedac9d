#pragma once

#include "store/Archive.h"

#include <algorithm>

namespace tenon::store
{

[[nodiscard]] inline bool isFinished(const ArchivedStream& stream)
{
    return !stream.events.empty() && stream.events.back().final;
}

/// Leaves of a whole stream what follows `index`; false if any of it is missing.
[[nodiscard]] inline bool keepLater(ArchivedStream& stream, std::uint64_t index)
{
    auto& events = stream.events;
    stream.finished = isFinished(stream);
    events.erase(events.begin(), std::find_if(events.begin(), events.end(),
                                              [index](const auto& event) { return event.index > index; }));
    return std::all_of(events.begin(), events.end(),
                       [expected = index + 1](const auto& event) mutable { return event.index == expected++; });
}

} // namespace tenon::store
