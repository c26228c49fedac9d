#include "schema/compile/MetaSchemas.h"

#include "schema/SchemaException.h"
#include "schema/compile/Compiler.h"
#include "schema/evaluate/Evaluator.h"

namespace tenon::schema
{

namespace
{

std::unique_ptr<const Program> compileMetaSchema(const MetaSchema& meta)
{
    auto document = Document::parse(meta.text, Limits());
    document->dialect = meta.dialect;
    document->uri = std::string(meta.uri);
    return Compiler(Limits(), FormatMode::ANNOTATION).compile(std::move(document));
}

} // namespace

const MetaSchema* findMetaSchema(std::string_view uri) noexcept
{
    if (uri == META_SCHEMA_DRAFT_07.uri)
        return &META_SCHEMA_DRAFT_07;
    for (const MetaSchema& meta : META_SCHEMAS_2020_12)
        if (uri == meta.uri)
            return &meta;
    return nullptr;
}

const Program& metaProgram(Dialect dialect)
{
    if (dialect == Dialect::DRAFT_07)
    {
        static const auto DRAFT_07 = compileMetaSchema(META_SCHEMA_DRAFT_07);
        return *DRAFT_07;
    }
    static const auto DRAFT_2020_12 = compileMetaSchema(META_SCHEMAS_2020_12.front());
    return *DRAFT_2020_12;
}

void checkAgainstMetaSchema(simdjson::dom::element schema, Dialect dialect, const std::string& pointer)
{
    const Program& program = metaProgram(dialect);
    // A schema is bounded by its text, and is checked once: no step budget.
    Limits limits;
    limits.maxSteps = SIZE_MAX;
    const Value value(schema);
    Evaluator<false> quick(program, limits, nullptr);
    if (quick.run(value))
        return;
    Report report(1);
    Explainer explainer(program, report, "the schema");
    Evaluator<true> thorough(program, limits, &explainer);
    thorough.run(value);
    std::string reason = thorough.stop() == Evaluator<true>::Stop::NO && !report.findings().empty()
                             ? report.findings().front().violation.message
                             : "it is nested too deep";
    throw SchemaException(std::string("not a valid schema of ") +
                          (dialect == Dialect::DRAFT_07 ? "draft-07" : "2020-12") +
                          (pointer.empty() ? "" : " at #" + pointer) + ": " + reason);
}

} // namespace tenon::schema
