#pragma once

#include <tenon/settings.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace tenon::attach
{

/// What the server's settings say for the program, as the server told it last.
///
/// Threading: any thread.
/// Ownership: texts that it gives live as long as it does, also those that a later word of the server has replaced.
class GivenSettings
{
public:
    /// Shape:  `body` as the server sends it (sdk/ATTACH.md); empty: it has none.
    void take(std::string_view body);

    [[nodiscard]] tenon_text value(std::string_view key) const { return find(key, &Setting::value); }
    [[nodiscard]] tenon_text paths(std::string_view key) const { return find(key, &Setting::paths); }

    /// The one at `index` in alphabetical order; false past the end.
    [[nodiscard]] bool at(std::uint64_t index, tenon_text& key, tenon_text& value) const;

private:
    struct Setting
    {
        std::string_view value, paths;
    };

    [[nodiscard]] tenon_text find(std::string_view key, std::string_view Setting::*what) const;
    [[nodiscard]] std::string_view kept(std::string_view text) { return *_texts.emplace(text).first; }

    mutable std::mutex _mutex;    // guards all below
    std::set<std::string> _texts; ///< every one that was ever given, once
    std::map<std::string_view, Setting> _settings;
};

} // namespace tenon::attach
