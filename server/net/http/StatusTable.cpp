#include "net/http/StatusTable.h"

namespace tenon::net
{

int httpStatusOf(jsonrpc::ErrorKind kind, bool modern) noexcept
{
    using Kind = jsonrpc::ErrorKind;
    switch (kind)
    {
    case Kind::NONE:
    case Kind::INVALID_PARAMS:
    case Kind::INTERNAL:
    case Kind::RESOURCE_NOT_FOUND:
        return 200;
    case Kind::METHOD_NOT_FOUND:
        return modern ? 404 : 200;
    case Kind::PARSE:
    case Kind::INVALID_REQUEST:
    case Kind::MISSING_META:
    case Kind::HEADER_MISMATCH:
    case Kind::MISSING_CAPABILITY:
    case Kind::UNSUPPORTED_VERSION:
    case Kind::BAD_VERSION_HEADER:
    case Kind::SESSION_REQUIRED:
        return 400;
    case Kind::FORBIDDEN:
        return 403;
    case Kind::SESSION_NOT_FOUND:
        return 404;
    case Kind::NOT_ACCEPTABLE:
        return 406;
    case Kind::QUOTA:
        return 429;
    case Kind::LIMIT:
        return 503;
    }
    return 500;
}

std::string_view statusLine(int status) noexcept
{
    switch (status)
    {
    case 101:
        return "101 Switching Protocols";
    case 200:
        return "200 OK";
    case 202:
        return "202 Accepted";
    case 204:
        return "204 No Content";
    case 301:
        return "301 Moved Permanently";
    case 302:
        return "302 Found";
    case 303:
        return "303 See Other";
    case 304:
        return "304 Not Modified";
    case 307:
        return "307 Temporary Redirect";
    case 400:
        return "400 Bad Request";
    case 401:
        return "401 Unauthorized";
    case 403:
        return "403 Forbidden";
    case 404:
        return "404 Not Found";
    case 405:
        return "405 Method Not Allowed";
    case 406:
        return "406 Not Acceptable";
    case 408:
        return "408 Request Timeout";
    case 409:
        return "409 Conflict";
    case 413:
        return "413 Content Too Large";
    case 414:
        return "414 URI Too Long";
    case 415:
        return "415 Unsupported Media Type";
    case 417:
        return "417 Expectation Failed";
    case 421:
        return "421 Misdirected Request";
    case 426:
        return "426 Upgrade Required";
    case 429:
        return "429 Too Many Requests";
    case 431:
        return "431 Request Header Fields Too Large";
    case 500:
        return "500 Internal Server Error";
    case 501:
        return "501 Not Implemented";
    case 503:
        return "503 Service Unavailable";
    case 505:
        return "505 HTTP Version Not Supported";
    default:
        return status < 300 ? "200 OK" : status < 500 ? "400 Bad Request" : "500 Internal Server Error";
    }
}

} // namespace tenon::net
