#pragma once

#include "app/cli/CommandLine.h"

#include <iosfwd>
#include <string>

namespace tenon::app
{

/// Writes the servers in a client's configuration as settings of servers behind this one, and to `remarks` what could
/// not be taken over. References to the environment stay references, so that no secret is copied.
///
/// Shape:  gives the number of servers taken over.
/// Errors: Poco::Exception that names the file.
std::size_t importServers(const std::string& file, std::ostream& settings, std::ostream& remarks);

/// `tenon import FILE`.
int importCommand(const Arguments& arguments);

} // namespace tenon::app
