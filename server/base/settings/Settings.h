#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::base
{

class SettingFaults;

enum class SettingType
{
    TEXT,
    PATH,  ///< a file or folder; made absolute while reading (a daemon changes its folder): relative ones in a settings
           ///< file are relative to that file, others to the current folder
    PATHS, ///< comma-separated files and folders, likewise
    INTEGER, ///< of a key that ends in `Ms`, `Bytes` or `Mb` also a duration or a size with a unit
    NUMBER,
    BOOLEAN,
    CHOICE,   ///< one of `allowed`
    LIST,     ///< comma-separated texts
    DURATION, ///< "30s", "5m", "1h", or milliseconds; read as an integer of milliseconds
    SIZE      ///< "64k", "4M", "1G", or bytes; read as an integer of bytes
};

/// One key of the settings file, as a room declares it.
struct SettingSpec
{
    std::string_view key; ///< "http.port"; a segment `*` stands for any one segment, `**` at the end for any rest
    SettingType type;
    std::string_view defaultValue;
    std::string_view allowed;     ///< INTEGER, NUMBER, DURATION, SIZE: "1..65535" or "0.."; CHOICE: "a|b|c"; else empty
    std::string_view description; ///< one line, for `conf/tenon.properties`, `--help` and the man page
    bool reloadable = false;      ///< takes effect on SIGHUP
};

/// Where a value came from, for errors: "conf/tenon.properties:12", "--http.port", "TENON_HTTP_PORT".
struct SettingValue
{
    std::string text;
    std::string origin;
    std::string folder; ///< of the file it stands in; empty: the current one
};

/// The settings of the server: defaults, then the file, then the environment (`TENON_HTTP_PORT`, see EnvironmentSettings), then the command line.
///
/// Threading: immutable after loading; shared.
class Settings
{
public:
    struct Sources
    {
        std::string file;                               ///< empty: none
        std::map<std::string, std::string> commandLine; ///< key to value
        std::map<std::string, std::string> environment; ///< the process's, TENON_* is looked at
    };

    /// Reads and checks everything.
    ///
    /// Errors: `SettingsException` (SettingsException.h) listing every fault, each with its origin, what was expected
    ///         and, for an unknown key, the nearest known one.
    [[nodiscard]] static std::shared_ptr<const Settings> load(const Sources& sources, std::vector<SettingSpec> specs);

    /// Likewise, but goes on: what is wrong is added to `faults`, and is as if it was not set.
    [[nodiscard]] static std::shared_ptr<const Settings> load(const Sources& sources, std::vector<SettingSpec> specs,
                                                              SettingFaults& faults);

    /// The same, with the default of `key`.
    [[nodiscard]] std::shared_ptr<const Settings> without(std::string_view key) const;

    /// Of values given directly, for tests; everything else has its default.
    [[nodiscard]] static std::shared_ptr<const Settings> of(std::map<std::string, std::string> values,
                                                            std::vector<SettingSpec> specs);

    // Reading a key that no room declared throws Poco::BugcheckException.
    [[nodiscard]] std::string text(std::string_view key) const;
    [[nodiscard]] std::int64_t integer(std::string_view key) const;
    [[nodiscard]] double number(std::string_view key) const;
    [[nodiscard]] bool boolean(std::string_view key) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view key) const;
    [[nodiscard]] bool isSet(std::string_view key) const; ///< by file, environment or command line

    /// Where the value was set: "conf/tenon.properties:12", "TENON_HTTP_PORT"; empty: it has its default.
    [[nodiscard]] std::string origin(std::string_view key) const;

    /// The key and where it was set, as errors begin: "conf/tenon.properties:12: 'http.port'".
    [[nodiscard]] std::string at(std::string_view key) const;

    /// Says that a value cannot be used, for checks that need more than one setting, or the world outside.
    /// Errors: always SettingsException: `at(key)` and `why` ("is none of a, b and c").
    [[noreturn]] void refuse(std::string_view key, const std::string& why) const;

    /// The folder that relative paths in the value start from: that of the file it stands in, else the current one.
    [[nodiscard]] std::string folderOf(std::string_view key) const;

    /// What was set below `prefix` ("plugin.clock."), keys without it.
    [[nodiscard]] std::map<std::string, std::string> under(std::string_view prefix) const;

    /// The distinct first segments below `prefix`: the names in "plugin.*".
    [[nodiscard]] std::vector<std::string> namesUnder(std::string_view prefix) const;

    [[nodiscard]] const std::vector<SettingSpec>& specs() const { return _specs; }

private:
    Settings() = default;
    Settings(const Settings&) = default;
    /// Reads a value as its type; false, with the fault added, if that cannot be.
    [[nodiscard]] bool bringToForm(const std::string& key, SettingValue& value, SettingFaults& faults) const;
    [[nodiscard]] const SettingSpec* specOf(std::string_view key) const;

    std::vector<SettingSpec> _specs;
    std::map<std::string, SettingValue, std::less<>> _values; ///< only what was set
};

using SettingsPtr = std::shared_ptr<const Settings>;

} // namespace tenon::base
