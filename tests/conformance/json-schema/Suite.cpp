#include "Suite.h"

#include <algorithm>
#include <iostream>
#include <set>

namespace tenon::conformance
{

namespace
{

std::string textOf(simdjson::dom::element element, const char* member)
{
    return std::string(element[member].get_string().value());
}

/// Whether a schema is about a format that is not asserted: only those of elicitation are.
bool isOfUnknownFormat(simdjson::dom::element schema)
{
    std::string_view format;
    return schema["format"].get(format) == simdjson::SUCCESS && !schema::findFormat(format);
}

/// What is wrong with the answers of a schema about one value; empty if they are right and agree with each other.
std::string wrongAbout(const schema::Schema& schema, simdjson::dom::element data, bool valid)
{
    schema::Violation first;
    if (schema.validate(data, &first) != valid)
        return valid ? "is valid, but was refused: " + first.message : "is invalid, but was accepted";
    const auto violations = schema.violations(data);
    if (violations.empty() != valid)
        return "validate() and violations() disagree";
    if (!valid && (first.message != violations.front().message || first.message.empty()))
        return "the first violation of validate() and violations() differ";
    if (!valid && first.schemaPath.find('#') == std::string::npos)
        return "the violation has no schema path";
    if (first.message.find("too large or complex") != std::string::npos)
        return "nothing explains the violation";
    return {};
}

} // namespace

Suite::Suite(std::filesystem::path tests, std::string draft, std::string dialect, Exclusions& exclusions)
    : _tests(std::move(tests)), _draft(std::move(draft)), _dialect(std::move(dialect)), _exclusions(exclusions)
{
}

Counts Suite::run(const std::string& folder, schema::FormatMode formats)
{
    Counts counts;
    std::set<std::string> names;
    const std::filesystem::path at = _tests / _draft / folder;
    if (std::filesystem::is_directory(at))
        for (const auto& entry : std::filesystem::directory_iterator(at))
            if (entry.path().extension() == ".json")
                names.insert(entry.path().filename().string());
    for (const std::string& name : names)
        runFile(_draft + "/" + (folder.empty() ? "" : folder + "/") + name, formats, counts);
    return counts;
}

void Suite::runFile(const std::string& path, schema::FormatMode formats, Counts& counts)
{
    simdjson::dom::parser parser;
    simdjson::dom::element groups;
    const auto error = parser.load((_tests / path).string()).get(groups);
    if (error)
    {
        count(false, path, "*", "*", std::string("cannot be read: ") + simdjson::error_message(error), counts);
        return;
    }
    for (const auto group : groups.get_array())
        runGroup(path, group, formats, counts);
}

void Suite::runGroup(const std::string& path, simdjson::dom::element group, schema::FormatMode formats, Counts& counts)
{
    if (formats == schema::FormatMode::ASSERTION && isOfUnknownFormat(group["schema"].value()))
        return;
    const std::string name = textOf(group, "description");
    schema::Schema::Ptr compiled;
    std::string refused;
    try
    {
        compiled = schema::Schema::compile(withDialect(group["schema"].value()), {}, formats);
    }
    catch (const schema::SchemaException& exc)
    {
        refused = "the schema was refused: " + exc.message();
    }
    for (const auto test : group["tests"].get_array())
    {
        const std::string why =
            compiled ? wrongAbout(*compiled, test["data"].value(), test["valid"].get_bool().value()) : refused;
        count(why.empty(), path, name, textOf(test, "description"), why, counts);
    }
}

void Suite::count(bool passed, const std::string& path, const std::string& group, const std::string& test,
                  const std::string& why, Counts& counts)
{
    if (Exclusions::Entry* entry = _exclusions.find(path, group, test))
    {
        ++(passed ? entry->passed : entry->failed);
        ++counts.excluded;
        return;
    }
    ++(passed ? counts.passed : counts.failed);
    if (!passed)
        std::cout << "FAILED " << path << " | " << group << " | " << test << ": " << why << "\n";
}

std::string Suite::withDialect(simdjson::dom::element schema) const
{
    std::string text = simdjson::minify(schema);
    if (!schema.is_object() || schema["$schema"].error() == simdjson::SUCCESS)
        return text;
    const std::string member = "\"$schema\":\"" + _dialect + "\"";
    return "{" + member + (text == "{}" ? "" : ",") + text.substr(1);
}

} // namespace tenon::conformance
