#include "plugin/attach/AttachSettings.h"

#include <Poco/Environment.h>

namespace tenon::plugin
{

namespace
{

#ifdef _WIN32

std::string defaultSocket()
{
    return R"(\\.\pipe\tenon-attach)";
}

std::string defaultDirectory(const std::string&)
{
    const std::string data = Poco::Environment::get("ProgramData", "");
    return data.empty() ? data : data + R"(\Tenon\attach)";
}

#else

/// Where the system lets this process have its sockets.
std::string defaultSocket()
{
    const std::string ofService = Poco::Environment::get("RUNTIME_DIRECTORY", "");
    if (!ofService.empty())
        return ofService.substr(0, ofService.find(':')) + "/attach.sock";
    const std::string ofUser = Poco::Environment::get("XDG_RUNTIME_DIR", "");
    return (ofUser.empty() ? "/run" : ofUser) + "/tenon/attach.sock";
}

/// The data folder of a service, which outlives its runtime folder; else beside the socket.
std::string defaultDirectory(const std::string& socket)
{
    const std::string ofService = Poco::Environment::get("STATE_DIRECTORY", "");
    return ofService.empty() ? socket + ".offers" : ofService.substr(0, ofService.find(':')) + "/attach";
}

#endif

} // namespace

AttachedName AttachedName::read(const base::Settings& settings, const std::string& name)
{
    const std::string at = "attach." + name + ".";
    AttachedName made;
    made.users = settings.list(at + "users");
    made.keep = std::chrono::milliseconds(settings.integer(at + "keepMs"));
    made.wait = std::chrono::milliseconds(settings.integer(at + "waitMs"));
    const std::string instances = settings.text(at + "instances");
    made.instances = instances == "newest"  ? Instances::NEWEST
                     : instances == "first" ? Instances::FIRST
                                            : Instances::MANY;
    return made;
}

AttachSettings AttachSettings::read(const base::Settings& settings)
{
    AttachSettings made;
    made.enabled = settings.boolean("attach.enabled");
    made.socket = settings.text("attach.socket");
    if (made.socket.empty())
        made.socket = defaultSocket();
    made.group = settings.text("attach.group");
    made.directory = settings.text("attach.directory");
    if (made.directory.empty())
        made.directory = defaultDirectory(made.socket);
    made.maxPrograms = static_cast<std::size_t>(settings.integer("attach.maxPrograms"));
    return made;
}

} // namespace tenon::plugin
