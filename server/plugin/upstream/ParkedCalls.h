#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace tenon::plugin
{

class UpstreamCall;

/// Calls of a server behind this one that go on without a caller, until theirs is back with the answers it was asked for.
///
/// Threading: any thread.
class ParkedCalls
{
public:
    /// The name under which it is found again.
    [[nodiscard]] std::string add(const std::shared_ptr<UpstreamCall>& call);
    /// Null: there is none of that name any more.
    [[nodiscard]] std::shared_ptr<UpstreamCall> take(std::string_view name);
    void remove(const UpstreamCall& call);

private:
    std::mutex _mutex; // guards all below
    std::map<std::string, std::shared_ptr<UpstreamCall>, std::less<>> _calls;
};

} // namespace tenon::plugin
