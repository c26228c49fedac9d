#pragma once

#include <optional>
#include <string>

namespace tenon::app
{

/// A file with this process's id, locked as long as the process lives, so that a second one cannot take it over and a
/// reader knows whether the number still stands for anybody.
///
/// Threading: the owner; `remove` any thread.
class PidFile
{
public:
    /// Errors: Poco::Exception, worded for the operator: another process holds it, or it cannot be written.
    explicit PidFile(const std::string& path);
    ~PidFile();
    PidFile(const PidFile&) = delete;
    PidFile& operator=(const PidFile&) = delete;

    /// Removes the file, once. The lock stays until the process ends.
    void remove() noexcept;

    /// Who holds a file of this name.
    struct Holder
    {
        long pid = 0;       ///< what the file says; 0: nothing
        bool lives = false; ///< a process holds the lock
    };
    /// Nothing if there is no such file.
    [[nodiscard]] static std::optional<Holder> look(const std::string& path);

private:
    void lock();

    const std::string _path;
    int _descriptor = -1;
    bool _there = false;
};

} // namespace tenon::app
