#include "plugin/catalogue/UnlistedResources.h"

namespace tenon::plugin
{

InstancePtr homeOfUnlisted(const Catalogue& catalogue, UnlistedResources::Use use)
{
    InstancePtr home;
    for (const auto& instance : catalogue.instances)
    {
        const auto* candidate = dynamic_cast<const UnlistedResources*>(instance.get());
        if (!candidate || !candidate->mayHaveUnlisted(use))
            continue;
        if (home)
            return nullptr;
        home = instance;
    }
    return home;
}

} // namespace tenon::plugin
