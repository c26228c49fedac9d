#pragma once

#include "plugin/attach/NumberedOffer.h"
#include "plugin/catalogue/UnlistedResources.h"
#include "plugin/upstream/UpstreamCall.h"
#include "plugin/upstream/UpstreamConfig.h"
#include "plugin/upstream/UpstreamOffer.h"

#include <cstdint>
#include <mutex>
#include <set>
#include <string>

namespace tenon::plugin
{

/// The lists of a server behind this one as they were read last, under numbers that hold as long as this server runs; and
/// what is asked of that server for each of them.
///
/// Threading: any thread.
class UpstreamLists
{
public:
    explicit UpstreamLists(const UpstreamConfig& config);

    /// What a reading has brought.
    struct News
    {
        bool changed = false; ///< another offer than before
        std::string remarks;  ///< for the log; empty: none, or those of the reading before
    };
    News take(UpstreamOffer read);

    /// They have been read.
    [[nodiscard]] bool known() const;
    /// Empty before they are read.
    [[nodiscard]] Offer offer() const;
    [[nodiscard]] bool mayHaveUnlisted(UnlistedResources::Use use) const;

    /// What the server is asked if `call` enters `target`.
    [[nodiscard]] UpstreamRequest requestFor(Target target, std::uint32_t index, const CallBackend& call) const;

private:
    const UpstreamConfig& _config;

    mutable std::mutex _mutex; // guards all below
    LastingNumbers _numbers;
    Offer _offer;
    std::set<std::string> _safe, _tasksOnly;
    std::string _remarks;
    bool _known = false;
};

} // namespace tenon::plugin
