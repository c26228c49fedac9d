#pragma once

#include "schema/evaluate/Violation.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::schema
{

/// The way from the whole value to the one being validated, as a list through the stack, the innermost first.
struct Step
{
    enum class Kind
    {
        MEMBER,
        ITEM,
        NAME ///< the name of a member, as `propertyNames` sees it; no step into the value
    };

    const Step* parent;
    Kind kind;
    std::string_view name;
    std::size_t index = 0;
};

/// JSON pointer of the value at the end of a way.
std::string pointerOf(const Step* at);

std::size_t depthOf(const Step* at);

/// What is wrong with a value, or with it under one of several alternatives.
class Report
{
public:
    struct Finding
    {
        Violation violation;
        std::size_t depth; ///< steps from the whole value
    };

    explicit Report(std::size_t limit) : _limit(limit) {}

    bool full() const noexcept { return _findings.size() >= _limit; }

    void add(Finding finding)
    {
        if (!full())
            _findings.push_back(std::move(finding));
    }

    const std::vector<Finding>& findings() const noexcept { return _findings; }

private:
    std::size_t _limit;
    std::vector<Finding> _findings;
};

} // namespace tenon::schema
