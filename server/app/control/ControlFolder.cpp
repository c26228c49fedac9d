#include "app/control/ControlFolder.h"

#include <Poco/Environment.h>
#include <Poco/Error.h>
#include <Poco/Exception.h>
#include <Poco/StringTokenizer.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace tenon::app
{

namespace
{

constexpr std::string_view SUFFIX = ".sock";

/// The first is where a server of this user puts its socket.
std::vector<std::string> folders(const std::string& configured)
{
    if (!configured.empty())
        return {configured};
    std::vector<std::string> all;
    const Poco::StringTokenizer runtime(Poco::Environment::get("RUNTIME_DIRECTORY", ""), ":",
                                        Poco::StringTokenizer::TOK_IGNORE_EMPTY);
    if (runtime.count() > 0)
        all.push_back(runtime[0]);
    if (geteuid() == 0)
        all.emplace_back("/run/tenon");
    if (const std::string own = Poco::Environment::get("XDG_RUNTIME_DIR", ""); !own.empty())
        all.push_back(own + "/tenon");
    all.push_back("/tmp/tenon-" + std::to_string(geteuid()));
    if (geteuid() != 0)
        all.emplace_back("/run/tenon");
    return all;
}

/// Whether nobody but this user, the system's administrator or whom that one trusts can have put a socket there.
bool isTrusted(const std::string& folder)
{
    struct stat is
    {
    };
    if (lstat(folder.c_str(), &is) != 0 || !S_ISDIR(is.st_mode) || (is.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return false;
    // Below /run only the administrator makes folders, for services that run as somebody else, too.
    return is.st_uid == geteuid() || is.st_uid == 0 || folder.starts_with("/run/");
}

} // namespace

std::string controlSocket(const std::string& folder, long pid)
{
    return folder + '/' + std::to_string(pid) + std::string(SUFFIX);
}

std::string makeControlFolder(const std::string& configured)
{
    std::string folder = folders(configured).front();
    while (folder.size() > 1 && folder.back() == '/')
        folder.pop_back();
    // Others may pass, for the socket of attached programs may be there, too; each socket has a mode of its own.
    if (mkdir(folder.c_str(), 0700) == 0)
        (void)!chmod(folder.c_str(), 0711);
    else if (errno != EEXIST)
        throw Poco::CreateFileException(folder, Poco::Error::getMessage(errno));
    struct stat is
    {
    };
    if (lstat(folder.c_str(), &is) != 0 || !S_ISDIR(is.st_mode))
        throw Poco::FileException(folder, "is no folder");
    if (is.st_uid != geteuid() || (is.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        throw Poco::FileAccessDeniedException(folder, "others can write to it");
    // What processes left behind that had no time to clean up.
    for (const auto& [pid, path] : controlSockets(folder))
        if (kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH)
            unlink(path.c_str());
    return folder;
}

std::map<long, std::string> controlSockets(const std::string& configured)
{
    std::map<long, std::string> found;
    for (const std::string& folder : folders(configured))
    {
        if (!isTrusted(folder))
            continue;
        std::error_code error;
        for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        {
            const std::string name = at->path().filename().string();
            long pid = 0;
            const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
            if (parsed.ec == std::errc() && std::string_view(parsed.ptr) == SUFFIX)
                found.emplace(pid, at->path().string());
        }
    }
    return found;
}

} // namespace tenon::app
