#include "plugin/call/FormAnswer.h"

#include "base/JsonWriter.h"
#include "schema/Schema.h"
#include "schema/SchemaException.h"

namespace tenon::plugin
{

bool fitsForm(const base::JsonDocument::Element& form, const base::JsonDocument::Element& content)
{
    try
    {
        return schema::Schema::compile(base::toJson(form))->validate(content);
    }
    catch (const schema::SchemaException&)
    {
        return true;
    }
}

} // namespace tenon::plugin
