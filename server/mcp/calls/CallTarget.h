#pragma once

#include "mcp/revisions/Results.h"
#include "plugin/catalogue/Catalogue.h"

#include <cstdint>
#include <string>

namespace tenon::mcp
{

/// The target of a call.
struct CallTarget
{
    plugin::Target kind = plugin::Target::TOOL;
    plugin::Instance* instance = nullptr; ///< the catalogue keeps it
    std::uint32_t index = 0;
    const plugin::ToolEntry* tool = nullptr; ///< TOOL only; the catalogue keeps it
    std::string subject;                     ///< tool or prompt name, URI: for state, errors and logs
    bool filledIn = false; ///< the client gave more than a name that is listed: a template's variables, arguments

    [[nodiscard]] ResultKind resultKind() const
    {
        switch (kind)
        {
        case plugin::Target::TOOL:
            return ResultKind::CALL_TOOL;
        case plugin::Target::RESOURCE:
            return ResultKind::READ_RESOURCE;
        case plugin::Target::PROMPT:
            return ResultKind::GET_PROMPT;
        case plugin::Target::COMPLETION:
            return ResultKind::COMPLETE;
        case plugin::Target::DIRECTORY:
            return ResultKind::READ_DIRECTORY;
        case plugin::Target::SUBSCRIBE:
        case plugin::Target::UNSUBSCRIBE:
            break; // no request of a client is one of these
        }
        return ResultKind::CALL_TOOL;
    }

    /// A tool has a queue of its own, the plugin's other kinds of entries share one. Null: it may always enter.
    [[nodiscard]] plugin::EntryQueue* queue() const { return tool ? tool->queue.get() : instance->queue(); }

    /// The specification lets three requests ask the client: tools/call, resources/read and prompts/get.
    [[nodiscard]] bool mayAsk() const
    {
        return kind != plugin::Target::COMPLETION && kind != plugin::Target::DIRECTORY;
    }
};

} // namespace tenon::mcp
