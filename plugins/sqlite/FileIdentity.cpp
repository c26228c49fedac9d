#include "sqlite/FileIdentity.h"

#if !defined(_WIN32)
#include <sys/stat.h>
#endif

namespace tenon::sqlite
{

FileIdentity identityOf([[maybe_unused]] const std::string& path)
{
#if !defined(_WIN32)
    struct stat status = {};
    if (::stat(path.c_str(), &status) == 0)
        return std::pair(static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino));
#endif
    return std::nullopt;
}

} // namespace tenon::sqlite
