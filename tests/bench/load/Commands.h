#pragma once

#include <string>
#include <vector>

namespace bench
{

using Arguments = std::vector<std::string>;

// One measurement each; prints "name value" lines. See main.cpp for their arguments.
void calls(const Arguments& arguments);
void churn(const Arguments& arguments);
void startup(const Arguments& arguments);
void streams(const Arguments& arguments);
void blocked(const Arguments& arguments);
void steady(const Arguments& arguments);

} // namespace bench
