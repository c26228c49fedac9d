#pragma once

#include "base/threads/ReadMostly.h"
#include "plugin/catalogue/Catalogue.h"
#include "plugin/manager/PluginSlot.h"
#include "plugin/manager/PluginStatus.h"

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon::plugin
{

/// Makes the catalogue of what plugins offer, and tells whoever listens; keeps what operators ask about.
///
/// Threading: any thread; `publish` one at a time.
class CataloguePublisher
{
public:
    CataloguePublisher();

    /// Replaces the catalogue by one of what the slots hold. Nothing here keeps what they held before.
    void publish(const PluginSlots& slots);

    [[nodiscard]] CataloguePtr current() const { return _current.get(); }

    /// Ownership: borrows `listener` until `removeListener` returns.
    void addListener(CatalogueListener& listener);
    void removeListener(CatalogueListener& listener);
    void resourceUpdated(std::string_view uri);

    /// What was not taken into the current catalogue.
    [[nodiscard]] std::vector<Refusal> refusals() const;

    /// Every plugin, by name.
    [[nodiscard]] std::vector<PluginStatus> status() const;

    /// Whether a call is inside a plugin in this process now.
    [[nodiscard]] bool hasCallsInside() const;

private:
    using Report = std::vector<std::pair<PluginStatus, std::shared_ptr<ManagedInstance>>>;

    void keep(std::vector<Refusal> refusals, Report& report);

    base::ReadMostly<Catalogue> _current;

    mutable std::mutex _reportMutex; // guards:
    std::vector<Refusal> _refusals;
    Report _report;

    std::mutex _listenerMutex; // held while listeners are told; guards:
    std::vector<CatalogueListener*> _listeners;
};

} // namespace tenon::plugin
