#ifndef TENON_DETAIL_TOOL_ENTRY_HPP
#define TENON_DETAIL_TOOL_ENTRY_HPP

#include <tenon/metadata.hpp>
#include <tenon/ui.hpp>

#include <atomic>
#include <functional>

namespace tenon::detail
{

/// One declared tool: what its builder was told, and what runs when it is called. Once listed, it no longer changes.
struct Tool : Metadata
{
    const Host* host = nullptr;
    std::string inputSchema;
    std::string outputSchema;
    const char* concurrency = nullptr;
    const char* taskSupport = nullptr;
    bool taskOnDemand = false;
    bool onMainThread = false;
    int64_t maxConcurrent = 0;
    int64_t timeoutMs = -1;
    std::function<tenon_status(tenon_call*)> call;
    std::function<void(const Ui&)> addView; ///< offers the resource, unless it is there
    std::atomic<bool> listed{false};        ///< has its handler and was not removed

    /// `position` is the one in the list, `index` the number that stays with the tool.
    void write(JsonWriter& writer, uint32_t position, uint32_t index) const
    {
        writer.beginObject();
        Metadata::write(writer);
        writer.key("inputSchema").json(inputSchema);
        if (!outputSchema.empty())
            writer.key("outputSchema").json(outputSchema);
        if (taskSupport)
            writer.key("execution").beginObject().member("taskSupport", taskSupport).endObject();
        if (concurrency || taskOnDemand || onMainThread || maxConcurrent || timeoutMs >= 0 || position != index)
        {
            writer.key("tenon").beginObject();
            if (concurrency)
                writer.member("concurrency", concurrency);
            if (taskOnDemand)
                writer.member("task", "on-demand");
            if (onMainThread)
                writer.member("thread", "main");
            if (maxConcurrent)
                writer.member("maxConcurrent", maxConcurrent);
            if (timeoutMs >= 0)
                writer.member("timeoutMs", timeoutMs);
            if (position != index)
                writer.member("index", index);
            writer.endObject();
        }
        writer.endObject();
    }
};

} // namespace tenon::detail

#endif
