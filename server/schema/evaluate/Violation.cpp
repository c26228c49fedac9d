#include "schema/evaluate/Violation.h"

namespace tenon::schema
{

std::string render(const std::vector<Violation>& violations)
{
    std::string text;
    for (const Violation& violation : violations)
    {
        if (!text.empty())
            text += '\n';
        text += violation.message;
    }
    return text;
}

} // namespace tenon::schema
