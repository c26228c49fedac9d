#pragma once

#include "plugin/call/PluginThreads.h"
#include "plugin/catalogue/OfferReader.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/process/Library.h"

#include <map>
#include <memory>
#include <string>

namespace tenon::plugin
{

/// One library file, loaded in a worker of its own for the author's tools.
///
/// Threading: one thread; `instance` as it says.
class Trial final : private InstanceOwner
{
public:
    /// Loads it and reads what it offers.
    ///
    /// Errors: LoadException.
    explicit Trial(const std::string& file, std::map<std::string, std::string> settings = {});
    ~Trial() override;
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    PluginConfig config;
    std::shared_ptr<LibraryImage> image;
    Offer offer;
    Entries entries;
    std::shared_ptr<ManagedInstance> instance;
    double loadMs = 0;

    /// The tool by its name; null if there is none.
    [[nodiscard]] const ToolEntry* tool(const std::string& name) const;

    /// The name that the settings would give a file.
    [[nodiscard]] static std::string nameOf(const std::string& file);

private:
    void listChanged(const std::string&) override {}
    void resourceUpdated(std::string_view) override {}
    void quarantined(const std::string&, const std::string&) override {}

    std::shared_ptr<PluginThreads> _threads;
};

} // namespace tenon::plugin
