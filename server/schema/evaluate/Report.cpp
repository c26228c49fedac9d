#include "schema/evaluate/Report.h"

#include "schema/text/Pointer.h"

namespace tenon::schema
{

std::string pointerOf(const Step* at)
{
    std::vector<const Step*> way;
    for (; at; at = at->parent)
        if (at->kind != Step::Kind::NAME)
            way.push_back(at);
    std::string pointer;
    for (auto step = way.rbegin(); step != way.rend(); ++step)
        pointer::append(pointer, (*step)->kind == Step::Kind::ITEM ? std::to_string((*step)->index)
                                                                   : std::string((*step)->name));
    return pointer;
}

std::size_t depthOf(const Step* at)
{
    std::size_t depth = 0;
    for (; at; at = at->parent)
        ++depth;
    return depth;
}

} // namespace tenon::schema
