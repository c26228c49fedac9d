// conformance_json_schema: runs the official JSON Schema Test Suite. 0 if all is well, 1 if not, 77 if there is no
// suite.

#include "Suite.h"

#include <cstdlib>
#include <iostream>
#include <optional>

namespace
{

using namespace tenon;
using conformance::Counts;
namespace fs = std::filesystem;

constexpr int SKIPPED = 77;

/// The folder of tests; nothing if there is none.
std::optional<fs::path> findSuite()
{
    if (const char* named = std::getenv("TENON_JSON_SCHEMA_TEST_SUITE"))
        return fs::path(named) / "tests";
    for (const fs::path folder : {TENON_SUITE_BESIDE, "/usr/share/json-schema-test-suite"})
        if (fs::is_directory(folder / "tests"))
            return folder / "tests";
    return std::nullopt;
}

Counts report(const char* title, const Counts& counts)
{
    std::cout << title << ": " << counts.passed << " passed, " << counts.failed << " failed, " << counts.excluded
              << " excluded\n";
    return counts;
}

/// False if an exclusion is not true any more.
bool checkExclusions(const conformance::Exclusions& exclusions, const fs::path& tests)
{
    // Debian's suite is of 2018: it ends at draft-07, and lacks some of the tests there.
    const bool old = !fs::is_directory(tests / "draft2020-12");
    bool right = true;
    for (const auto& entry : exclusions.entries())
    {
        if (old && entry.passed + entry.failed == 0)
            continue;
        if (entry.passed == 0 && entry.failed > 0)
            continue;
        right = false;
        std::cout << "WRONG EXCLUSION, line " << entry.line << ": " << entry.path << " | " << entry.group << " | "
                  << entry.test << (entry.passed > 0 ? " passes\n" : " does not exist\n");
    }
    return right;
}

bool runDraft(const fs::path& folder, const char* draft, const char* dialect, conformance::Exclusions& exclusions)
{
    if (!fs::is_directory(folder / draft))
    {
        std::cout << draft << ": SKIPPED, " << folder.string() << " does not have it\n";
        return true;
    }
    conformance::Suite tests(folder, draft, dialect, exclusions);
    const std::string title(draft);
    std::size_t failed = 0;
    failed += report((title + ", required").c_str(), tests.run("", schema::FormatMode::ANNOTATION)).failed;
    failed += report((title + ", optional").c_str(), tests.run("optional", schema::FormatMode::ASSERTION)).failed;
    failed += report((title + ", format").c_str(), tests.run("optional/format", schema::FormatMode::ASSERTION)).failed;
    return failed == 0;
}

} // namespace

int main()
{
    try
    {
        const std::optional<fs::path> suite = findSuite();
        if (!suite)
        {
            std::cout << "SKIPPED: no JSON Schema Test Suite; name its folder in TENON_JSON_SCHEMA_TEST_SUITE\n";
            return SKIPPED;
        }
        std::cout << "suite: " << suite->string() << "\n";
        if (!fs::is_directory(*suite))
        {
            std::cout << "FAILED: there is no such folder\n";
            return 1;
        }
        conformance::Exclusions exclusions(TENON_SUITE_EXCLUSIONS);
        bool right = runDraft(*suite, "draft2020-12", "https://json-schema.org/draft/2020-12/schema", exclusions);
        right = runDraft(*suite, "draft7", "http://json-schema.org/draft-07/schema#", exclusions) && right;
        right = checkExclusions(exclusions, *suite) && right;
        return right ? 0 : 1;
    }
    catch (const std::exception& exc)
    {
        std::cout << "FAILED: " << exc.what() << "\n";
        return 1;
    }
}
