#pragma once

#include "schema/program/Program.h"

#include <simdjson.h>

#include <cstdint>
#include <vector>

namespace tenon::schema
{

/// A short cut for what most tools declare: an object whose members have types, some of them required, and nothing else
/// is said of it.
///
/// Threading: immutable.
/// Ownership: borrows the program.
class FlatCheck
{
public:
    explicit FlatCheck(const Program& program);

    /// True if `instance` is valid for sure; else the Evaluator has to look.
    [[nodiscard]] bool accepts(const simdjson::dom::element& instance) const noexcept;

private:
    const ObjectRules* _rules = nullptr; ///< null: the schema is of another kind
    std::vector<TypeSet> _types;         ///< by number of the name; 0: more is said of that member
    bool _open = true;                   ///< there may be other members
};

} // namespace tenon::schema
