#pragma once

#include "plugin/catalogue/Catalogue.h"

namespace tenon::plugin
{

/// What an instance implements beside `Instance` if it may have resources that neither its lists nor its templates name:
/// results of other people's servers link to such.
class UnlistedResources
{
public:
    enum class Use
    {
        READ,
        SUBSCRIBE
    };

    virtual ~UnlistedResources() = default;

    /// Whether it can be asked for one. [any-thread]
    [[nodiscard]] virtual bool mayHaveUnlisted(Use use) const = 0;
};

/// Who can be asked for a resource that nothing in `catalogue` names; null: nobody, or several, of which none can be told
/// to be the right one.
[[nodiscard]] InstancePtr homeOfUnlisted(const Catalogue& catalogue, UnlistedResources::Use use);

} // namespace tenon::plugin
