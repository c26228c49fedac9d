#include <tenon/plugin.hpp>

TENON_PLUGIN("view", "1.0.0", plugin)
{
    constexpr const char* FACE = R"(<!doctype html>
<title>Clock</title>
<p id="time">…</p>
<script>
  const send = (message) => parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
  addEventListener('message', ({ data }) => {
    if (data.id === 1) send({ method: 'ui/notifications/initialized' });
    if (data.method === 'ui/notifications/tool-result') document.getElementById('time').textContent = data.params.content[0].text;
  });
  send({ id: 1, method: 'ui/initialize', params: { protocolVersion: '2026-01-26', appInfo: { name: 'clock', version: '1' }, appCapabilities: {} } });
</script>)";

    plugin.tool("noon", "Tells when noon is")
        .annotations(tenon::readOnly())
        .ui("ui://clock/face", FACE)
        .handle([] { return "12:00"; });

    // What the document needs beyond its host is declared; a host need not grant it.
    plugin.tool("map", "Shows a map")
        .ui(tenon::Ui("ui://clock/map", "<!doctype html><title>Map</title>")
                .connectTo({"https://tiles.example"})
                .loadFrom({"https://tiles.example"})
                .permission(tenon::UiPermission::Geolocation)
                .prefersBorder())
        .handle([] { return "Berlin"; });

    // For the view alone: hosts do not show it to models.
    plugin.tool("tick", "Asks for the time again")
        .ui(tenon::Ui("ui://clock/face", FACE).visibleTo(tenon::UiVisibility::App))
        .handle([] { return "12:01"; });
}
