#include "filesystem/tree/PosixErrors.h"

#include <cerrno>

namespace tenon::filesystem
{

Failure failureOf(int error, const std::string& shown, const char* done)
{
    switch (error)
    {
    case ENOENT:
        return {Reason::NOT_FOUND,
                shown + " does not exist. Use filesystem_list on the directory above it to see what does."};
    case EXDEV:
        return {Reason::NOT_ALLOWED, shown + " leads outside of the directories that may be accessed."};
    case ELOOP:
        return {Reason::NOT_ALLOWED, shown + " passes through a symbolic link that is not followed here."};
    case ENOTDIR:
        return {Reason::WRONG_KIND, shown + ": what should be a directory there is a file."};
    case EISDIR:
        return {Reason::WRONG_KIND, shown + " is a directory."};
    case EACCES:
    case EPERM:
        return {Reason::NOT_ALLOWED, shown + " could not be " + done + ": the server's user lacks the permission."};
    case EROFS:
        return {Reason::NOT_ALLOWED, shown + " could not be " + done + ": its file system is read-only."};
    case ENAMETOOLONG:
        return {Reason::INVALID, "The path is too long, or one of its names is."};
    case EEXIST:
        return {Reason::NOT_ALLOWED, shown + " exists already."};
    case ENOSPC:
    case EDQUOT:
        return {Reason::FAILED, shown + " could not be " + done + ": there is no space left."};
    case ENXIO:
    case ENODEV:
        return {Reason::WRONG_KIND, shown + " is not a regular file."};
    default:
        return {Reason::FAILED, shown + " could not be " + done + " (system error " + std::to_string(error) + ")."};
    }
}

} // namespace tenon::filesystem
