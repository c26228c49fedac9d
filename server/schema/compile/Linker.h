#pragma once

#include "schema/program/Program.h"

namespace tenon::schema
{

/// Refuses a program in which applying a subschema can lead back to it without a step into the value:
/// such a validation would not end. Loops through `$dynamicRef` are left to Limits::maxEvaluationDepth.
///
/// Errors: SchemaException naming the place.
void refuseLoops(const Program& program);

/// Lets everything that leads to a subschema with nothing but a `$ref` lead to its target instead.
/// Call after refuseLoops().
void followLoneReferences(Program& program);

/// Notes what the root says as `flat`, if that is all it says. Call last.
void noteFlatRules(Program& program);

} // namespace tenon::schema
