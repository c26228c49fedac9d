#pragma once

#include <cstdint>
#include <string>

namespace tenon::plugin
{

/// What this process may reach, by Landlock, with every right that the running kernel knows: files, and, where it does,
/// TCP ports, named sockets without a file, and signals to processes outside.
///
/// Threading: before the process has threads.
/// Errors:    LoadException from every function: a sandbox that is not there is refused, not ignored.
class LandlockRules
{
public:
    // Rights of files and folders; what the kernel does not know is left out.
    static const std::uint64_t READ;
    static const std::uint64_t EXECUTE;
    static const std::uint64_t WRITE_FILE; ///< contents alone
    static const std::uint64_t WRITE;      ///< READ too, and everything else but EXECUTE

    /// Shape: without `network` no port may be used.
    explicit LandlockRules(bool network);
    ~LandlockRules();
    LandlockRules(const LandlockRules&) = delete;
    LandlockRules& operator=(const LandlockRules&) = delete;

    /// Whether files are protected from being cut short through a descriptor or path that may only be read.
    [[nodiscard]] bool holdsTruncation() const noexcept { return _version >= 3; }

    /// Allows `rights` for `path` and what is below it. What is not there is nothing to allow, unless it is `required`.
    void allow(const std::string& path, std::uint64_t rights, bool required);

    void enforce();

private:
    int _descriptor = -1;
    long _version = 0;
    std::uint64_t _handled = 0;
};

} // namespace tenon::plugin
