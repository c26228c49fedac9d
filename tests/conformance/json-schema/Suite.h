#pragma once

#include "Exclusions.h"

#include "schema/Schema.h"

#include <filesystem>
#include <string>

namespace tenon::conformance
{

struct Counts
{
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t excluded = 0;
};

/// Runs the files of one draft and prints what fails.
class Suite
{
public:
    /// `dialect` is put into schemas that name none.
    Suite(std::filesystem::path tests, std::string draft, std::string dialect, Exclusions& exclusions);

    /// Runs the .json files of a folder of the draft, "" for the required ones; `formats` as the folder expects it.
    Counts run(const std::string& folder, schema::FormatMode formats);

private:
    void runFile(const std::string& path, schema::FormatMode formats, Counts& counts);
    void runGroup(const std::string& path, simdjson::dom::element group, schema::FormatMode formats, Counts& counts);
    void count(bool passed, const std::string& path, const std::string& group, const std::string& test,
               const std::string& why, Counts& counts);
    std::string withDialect(simdjson::dom::element schema) const;

    const std::filesystem::path _tests;
    const std::string _draft;
    const std::string _dialect;
    Exclusions& _exclusions;
};

} // namespace tenon::conformance
