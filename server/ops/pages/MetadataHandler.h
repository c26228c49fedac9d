#pragma once

#include "guard/Gate.h"

#include <Poco/Net/HTTPRequestHandler.h>

namespace tenon::ops
{

/// `GET /.well-known/oauth-protected-resource` and its path form: where clients get tokens for this server. 404 without
/// OAuth.
///
/// Ownership: borrows the gate.
/// Spec:      RFC 9728, 3.
class MetadataHandler : public Poco::Net::HTTPRequestHandler
{
public:
    explicit MetadataHandler(const guard::Gate& gate) : _gate(gate) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

private:
    const guard::Gate& _gate;
};

} // namespace tenon::ops
