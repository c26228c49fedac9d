#pragma once

#include <string>
#include <vector>

#include <spawn.h>
#include <sys/types.h>

namespace tenon::base
{

/// A descriptor that closes itself.
class Descriptor
{
public:
    explicit Descriptor(int number = -1) noexcept : _number(number) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    void reset(int number = -1) noexcept;
    [[nodiscard]] int get() const noexcept { return _number; }
    [[nodiscard]] int release() noexcept;

private:
    int _number;
};

/// The start of another program (POSIX): no signal is blocked there, each does what the system does with it, and it leads
/// a process group of its own, so that what it starts can be ended with it, and Ctrl-C at our terminal is not its.
///
/// It gets of our descriptors what it is given here; all others are to be close-on-exec.
class Spawn
{
public:
    Spawn();
    ~Spawn();
    Spawn(const Spawn&) = delete;
    Spawn& operator=(const Spawn&) = delete;

    /// It has our `descriptor` as its `number`. Shape: they differ, else it stays close-on-exec.
    void give(int descriptor, int number);
    void giveFile(const char* path, int flags, int number);
    /// Where it begins; else in our folder.
    void in(const std::string& folder);

    /// Shape: a `program` without a slash is looked for in PATH; the first of `words` is the name it is told;
    ///        `environment` as NAME=VALUE. `id` is that of its process. Gives 0, or an error number.
    [[nodiscard]] int start(pid_t& id, const std::string& program, std::vector<std::string> words,
                            std::vector<std::string> environment);

private:
    posix_spawn_file_actions_t _actions;
    posix_spawnattr_t _attributes;
};

} // namespace tenon::base
