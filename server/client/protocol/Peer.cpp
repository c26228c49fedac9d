#include "client/protocol/Peer.h"

namespace tenon::client
{

bool Peer::has(std::string_view capability, std::string_view member) const
{
    base::JsonDocument::Element found;
    if (!hasCapabilities || !base::findMember(capabilities, capability, found))
        return false;
    if (member.empty())
        return !found.is_null();
    base::JsonDocument::Element inner;
    if (!base::findMember(found, member, inner))
        return false;
    bool flag = false;
    return inner.is_object() || (!inner.get(flag) && flag);
}

void Peer::readImplementation(const base::JsonDocument::Element& element)
{
    name = base::textMember(element, "name");
    title = base::textMember(element, "title");
    version = base::textMember(element, "version");
}

} // namespace tenon::client
