#pragma once

#include "plugin/call/ManagedInstance.h"
#include "plugin/catalogue/OfferReader.h"
#include "plugin/config/PluginConfig.h"
#include "plugin/manager/PluginFiles.h"
#include "plugin/process/Library.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace tenon::plugin
{

/// One plugin file, and its state.
///
/// Threading: one thread at a time.
struct PluginSlot
{
    PluginFile file;
    PluginConfig config;
    std::shared_ptr<LibraryImage> image;
    std::shared_ptr<ManagedInstance> probe;    ///< a worker that tries the library, while it is being loaded
    std::shared_ptr<ManagedInstance> instance; ///< null: refused or disabled
    std::shared_ptr<PluginLimit> limit;
    Entries entries;
    std::string refusal;
    std::string settingsFault;    ///< what was set for it and cannot be used
    bool failed = false;          ///< it is loaded well, but could not be started
    std::string candidateRefusal; ///< why the file's new content was not taken
    std::string refusedSha256;    ///< of that content
    std::uint64_t reloads = 0, failedReloads = 0;
    bool pinned = false; ///< its digest is what the settings or the lock file say
    bool quarantined = false;
    bool lent = false;        ///< by a program that is attached: there is no file
    bool upstream = false;    ///< a server behind this one; `lent` too
    bool startsLater = false; ///< has still to take over its predecessor's state
};

using PluginSlots = std::map<std::string, PluginSlot>;

} // namespace tenon::plugin
