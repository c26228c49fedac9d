#pragma once

#include <string>
#include <string_view>

namespace tenon::client
{

/// Receives what goes over the wire, for `--trace`. Secrets have been masked already.
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
