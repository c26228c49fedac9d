#pragma once

#include "base/Principal.h"
#include "base/metrics/Metrics.h"
#include "base/threads/Once.h"
#include "mcp/revisions/ProtocolVersion.h"
#include "plugin/catalogue/Catalogue.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::mcp
{

/// The lists that clients page through.
enum class ListKind
{
    TOOLS,
    RESOURCES,
    TEMPLATES,
    PROMPTS,
    SKILLS
};
inline constexpr std::size_t LIST_KINDS = 5;

/// What is counted of each tool.
struct ToolMetrics
{
    base::Counter& calls;
    base::Counter& errors;
    base::Histogram& duration;
    base::Gauge& inFlight;
};

/// One version of the catalogue with what is derived from it: lists, serialised once per revision, and the tools'
/// metrics.
///
/// Threading: any thread; lists are built when first asked for.
class CatalogueView
{
public:
    CatalogueView(plugin::CataloguePtr catalogue, base::MetricsRegistry& metrics, std::size_t pageSize);

    const plugin::CataloguePtr catalogue;

    /// Shape: `tool` is one of this catalogue.
    [[nodiscard]] const ToolMetrics& metricsOf(const plugin::ToolEntry& tool) const
    {
        return _toolMetrics[static_cast<std::size_t>(&tool - catalogue->tools.data())];
    }

    /// The members of a list's result, without braces: `"tools":[…]` and `,"nextCursor":"…"` if there is more.
    ///
    /// Shape:  `cursor` is empty for the first page; lists are in the order of names, and a cursor names the last one
    ///         sent, so that it survives a change of the list. One of an
    ///         instance whose list is another is refused. What `principal` may not use is left out.
    /// Errors: jsonrpc::RpcException (INVALID_PARAMS) for a cursor that was not given out by a list of this kind that
    ///         this process had.
    [[nodiscard]] std::string list(ListKind kind, ProtocolVersion version, std::string_view cursor,
                                   const base::Principal& principal) const;

private:
    struct Item
    {
        std::string_view key;  ///< name or URI, the order of the list
        base::SharedText text; ///< JSON for one revision
        bool readOnly = true;
    };
    struct List
    {
        base::Once once;
        std::vector<Item> items;
        std::string firstPage; ///< for principals that may use everything
        std::string print;     ///< tells lists of other keys apart
    };

    const List& listFor(ListKind kind, ProtocolVersion version) const;
    /// Errors: std::bad_alloc; the list may hold a part then, and begins anew.
    void fill(List& list, ListKind kind, ProtocolVersion version) const;
    [[nodiscard]] std::string page(const List& list, ListKind kind, std::string_view after,
                                   const base::Principal* principal) const;

    const std::size_t _pageSize;
    std::vector<ToolMetrics> _toolMetrics;
    mutable std::array<std::array<List, VERSION_COUNT>, LIST_KINDS> _lists;
};

using CatalogueViewPtr = std::shared_ptr<const CatalogueView>;

} // namespace tenon::mcp
