#include "plugin/attach/Attachments.h"

#include "plugin/attach/AttachSettings.h"
#include "plugin/call/LoadException.h"

namespace tenon::plugin
{

std::unique_ptr<Attachments> openAttachments(const base::SettingsPtr& settings, LentPlugins&,
                                             const std::shared_ptr<PluginThreads>&, base::Budget*, std::size_t)
{
    if (AttachSettings::read(*settings).enabled)
        throw LoadException("programs cannot attach on this system: attach.enabled must be false");
    return nullptr;
}

} // namespace tenon::plugin
