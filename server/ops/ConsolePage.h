#pragma once

#include "ops/StatusSource.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>
#include <string_view>

namespace tenon::ops
{

/// `GET /`: a page for people who come with a browser: what this server is, where its endpoints are, how to connect. It
/// holds nothing secret, loads nothing and runs nothing.
///
/// Ownership: borrows the source.
class ConsolePage : public Poco::Net::HTTPRequestHandler
{
public:
    /// Shape: `publicUrl` as in the settings; empty: as the browser calls us.
    ConsolePage(const StatusSource& status, std::string publicUrl) : _status(status), _publicUrl(std::move(publicUrl))
    {
    }
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const StatusSource& _status;
    const std::string _publicUrl;
};

/// Shape: `base` is "https://mcp.example", without a slash at the end.
[[nodiscard]] std::string consoleHtml(const StatusSource& status, std::string_view base);

/// Text fit for HTML, in elements and in quoted attributes.
[[nodiscard]] std::string htmlEscaped(std::string_view text);

} // namespace tenon::ops
