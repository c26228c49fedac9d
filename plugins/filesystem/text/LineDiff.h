#pragma once

#include <string>
#include <string_view>

namespace tenon::filesystem
{

/// What differs between two texts, as a unified diff with three lines of context; empty if they are the same.
///
/// Shape: "--- a/NAME\n+++ b/NAME\n@@ -1,4 +1,5 @@\n ...". Texts that have more than some thousand differences are shown as
///        one that is replaced as a whole.
std::string unifiedDiff(std::string_view before, std::string_view after, const std::string& name);

} // namespace tenon::filesystem
