#pragma once

#include <string>
#include <vector>

namespace tenon::conformance
{

/// The tests that need not pass, from a file of lines `path | group | test | reason`; a test of `*` is every test of
/// the group, a group of `*` is a whole file that cannot be read. Empty lines and lines that start with '#' are
/// skipped.
class Exclusions
{
public:
    struct Entry
    {
        std::string path;
        std::string group;
        std::string test;
        std::string reason;
        std::size_t line;
        std::size_t failed = 0; ///< tests it covered that failed, as expected
        std::size_t passed = 0; ///< tests it covered that passed after all
    };

    /// Throws std::runtime_error for a line without its four parts.
    explicit Exclusions(const std::string& file);

    /// The entry that covers a test; null if it must pass.
    Entry* find(const std::string& path, const std::string& group, const std::string& test);

    const std::vector<Entry>& entries() const noexcept { return _entries; }

private:
    std::vector<Entry> _entries;
};

} // namespace tenon::conformance
