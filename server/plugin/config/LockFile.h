#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// The plugins as somebody reviewed them: the digest of each library, and of each tool's definition.
///
/// Shape: lines "library <plugin> <sha256>" and "tool <plugin> <tool> <sha256>", sorted; '#' begins a comment line. A
///        tool's digest is that of its definition as the plugin gives it, without white space.
struct LockFile
{
    std::map<std::string, std::string> libraries;                    ///< by plugin
    std::map<std::string, std::map<std::string, std::string>> tools; ///< by plugin, then tool

    /// Errors: Poco::FileException if it cannot be read, Poco::DataFormatException naming the line that is wrong.
    [[nodiscard]] static LockFile read(const std::string& path);

    /// Errors: Poco::FileException.
    void write(const std::string& path) const;

    /// What differs between this and what a plugin is now, one clause each; empty if nothing does.
    [[nodiscard]] std::vector<std::string> differences(const std::string& plugin, const std::string& librarySha256,
                                                       const std::map<std::string, std::string>& toolDigests) const;
};

/// Lower-case hexadecimal.
[[nodiscard]] std::string sha256Of(std::string_view text);

} // namespace tenon::plugin
