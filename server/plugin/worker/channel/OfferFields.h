#pragma once

#include "plugin/call/Instance.h"
#include "plugin/worker/channel/Frame.h"

namespace tenon::plugin
{

/// An offer as the body of READY.
inline void writeOffer(FieldWriter& out, const Offer& offer)
{
    out.text(offer.manifest).text(offer.tools).text(offer.resources).text(offer.templates).text(offer.prompts);
    out.text(offer.skills);
    out.number(offer.readsResources).number(offer.readsDirectories).number(offer.completes).number(offer.subscribes);
    out.number(offer.keepsState);
}

inline Offer readOffer(FieldReader& in)
{
    Offer offer;
    for (std::string* text :
         {&offer.manifest, &offer.tools, &offer.resources, &offer.templates, &offer.prompts, &offer.skills})
        *text = in.text();
    for (bool* flag :
         {&offer.readsResources, &offer.readsDirectories, &offer.completes, &offer.subscribes, &offer.keepsState})
        *flag = in.number() != 0;
    return offer;
}

} // namespace tenon::plugin
