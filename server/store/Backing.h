#pragma once

#include "store/Archive.h"
#include "store/Bus.h"
#include "store/InstanceId.h"
#include "store/Settings.h"
#include "store/SharedLimits.h"

#include <memory>

namespace tenon::store
{

/// What stands behind an instance: who it is, an archive, and, if there are others, a bus to them.
///
/// Threading: the owner; what it gives, any thread.
class Backing
{
public:
    /// Null if the settings ask for none. Starts no thread. Errors: Poco::Exception, worded for the operator.
    [[nodiscard]] static std::unique_ptr<Backing> open(const Settings& settings);

    virtual ~Backing() = default;

    /// Connects; from here on there are threads. A Redis that is away is no error.
    virtual void start() = 0;
    virtual void stop() = 0; ///< what is queued is written first

    [[nodiscard]] const InstanceId& instance() const { return _instance; }
    [[nodiscard]] virtual Archive& archive() = 0;
    [[nodiscard]] virtual Bus* bus() = 0;             ///< null: there are no others
    [[nodiscard]] virtual SharedLimits* limits() = 0; ///< the same

    /// A secret that all instances have in common, 64 hex digits; empty: there are no others, or it could not be had at
    /// the start.
    [[nodiscard]] virtual const std::string& secret() const = 0;

protected:
    explicit Backing(InstanceId instance) : _instance(std::move(instance)) {}

private:
    const InstanceId _instance;
};

} // namespace tenon::store
