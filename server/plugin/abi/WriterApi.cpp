#include "plugin/abi/WriterApi.h"

#include "plugin/abi/HostCall.h"
#include "plugin/abi/ValueApi.h"

namespace tenon::plugin
{

namespace
{

ResultWriter& writerOf(tenon_call* call)
{
    return HostCall::of(call).writer();
}

void TENON_ABI value(tenon_call* call, tenon_value value)
{
    if (value.document)
        writerOf(call).value(toElement(value));
    else
        writerOf(call).refuse();
}

tenon_text TENON_ABI written(tenon_call* call)
{
    ResultWriter& writer = writerOf(call);
    return writer.complete() ? toText(writer.output()) : tenon_text{nullptr, 0};
}

const tenon_writer_api API = {
    sizeof(tenon_writer_api),
    0,
    [](tenon_call* call) { writerOf(call).beginObject(); },
    [](tenon_call* call) { writerOf(call).endObject(); },
    [](tenon_call* call) { writerOf(call).beginArray(); },
    [](tenon_call* call) { writerOf(call).endArray(); },
    [](tenon_call* call, tenon_text name) { writerOf(call).key(toView(name)); },
    [](tenon_call* call, tenon_text text) { writerOf(call).text(toView(text)); },
    [](tenon_call* call, std::int64_t number) { writerOf(call).integer(number); },
    [](tenon_call* call, double number) { writerOf(call).number(number); },
    [](tenon_call* call, bool flag) { writerOf(call).boolean(flag); },
    [](tenon_call* call) { writerOf(call).null(); },
    [](tenon_call* call, const void* data, std::uint64_t size) { writerOf(call).base64(data, size); },
    value,
    [](tenon_call* call, tenon_text json) { writerOf(call).json(toView(json)); },
    [](tenon_call* call) { writerOf(call).reset(); },
    written,
    [](tenon_call* call) { return HostCall::of(call).finishWritten(); },
};

} // namespace

const tenon_writer_api& writerApi()
{
    return API;
}

} // namespace tenon::plugin
