#include "plugin/upstream/UpstreamLists.h"

#include "base/json/JsonWriter.h"

#include <utility>

namespace tenon::plugin
{

UpstreamLists::UpstreamLists(const UpstreamConfig& config) : _config(config), _offer(emptyOffer(config.offer.name)) {}

UpstreamLists::News UpstreamLists::take(UpstreamOffer read)
{
    News news;
    for (const auto& remark : read.remarks)
        news.remarks += (news.remarks.empty() ? "" : "; ") + remark;
    const std::lock_guard lock(_mutex);
    Offer offer = _numbers.rewrite(read.offer, _config.offer.name, {});
    news.changed = offer != _offer;
    _offer = std::move(offer);
    _safe = std::move(read.safe);
    _tasksOnly = std::move(read.tasksOnly);
    _known = true;
    if (news.remarks == _remarks)
        news.remarks.clear();
    else
        _remarks = news.remarks;
    return news;
}

bool UpstreamLists::known() const
{
    const std::lock_guard lock(_mutex);
    return _known;
}

Offer UpstreamLists::offer() const
{
    const std::lock_guard lock(_mutex);
    return _offer;
}

bool UpstreamLists::mayHaveUnlisted(UnlistedResources::Use use) const
{
    const std::lock_guard lock(_mutex);
    // Subscriptions go over everybody's session: a caller would hear of what its own token does not open.
    return use == UnlistedResources::Use::READ ? _offer.readsResources : _offer.subscribes && _config.forwardTo.empty();
}

UpstreamRequest UpstreamLists::requestFor(Target target, std::uint32_t index, const CallBackend& call) const
{
    UpstreamRequest request;
    request.logLevel = _config.logLevel;
    request.safe = target != Target::TOOL;
    base::JsonWriter out(request.params);
    if (target == Target::TOOL || target == Target::PROMPT)
    {
        const std::lock_guard lock(_mutex);
        request.name = _numbers.nameOf(target, index);
        request.safe = request.safe || _safe.contains(request.name);
        request.needsTask = target == Target::TOOL && _tasksOnly.contains(request.name);
    }
    switch (target)
    {
    case Target::TOOL:
        request.method = "tools/call";
        request.arguments = base::toJson(call.arguments());
        out.beginObject().member("name", request.name).rawMember("arguments", request.arguments).endObject();
        break;
    case Target::PROMPT:
        request.method = "prompts/get";
        out.beginObject().member("name", request.name).member("arguments", call.arguments()).endObject();
        break;
    case Target::COMPLETION:
        request.method = "completion/complete";
        out.value(call.arguments());
        break;
    default:
        request.method = "resources/read";
        request.name = base::textMember(call.arguments(), "uri");
        out.beginObject().member("uri", request.name).endObject();
    }
    return request;
}

} // namespace tenon::plugin
