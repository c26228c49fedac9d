#pragma once

#include "base/settings/Settings.h"

#include <string>
#include <string_view>

namespace tenon::base
{

// What a value may be, and the form in which it is kept. Threading: any thread.

/// `text` in the form that `Settings` reads: durations as milliseconds, sizes as bytes (of a key that ends in `Mb`, as
/// megabytes), paths absolute from `folder`.
///
/// Shape:  false if `text` is no value of `spec`; then `form` is what was expected, for the operator.
[[nodiscard]] bool normalSetting(const SettingSpec& spec, const std::string& text, const std::string& folder,
                                 std::string& form);

/// What a value of the spec is written as: "integer", "duration"; empty for texts.
[[nodiscard]] std::string_view describeType(const SettingSpec& spec);

/// Whether `key` is one that `pattern` stands for: `*` is any one segment, `**` at the end any rest.
[[nodiscard]] bool matchesKey(std::string_view pattern, std::string_view key);

// How single values are read; false for what is none.
[[nodiscard]] bool readNumber(const std::string& text, std::int64_t& number);
[[nodiscard]] bool readNumber(const std::string& text, double& number);
[[nodiscard]] bool readBoolean(const std::string& text, bool& flag);
[[nodiscard]] std::vector<std::string> splitList(std::string_view text, char separator = ',');

} // namespace tenon::base
