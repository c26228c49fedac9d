#include "ops/doctor/Doctor.h"

#include "base/text/LogEscape.h"
#include "guard/web/Origins.h"
#include "ops/doctor/DoctorChecks.h"

#include <Poco/Exception.h>

#include <ostream>

namespace tenon::ops
{

void Findings::line(std::string_view mark, std::string_view text)
{
    // What a foreign server answered must not command the terminal.
    std::string shown(mark);
    base::appendLogMessage(shown, text.substr(0, 600));
    _out << shown << '\n';
    _out.flush();
}

void Findings::ok(std::string_view text)
{
    line("ok    ", text);
}

void Findings::note(std::string_view text)
{
    line("note  ", text);
}

void Findings::warn(std::string_view text)
{
    line("warn  ", text);
}

void Findings::fail(std::string_view text)
{
    ++_failures;
    line("FAIL  ", text);
}

int doctor(const std::string& url, const DoctorOptions& options, std::ostream& out)
{
    Findings findings(out);
    Poco::URI uri;
    try
    {
        uri = Poco::URI(url.find("://") == std::string::npos ? "http://" + url : url);
    }
    catch (const Poco::Exception&)
    {
        findings.fail(url + " is not a URL");
        return findings.failures();
    }
    if ((uri.getScheme() != "http" && uri.getScheme() != "https") || uri.getHost().empty())
    {
        findings.fail(url + " is not an http or https URL");
        return findings.failures();
    }
    if (uri.getPath().empty() || uri.getPath() == "/")
        uri.setPath("/mcp");

    DoctorClient client(uri, options.credentials, options.http, options.timeoutMs);
    Patient patient{client, findings, uri, guard::isLoopbackAddress(uri.getHost()), options.given, false};
    if (!checkHealth(patient))
        return findings.failures();
    checkTls(patient);
    checkModern(patient);
    if (!patient.locked)
        checkLegacy(patient);
    checkNames(patient);
    checkCors(patient);
    checkStream(patient);
    if (findings.failures() == 0)
        findings.ok("nothing is wrong that can be seen from here");
    return findings.failures();
}

} // namespace tenon::ops
