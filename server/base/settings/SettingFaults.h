#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::base
{

/// Everything that is wrong with settings, gathered so that an operator hears of it at once.
///
/// A fault follows from another one if its text names a key that is wrong already: "there is no token: set
/// auth.token.<name>.sha256" beside a token whose hash is malformed.
///
/// Threading: one thread at a time.
class SettingFaults
{
public:
    /// Shape: `file` is the settings file; its lines come first.
    explicit SettingFaults(std::string file = {}) : _file(std::move(file)) {}

    /// Shape: `text` begins with the place, as `Settings::at` gives it; `keys` are those whose values cannot be trusted:
    ///        the wrong one, and the one that was probably meant.
    void add(std::vector<std::string> keys, std::string text);

    /// Likewise of a file that cannot be read: whatever is missing may stand there.
    void addGap(std::string text);

    /// Likewise, unless it follows, or may follow, from what is known.
    void addIfNew(std::vector<std::string> keys, std::string text);

    [[nodiscard]] bool empty() const { return _texts.empty(); }

    /// Shape: `text` says what is no fault and probably not meant, with its place.
    void warn(std::string text) { _warnings.push_back(std::move(text)); }
    [[nodiscard]] const std::vector<std::string>& warnings() const { return _warnings; }

    /// Errors: SettingsException with a line for each fault, in the order of the file, if there are any: then those of
    ///         the files that it includes, the environment's and the command line's, and those that stand nowhere.
    void raise() const;

private:
    [[nodiscard]] bool follows(std::string_view text) const;

    std::string _file;
    bool _gap = false;
    std::vector<std::string> _keys, _texts, _warnings;
};

} // namespace tenon::base
