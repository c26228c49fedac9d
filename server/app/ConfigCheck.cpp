#include "app/ConfigCheck.h"

#include "app/log/Logging.h"
#include "guard/Gate.h"
#include "mcp/Services.h"
#include "net/Settings.h"
#include "net/io/TlsContext.h"
#include "net/mcp/SseProfile.h"
#include "net/route/GateAdmission.h"

#include <string>

namespace tenon::app
{

void checkConfig(const base::Settings& settings)
{
    checkLogging(settings);
    const net::Settings http = net::Settings::read(settings);
    guard::checkSettings(settings, net::bindOf(http));
    for (const std::string& profile : http.sseProfiles)
        (void)net::requireSseProfile(profile);
    if (http.tls)
        const net::TlsContext context(http);
    (void)mcp::Options::read(settings);
}

} // namespace tenon::app
