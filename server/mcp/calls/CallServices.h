#pragma once

#include "base/limits/HolderBudgets.h"
#include "mcp/Services.h"
#include "mcp/calls/CallTable.h"
#include "mcp/calls/LargeResults.h"
#include "mcp/calls/RequestState.h"
#include "mcp/offer/OperationFigures.h"
#include "mcp/revisions/Results.h"
#include "mcp/tasks/Tasks.h"

namespace tenon::mcp
{

/// What all calls work with. Outlives them, but for what plugins still hold of calls that have ended.
struct CallServices
{
    Services& services;
    const Options& options;
    const ResultMeta& meta;
    const StateSealer& sealer;
    Tasks& tasks;
    CallTable& table;
    LargeResults& large;
    OperationFigures& figures;
    base::HolderBudgets& memory; ///< of what clients make calls keep
};

} // namespace tenon::mcp
