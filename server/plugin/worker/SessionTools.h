#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// Which tools of a plugin take one call per session at a time: such a session may have something in its worker's memory.
///
/// Threading: any thread.
class SessionTools
{
public:
    /// Shape: the list as the plugin offers it; what is none has no such tools.
    void read(const std::string& tools);

    [[nodiscard]] bool contains(std::uint32_t index) const;

private:
    mutable std::mutex _mutex; // guards:
    std::vector<bool> _tools;
};

} // namespace tenon::plugin
