#pragma once

#include "plugin/call/Instance.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// What attached programs offered, in files that outlive the server: when it starts again, their tools are listed at once,
/// and calls wait for the programs to come back.
///
/// Threading: one thread at a time.
class KeptOffers
{
public:
    struct Kept
    {
        std::string name;
        Offer offer;
        std::optional<std::chrono::system_clock::time_point> awaySince; ///< none: it was here when the server ended
    };

    /// Shape: `folder` is made when something is kept; empty: nothing is.
    explicit KeptOffers(std::string folder) : _folder(std::move(folder)) {}

    /// What is there; files that are none of ours are left alone.
    [[nodiscard]] std::vector<Kept> all() const;

    /// Replaces what was kept under the name. What cannot be written is logged.
    void keep(const Kept& kept) const;
    void forget(const std::string& name) const;

private:
    [[nodiscard]] std::string fileOf(const std::string& name) const;

    const std::string _folder;
};

} // namespace tenon::plugin
