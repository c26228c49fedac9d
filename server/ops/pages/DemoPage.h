#pragma once

#include <Poco/Net/HTTPRequestHandler.h>

#include <string>
#include <string_view>

namespace tenon::ops
{

/// A page that tries an SSE profile, at the path where clients of other servers expect one: one file that can be read and
/// copied. Its policy lets its own script run and reach this server, and nothing else.
///
/// Threading: any thread.
class DemoPage : public Poco::Net::HTTPRequestHandler
{
public:
    /// Shape: `path` is one of those that `has` knows.
    explicit DemoPage(std::string_view path) : _path(path) {}
    void handleRequest(Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) override;

    [[nodiscard]] static bool has(std::string_view path) noexcept;

private:
    const std::string_view _path;
};

/// The policy for a page with one inline script and one inline style, by their digests.
[[nodiscard]] std::string policyFor(std::string_view html);

} // namespace tenon::ops
