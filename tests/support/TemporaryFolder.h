#pragma once

#include <string>
#include <string_view>

namespace tenon::tests
{

/// A folder of its own for one test, removed with what is in it.
class TemporaryFolder
{
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// The full path of `name` in it, or its own.
    [[nodiscard]] std::string path(std::string_view name = {}) const;

    /// Writes a file and gives its full path.
    std::string write(std::string_view name, std::string_view text) const;

    /// The text of a file; empty if there is none.
    [[nodiscard]] std::string read(std::string_view name) const;

private:
    std::string _path;
};

} // namespace tenon::tests
