#include "net/route/MemoryRequest.h"

#include <Poco/Exception.h>
#include <Poco/FileStream.h>
#include <Poco/StreamCopier.h>

namespace tenon::net
{

namespace
{

Poco::Net::SocketAddress addressOf(std::string_view text)
{
    try
    {
        return {std::string(text), 0};
    }
    catch (const Poco::Exception&)
    {
        return {}; // a proxy may report what is no address
    }
}

} // namespace

std::ostream& MemoryResponse::send()
{
    _sent = true;
    return _body;
}

void MemoryResponse::sendFile(const std::string& path, const std::string& mediaType)
{
    Poco::FileInputStream file(path); // opened first: a missing file is an exception, not half a response
    setContentType(mediaType);
    Poco::StreamCopier::copyStream(file, send());
}

void MemoryResponse::sendBuffer(const void* buffer, std::size_t length)
{
    send().write(static_cast<const char*>(buffer), static_cast<std::streamsize>(length));
}

void MemoryResponse::redirect(const std::string& uri, HTTPStatus status)
{
    setStatusAndReason(status);
    set("Location", uri);
    _sent = true;
}

void MemoryResponse::requireAuthentication(const std::string& realm)
{
    setStatusAndReason(HTTP_UNAUTHORIZED);
    set("WWW-Authenticate", "Basic realm=\"" + realm + "\"");
}

MemoryRequest::MemoryRequest(const Request& request, MemoryResponse& response,
                             const Poco::Net::HTTPServerParams& params)
    : _request(request), _response(response), _params(params), _client(addressOf(request.peerAddress)),
      _stream(request.body.data(), static_cast<std::streamsize>(request.body.size()))
{
    const RequestHead& head = request.head;
    setMethod(std::string(head.method));
    setURI(std::string(head.target));
    setVersion(head.minorVersion == 0 ? HTTP_1_0 : HTTP_1_1);
    for (std::size_t i = 0; i < head.fieldCount(); ++i)
        add(std::string(head.field(i).name), std::string(head.field(i).value));
}

} // namespace tenon::net
