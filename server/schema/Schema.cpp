#include "schema/Schema.h"

#include "base/json/BigNumber.h"
#include "schema/compile/Compiler.h"
#include "schema/compile/MetaSchemas.h"
#include "schema/evaluate/Evaluator.h"

#include <re2/re2.h>

#include <algorithm>

namespace tenon::schema
{

Program::Program() = default;
Program::~Program() = default;

namespace
{

/// What `$schema` says; 2020-12 if there is none.
Dialect dialectOf(simdjson::dom::element schema)
{
    simdjson::dom::element member;
    if (schema["$schema"].get(member) != simdjson::SUCCESS)
        return Dialect::DRAFT_2020_12;
    std::string_view uri;
    if (member.get(uri) != simdjson::SUCCESS)
        throw SchemaException("#/$schema must be a string, but is " + describe(Value(member)));
    std::string_view name = uri;
    if (!name.empty() && name.back() == '#')
        name.remove_suffix(1);
    // "https" for "http", and the other way round, is a common slip and cannot mean anything else.
    for (const std::string_view scheme : {"https://", "http://"})
        if (name.substr(0, scheme.size()) == scheme)
        {
            name.remove_prefix(scheme.size());
            break;
        }
    if (name == "json-schema.org/draft/2020-12/schema")
        return Dialect::DRAFT_2020_12;
    if (name == "json-schema.org/draft-07/schema")
        return Dialect::DRAFT_07;
    throw SchemaException("#/$schema names the dialect '" + std::string(uri) +
                          "', which is not supported; supported are https://json-schema.org/draft/2020-12/schema and "
                          "http://json-schema.org/draft-07/schema#");
}

/// The types it has for sure: 1.0 is an integer, which takes a closer look.
TypeSet typesOf(const simdjson::dom::element& value) noexcept
{
    using simdjson::dom::element_type;
    switch (value.type())
    {
    case element_type::OBJECT:
        return TYPE_OBJECT;
    case element_type::ARRAY:
        return TYPE_ARRAY;
    case element_type::STRING:
        return base::bigNumber(value).empty() ? TYPE_STRING : 0;
    case element_type::INT64:
    case element_type::UINT64:
        return TYPE_INTEGER | TYPE_NUMBER;
    case element_type::DOUBLE:
        return TYPE_NUMBER;
    case element_type::BOOL:
        return TYPE_BOOLEAN;
    case element_type::NULL_VALUE:
        return TYPE_NULL;
    default:
        return 0;
    }
}

/// Whether `instance` is valid for sure: most are, of what most tools declare. Else the Evaluator has to look.
bool isValidFlat(const FlatRules& rules, const simdjson::dom::element& instance) noexcept
{
    simdjson::dom::object members;
    if (rules.object == nullptr || instance.get_object().get(members))
        return false;
    const std::vector<std::string_view>& declared = rules.object->names.names();
    std::uint64_t present = 0;
    std::uint32_t next = 0; // they mostly come in the order in which they are declared
    for (const auto& [name, value] : members)
    {
        const bool inOrder = next < declared.size() && declared[next] == name;
        const std::uint32_t number = inOrder ? next : rules.object->names.find(name);
        if (number == NameTable::NOT_FOUND)
        {
            if (!rules.open)
                return false;
            continue;
        }
        if ((typesOf(value) & rules.types[number]) == 0)
            return false;
        present |= std::uint64_t(1) << number;
        next = number + 1;
    }
    return (rules.object->requiredBits & ~present) == 0;
}

Violation stopped(const Program& program, bool tooDeep)
{
    return {"", "", program.sources[program.root].path,
            tooDeep ? "the value is nested too deep to be validated"
                    : "the value is too large or complex to be validated"};
}

} // namespace

Schema::Schema(std::unique_ptr<const Program> program, const Limits& limits)
    : _program(std::move(program)), _limits(limits)
{
}

Schema::~Schema() = default;

Schema::Ptr Schema::compile(std::string_view jsonText, const Limits& limits, FormatMode formats)
{
    auto document = Document::parse(jsonText, limits);
    document->dialect = dialectOf(document->root);
    checkAgainstMetaSchema(document->root, document->dialect, "");
    return Ptr(new Schema(Compiler(limits, formats).compile(std::move(document)), limits));
}

bool Schema::validate(simdjson::dom::element instance, Violation* firstViolation) const
{
    if (isValidFlat(_program->flat, instance))
        return true;
    Evaluator<false> evaluator(*_program, _limits, nullptr);
    const Value value(instance);
    if (evaluator.run(value))
        return true;
    if (firstViolation)
    {
        using Stop = Evaluator<false>::Stop;
        *firstViolation = evaluator.stop() == Stop::NO ? explain(value, 1).front()
                                                       : stopped(*_program, evaluator.stop() == Stop::DEPTH);
    }
    return false;
}

std::vector<Violation> Schema::violations(simdjson::dom::element instance, std::size_t limit) const
{
    const Value value(instance);
    using Stop = Evaluator<false>::Stop;
    Evaluator<false> evaluator(*_program, _limits, nullptr);
    if (evaluator.run(value))
        return {};
    if (evaluator.stop() != Stop::NO)
        return {stopped(*_program, evaluator.stop() == Stop::DEPTH)};
    return explain(value, std::max<std::size_t>(limit, 1));
}

std::vector<Violation> Schema::explain(const Value& value, std::size_t limit) const
{
    Report report(limit);
    Explainer explainer(*_program, report);
    Evaluator<true> evaluator(*_program, _limits, &explainer);
    evaluator.run(value);
    std::vector<Violation> found;
    for (const auto& finding : report.findings())
        found.push_back(finding.violation);
    // It looks further than the quick validation, and may run out of steps on the way.
    if (found.empty())
        found.push_back(stopped(*_program, evaluator.stop() == Evaluator<true>::Stop::DEPTH));
    return found;
}

Dialect Schema::dialect() const noexcept
{
    return _program->dialect;
}

} // namespace tenon::schema
