#pragma once

#include "base/json/JsonWriter.h"
#include "plugin/call/Instance.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::plugin
{

/// Whether each text of an offer is JSON of its kind, or empty. What stands in the lists is for whoever reads them.
[[nodiscard]] bool isWellFormed(const Offer& offer);

/// The names of the tools and prompts of one program, numbered as it numbers them.
class ProgramNumbers
{
public:
    ProgramNumbers() = default;
    explicit ProgramNumbers(const Offer& offer);

    /// Nothing if the program has no tool or prompt of that name.
    [[nodiscard]] const std::uint32_t* find(Target target, const std::string& name) const;

    /// Whether the program runs that tool on a thread that polls.
    [[nodiscard]] bool onMainThread(const std::string& tool) const;

private:
    struct Tool
    {
        std::uint32_t number;
        bool onMainThread;
    };
    std::map<std::string, Tool> _tools;
    std::map<std::string, std::uint32_t> _prompts;
};

/// Numbers for the names of tools and prompts that hold for as long as the server runs, whatever program of a name offers
/// them, and in whatever order.
///
/// Threading: one thread at a time.
class LastingNumbers
{
public:
    /// The offer with these numbers instead of the program's, and, if there is a choice, with an argument that names one
    /// of `instances`.
    [[nodiscard]] Offer rewrite(const Offer& offer, const std::string& program,
                                const std::vector<std::string>& instances);

    /// Empty if the number was never given.
    [[nodiscard]] std::string nameOf(Target target, std::uint32_t number) const;

    /// The argument of a tool that names an instance: one that the tool has not itself. Empty: there is none.
    [[nodiscard]] std::string argumentOf(Target target, std::uint32_t number) const;

private:
    struct Names
    {
        std::map<std::string, std::uint32_t> numbers;
        std::vector<std::string> names;
        std::vector<std::string> arguments; ///< that name an instance, of tools

        std::uint32_t numberOf(const std::string& name);
    };

    [[nodiscard]] std::string rewriteList(const std::string& list, Names& names, const std::string& argument);
    void rewriteItem(base::JsonWriter& out, const simdjson::dom::element& item, Names& names,
                     const std::string& argument);

    Names _tools, _prompts;
};

/// `object` without one of its members, as JSON text.
[[nodiscard]] std::string withoutMember(const simdjson::dom::element& object, std::string_view member);

} // namespace tenon::plugin
