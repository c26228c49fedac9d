#pragma once

#include "guard/Gate.h"

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>

namespace tenon::ops
{

/// `GET /console/api/doctor`: what `tenon doctor` says of this server at its own address, for those with the permission
/// for statistics. One examination at a time; 503 while another goes on.
///
/// Shape:     {"url":…,"failed":n,"findings":[{"kind":"ok"|"note"|"warn"|"FAIL","text":…}]}
/// Ownership: borrows the gate.
class DoctorHandler : public Poco::Net::HTTPRequestHandler
{
public:
    /// Shape: `url` is that of the server's own MCP endpoint, never one that a client names.
    DoctorHandler(const guard::Gate& gate, std::string url) : _gate(gate), _url(std::move(url)) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const guard::Gate& _gate;
    const std::string _url;
};

/// The findings of a report of lines, as members of an array.
[[nodiscard]] std::string findingsJson(const std::string& report);

} // namespace tenon::ops
