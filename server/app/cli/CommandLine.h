#pragma once

#include <Poco/Util/OptionSet.h>

#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::app
{

/// The arguments of a command, as typed.
struct Arguments
{
    std::multimap<std::string, std::string, std::less<>> options; ///< by full name; of flags, an empty text
    std::map<std::string, std::string> settings;                  ///< --http.port=0
    std::vector<std::string> rest;                                ///< what is no option
    std::vector<std::string> behind;                              ///< what follows "--", as it is

    [[nodiscard]] bool has(std::string_view option) const { return options.find(option) != options.end(); }
    [[nodiscard]] std::string text(std::string_view option, std::string_view otherwise = {}) const;
    [[nodiscard]] std::vector<std::string> texts(std::string_view option) const;
};

/// A command of `tenon`: which options it knows, what it does.
struct Command
{
    std::string name;           ///< "doctor"; several words if it is one of a group: "plugin restart"
    std::string rest;           ///< what follows the options, for the usage: "URL"; empty: nothing may
    std::string summary;        ///< one line
    std::string details;        ///< more for its own --help; may be empty
    bool takesSettings = false; ///< --config=FILE and --KEY=VALUE
    Poco::Util::OptionSet options;
    int (*run)(const Arguments&) = nullptr; ///< gives the exit status
    int usageStatus = 0;                    ///< of a line that cannot be understood; 0: as for all of them

    /// Every command has --help; those that take settings have --config too.
    [[nodiscard]] Poco::Util::OptionSet allOptions() const;
};

/// Reads the arguments of a command. What is a setting has a dot in its name and its value behind an equal sign.
///
/// Errors: Poco::Util::OptionException that names the argument.
[[nodiscard]] Arguments parseArguments(const Command& command, const std::vector<std::string>& typed);

/// The position of the command's name: the first word that is neither an option nor the value of one.
/// Gives typed.size() if there is none.
[[nodiscard]] std::size_t commandAt(const Command& root, const std::vector<std::string>& typed);

/// What `tenon COMMAND --help` prints.
void printHelp(const Command& command, std::ostream& out);

/// An option with a value, for tables of commands. Shape: `argument` is its name in the help; empty: a flag.
[[nodiscard]] Poco::Util::Option option(const std::string& name, const std::string& description,
                                        const std::string& argument = {}, const std::string& shortName = {});

} // namespace tenon::app
