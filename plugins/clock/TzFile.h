#pragma once

#include "clock/TzRule.h"

#include <optional>
#include <string>
#include <vector>

namespace clock_plugin
{

/// One zone of the tz database: a table of changes, and a rule for the time after the last of them. Fat files have a table
/// up to 2037, slim ones leave to the rule whatever it says.
///
/// Threading: immutable.
/// Spec:      RFC 8536 (TZif), versions 1 to 4; leap seconds are skipped.
class TzFile : public ZoneRules
{
public:
    /// Errors: std::runtime_error if `data` is no such file.
    explicit TzFile(const std::string& data);

    ZoneInfo at(Instant instant) const override;

private:
    void readTable(class TzReader& reader, bool wide);

    std::vector<int64_t> _changes;    ///< seconds since 1970, ascending
    std::vector<std::size_t> _typeOf; ///< what holds from each of them, an index into _types
    std::vector<ZoneInfo> _types;
    std::optional<TzRule> _rule;
};

} // namespace clock_plugin
