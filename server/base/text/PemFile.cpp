#include "base/text/PemFile.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/FileStream.h>
#include <Poco/StreamCopier.h>

namespace tenon::base
{

PemFile::PemFile(const std::string& path, std::string_view wanted)
{
    if (path.empty() || (Poco::File(path).exists() && Poco::File(path).isDirectory()))
        return;
    try
    {
        Poco::FileInputStream stream(path);
        Poco::StreamCopier::copyToString(stream, text);
    }
    catch (const Poco::Exception& exc)
    {
        fault = "cannot be read";
        detail = exc.displayText();
        return;
    }
    if (text.find(wanted) == std::string::npos)
        fault =
            wanted == PEM_PRIVATE_KEY ? "contains no private key in PEM form" : "contains no certificate in PEM form";
}

} // namespace tenon::base
