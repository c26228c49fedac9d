#pragma once

#include "mcp/calls/Interview.h"
#include "mcp/calls/Questions.h"

namespace tenon::mcp
{

/// All about what one call asks its client: the questions, and how they travel. Most calls ask nothing and have none.
///
/// Threading: as its parts.
/// Ownership: borrows what it is made of, parts of the same call.
struct Dialogue
{
    Dialogue(const CallServices& services, const RequestContext& context, const CallTarget& target,
             const base::JsonDocument::Element& arguments, CallLife& life, CallStream& stream)
        : questions(services, context, target, arguments), interview(services, context, life, stream, questions)
    {
    }

    Questions questions;
    Interview interview;
};

} // namespace tenon::mcp
