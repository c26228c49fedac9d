#pragma once

#include "schema/evaluate/Report.h"
#include "schema/program/Program.h"
#include "schema/value/Value.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::schema
{

/// Describes violations. Every method but the first few reports one, about the subschema `id` and the value at the current
/// place, to the current report, or does nothing if that is full.
///
/// Threading: one thread.
/// Ownership: borrows the program, the reports and the value.
class Explainer
{
public:
    /// Enough of each alternative of `anyOf` and `oneOf` to tell which of them was meant.
    static constexpr std::size_t FINDINGS_PER_BRANCH = 4;

    /// A step into the value, for as long as it lives.
    class Descent
    {
    public:
        Descent(Explainer& explainer, Step step) : _explainer(explainer), _step(step)
        {
            _step.parent = explainer._at;
            explainer._at = &_step;
        }
        ~Descent() { _explainer._at = _step.parent; }
        Descent(const Descent&) = delete;
        Descent& operator=(const Descent&) = delete;

    private:
        Explainer& _explainer;
        Step _step;
    };

    /// `rootName` is what messages call the whole value.
    Explainer(const Program& program, Report& report, const char* rootName = "the value");

    /// Sends what follows to another report; returns the former one.
    Report* redirect(Report* report);

    void wrongType(NodeId id, const Value& value);
    void notAllowed(NodeId id, std::string_view keyword, const Value& value);
    void nothingAllowed(NodeId id);
    void number(NodeId id, std::string_view keyword, std::string_view wording, const Number& limit, const Value& value);
    void length(NodeId id, std::uint64_t length, const StringRules& rules);
    void pattern(NodeId id, const StringRules& rules, const Value& value);
    void format(NodeId id, const Format& format, const Value& value);
    void itemCount(NodeId id, std::size_t size, const ArrayRules& rules);
    void tooManyItems(NodeId id, std::string_view keyword, std::size_t allowed, std::size_t size);
    void contains(NodeId id, std::uint64_t found, const ArrayRules& rules);
    void doubledItem(NodeId id, std::size_t first, std::size_t second);
    void memberCount(NodeId id, std::size_t size, const ObjectRules& rules);
    void forbiddenMember(NodeId id, std::string_view keyword, std::string_view name);
    void missingMember(NodeId id, const ObjectRules& rules, std::uint32_t number);
    void missingDependent(NodeId id, const ObjectRules& rules, const ObjectRules::Dependency& dependency,
                          std::uint32_t number);
    void negated(NodeId id, NodeId schema);
    void severalMatch(NodeId id, std::size_t first, std::size_t second, std::size_t count);

    /// `failures` are the findings of all alternatives in their order: those of the one that was most likely meant are
    /// reported, or all of them in short.
    void noneMatches(NodeId id, std::string_view keyword, const std::vector<NodeId>& alternatives,
                     const std::vector<Report>& failures, const Value& value);

private:
    void add(NodeId id, std::string_view keyword, std::string message);
    void addAt(const Step* at, NodeId id, std::string_view keyword, std::string message);
    std::string subject() const;
    bool atRoot() const noexcept { return _at == nullptr; }
    std::string describeSchema(NodeId id) const;
    std::string describeMember(const ObjectRules& rules, std::uint32_t number) const;
    std::string schemaPath(NodeId id, std::string_view keyword) const;
    int likelihood(const Report& failure) const;
    void alternativesInShort(NodeId id, std::string_view keyword, const std::vector<Report>& failures);

    const Program& _program;
    const char* const _rootName;
    Report* _report;
    const Step* _at = nullptr;
};

} // namespace tenon::schema
