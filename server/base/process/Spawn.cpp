#include "base/process/Spawn.h"

#include <csignal>
#include <utility>

#include <unistd.h>

namespace tenon::base
{

namespace
{

/// The pointers that the system's functions want, null behind the last.
std::vector<char*> pointersTo(std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

void Descriptor::reset(int number) noexcept
{
    if (_number >= 0)
        ::close(_number);
    _number = number;
}

int Descriptor::release() noexcept
{
    return std::exchange(_number, -1);
}

Spawn::Spawn()
{
    posix_spawn_file_actions_init(&_actions);
    posix_spawnattr_init(&_attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&_attributes, &none);
    posix_spawnattr_setsigdefault(&_attributes, &all);
    posix_spawnattr_setpgroup(&_attributes, 0);
    posix_spawnattr_setflags(&_attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

Spawn::~Spawn()
{
    posix_spawn_file_actions_destroy(&_actions);
    posix_spawnattr_destroy(&_attributes);
}

void Spawn::give(int descriptor, int number)
{
    posix_spawn_file_actions_adddup2(&_actions, descriptor, number);
}

void Spawn::giveFile(const char* path, int flags, int number)
{
    posix_spawn_file_actions_addopen(&_actions, number, path, flags, 0);
}

void Spawn::in(const std::string& folder)
{
    posix_spawn_file_actions_addchdir_np(&_actions, folder.c_str());
}

int Spawn::start(pid_t& id, const std::string& program, std::vector<std::string> words,
                 std::vector<std::string> environment)
{
    return ::posix_spawnp(&id, program.c_str(), &_actions, &_attributes, pointersTo(words).data(),
                          pointersTo(environment).data());
}

} // namespace tenon::base
