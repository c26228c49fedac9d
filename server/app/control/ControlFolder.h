#pragma once

#include <map>
#include <string>
#include <vector>

namespace tenon::app
{

// Where servers put the sockets on which `tenon status` and its like talk to them: "<folder>/<process id>.sock".

/// The folder for this process's socket, made if need be.
///
/// Shape:  `configured` is `control.directory`, may be empty.
/// Errors: Poco::Exception if it cannot be made, or is somebody else's, who could then pass for this server.
[[nodiscard]] std::string makeControlFolder(const std::string& configured);

/// The sockets that are there, by process id, in all folders that servers of this machine use by default, or in
/// `configured` alone. Some may be of processes that ended. Folders in which others may put something are passed over.
[[nodiscard]] std::map<long, std::string> controlSockets(const std::string& configured);

[[nodiscard]] std::string controlSocket(const std::string& folder, long pid);

} // namespace tenon::app
