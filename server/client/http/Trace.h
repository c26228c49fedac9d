#pragma once

#include <string>
#include <string_view>

namespace tenon::client
{

/// Shown what goes over the wire, for `--trace`. Secrets are masked before they come here.
///
/// Threading: any thread.
class Trace
{
public:
    virtual ~Trace() = default;

    /// Shape: `direction` is '>' for what is sent, '<' for what comes, '*' for a remark.
    virtual void line(char direction, std::string_view text) = 0;
};

} // namespace tenon::client
