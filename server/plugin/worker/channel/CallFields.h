#pragma once

#include "plugin/call/Instance.h"
#include "plugin/worker/channel/Frame.h"

#include <cstdint>
#include <string>

namespace tenon::plugin
{

/// What is asked of `CallBackend::clientHas` on the way to a worker: all features, one bit each.
[[nodiscard]] inline std::uint64_t featuresOf(const CallBackend& call)
{
    std::uint64_t features = 0;
    for (tenon_client_feature feature = TENON_CLIENT_ELICITATION; feature <= TENON_CLIENT_TASK; ++feature)
        if (call.clientHas(feature))
            features |= std::uint64_t(1) << feature;
    return features;
}

/// A call as the body of CALL, behind what `body` holds. `arguments` replaces those of the call; null: nothing does.
inline void writeCall(std::string& body, Target target, std::uint32_t index, const CallBackend& call,
                      const std::string* arguments = nullptr)
{
    FieldWriter out(body);
    out.number(static_cast<std::uint64_t>(target)).number(index).number(featuresOf(call)).number(call.deadlineMs());
    const CallOrigin origin = call.origin();
    out.text(origin.principal).text(origin.session);
    out.text(origin.traceparent).text(origin.tracestate).text(origin.baggage);
    out.text(arguments ? *arguments : base::toJson(call.arguments()));
    out.text(origin.hasMeta ? base::toJson(origin.meta) : std::string());
}

} // namespace tenon::plugin
