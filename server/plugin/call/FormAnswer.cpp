#include "plugin/call/FormAnswer.h"

#include "schema/Schema.h"

namespace tenon::plugin
{

std::string formFault(const base::JsonDocument::Element& form, const base::JsonDocument::Element* content)
{
    static const base::JsonDocumentPtr nothing = base::JsonDocument::parse("{}");
    const auto filled = content ? *content : nothing->root();
    try
    {
        const auto schema = schema::Schema::compile(base::toJson(form), {}, schema::FormatMode::ASSERTION);
        std::string fault;
        for (const auto& violation : schema->violations(filled))
            fault += (fault.empty() ? "" : "; ") + violation.message;
        return fault;
    }
    catch (const schema::SchemaException&)
    {
        return {};
    }
}

} // namespace tenon::plugin
