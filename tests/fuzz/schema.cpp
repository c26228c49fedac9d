// Schemas and what is held against them, within the limits: a schema is refused or compiled, a value is valid or breaks it
// somewhere, and both ways of asking say the same.
//
// The first line is the schema, the rest the value.
#include "schema/Schema.h"
#include "base/json/JsonDocument.h"
#include "fuzz/Input.h"

#include <Poco/Exception.h>

using tenon::base::JsonDocument;
using tenon::base::JsonDocumentPtr;
using namespace tenon::schema;

namespace
{

void look(const Schema& schema, simdjson::dom::element value)
{
    Violation first;
    const bool valid = schema.validate(value, &first);
    const auto all = schema.violations(value);
    tenon::fuzz::demand(valid == all.empty());
    tenon::fuzz::demand(valid || (!first.message.empty() && first.message == all.front().message));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const tenon::fuzz::Input input(data, size);
    JsonDocumentPtr value;
    try
    {
        value = JsonDocument::parse(input.rest);
    }
    catch (const Poco::Exception&)
    {
        // The schema alone, then.
    }
    Limits limits;
    limits.maxSteps = 100000;
    for (const auto formats : {FormatMode::ANNOTATION, FormatMode::ASSERTION})
        try
        {
            const auto schema = Schema::compile(input.line, limits, formats);
            if (value)
                look(*schema, value->root());
        }
        catch (const SchemaException&)
        {
            // Refused, with words.
        }
    return 0;
}
