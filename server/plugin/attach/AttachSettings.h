#pragma once

#include "base/settings/Settings.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tenon::plugin
{

/// What the settings say about one name under which programs attach.
struct AttachedName
{
    /// Which of several programs under the name are taken.
    enum class Instances
    {
        MANY,
        NEWEST, ///< a new one takes the place of the one before
        FIRST   ///< a second one is refused
    };

    [[nodiscard]] static AttachedName read(const base::Settings& settings, const std::string& name);

    std::vector<std::string> users; ///< names or numbers; "*": whoever can open the socket
    std::chrono::milliseconds keep{600000};
    std::chrono::milliseconds wait{5000};
    Instances instances = Instances::MANY;
};

/// Whether and where programs may attach. The keys are declared with those of plugins.
struct AttachSettings
{
    [[nodiscard]] static AttachSettings read(const base::Settings& settings);

    bool enabled = false;
    std::string socket; ///< absolute
    std::string group;
    std::string directory; ///< where offers are kept over a restart; empty: nowhere
    std::size_t maxPrograms = 64;
};

} // namespace tenon::plugin
