#pragma once

#include <pwd.h>
#include <string>
#include <sys/types.h>

namespace tenon::sysinfo
{

/// The name of a user of the machine; its number if it has none. POSIX only.
inline std::string nameOf(uid_t user)
{
    char buffer[4096];
    passwd entry = {};
    passwd* found = nullptr;
    if (::getpwuid_r(user, &entry, buffer, sizeof buffer, &found) == 0 && found)
        return found->pw_name;
    return std::to_string(user);
}

} // namespace tenon::sysinfo
