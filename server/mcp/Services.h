#pragma once

#include "base/limits/Budget.h"
#include "base/metrics/Metrics.h"
#include "base/settings/Settings.h"
#include "base/threads/Executor.h"
#include "base/threads/Timers.h"
#include "plugin/catalogue/Catalogue.h"
#include "store/Archive.h"
#include "store/Bus.h"
#include "store/EventStore.h"
#include "store/InstanceId.h"
#include "store/SharedQuotas.h"
#include "store/TaskStore.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::mcp
{

/// The settings of this room, read once.
struct Options
{
    std::string implementation; ///< JSON of this server's `Implementation`
    std::string instructions;   ///< for models; empty: none
    std::size_t pageSize = 200;
    std::int64_t listTtlMs = 60'000;
    std::size_t maxSessions = 10'000;
    std::size_t maxSessionsPerPrincipal = 0; ///< 0: no limit
    std::size_t maxTasks = 10'000;
    std::size_t maxCalls = 10'000;        ///< 0: no limit
    std::size_t maxSubscriptions = 1'000; ///< resources of one session or listening stream
    std::size_t maxResultBytes = 16 * 1024 * 1024;
    std::int64_t sessionMs = 3'600'000;
    std::int64_t requestMs = 120'000;
    std::int64_t requestStateMs = 3'600'000;
    std::string requestStateKey; ///< 64 hex digits; empty: made at start
    std::int64_t taskTtlMs = 3'600'000;
    std::int64_t taskPollMs = 500;
    std::uint32_t streamRetryMs = 1'000;
    std::size_t maxBatch = 100;
    unsigned maxQuestionRounds = 3; ///< how often one question is put to a client whose answers do not fit
    bool strictOutput = true;       ///< a result that breaks its outputSchema is an error, not a log line

    /// Errors: base's SettingsException for values that only make sense together or in a form of their own.
    [[nodiscard]] static Options read(const base::Settings& settings);
};

/// The settings of this room.
[[nodiscard]] std::vector<base::SettingSpec> settings();

class OperationListener;

/// What this room works with. All of it outlives the dispatcher.
struct Services
{
    plugin::CatalogueSource& catalogue;
    base::Executor& executor;
    base::Timers& timers;
    base::MetricsRegistry& metrics;
    store::EventStore& events;
    store::TaskStore& tasks;
    Options options;
    OperationListener* operations = nullptr; ///< is told of requests; null: nobody is
    base::Budget* budget = nullptr;          ///< of all that peers make the server hold; null: nobody counts

    // Of one that is backed by more than its memory.
    store::InstanceId instance = {};       ///< names this one in ids; empty: they name nobody
    store::Archive* archive = nullptr;     ///< what outlives it, or is shared; null: nothing is
    store::Bus* bus = nullptr;             ///< to the others; null: there are none
    store::SharedQuotas* quotas = nullptr; ///< what they count together; null: there are none
};

} // namespace tenon::mcp
