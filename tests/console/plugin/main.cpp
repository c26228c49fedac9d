#include <tenon/plugin.hpp>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>

/// What the console has to show: every kind of field, every kind of result, a crash, as many tools as a test wants.

namespace
{

// Members that no C++ type of the SDK gives: variants, titles of constants, lists to choose several from.
constexpr const char* EVERY_FIELD = R"({"type":"object","required":["name","level","size"],"properties":{
  "name":{"type":"string","title":"Your name","description":"As it stands in the passport.","minLength":2},
  "level":{"oneOf":[{"const":1,"title":"Low"},{"const":2,"title":"High"}]},
  "size":{"type":"integer","minimum":1,"maximum":10,"default":3},
  "day":{"type":"string","format":"date"},
  "mail":{"type":"string","format":"email"},
  "flag":{"type":"boolean"},
  "colours":{"type":"array","items":{"anyOf":[{"const":"r","title":"Red"},{"const":"g","title":"Green"}]}},
  "tags":{"type":"array","items":{"type":"string"},"maxItems":3},
  "place":{"type":"object","required":["city"],"properties":{"city":{"type":"string"},
    "position":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}}}}},
  "shape":{"oneOf":[{"title":"Circle","type":"object","required":["kind","radius"],"properties":{"kind":{"const":"circle"},"radius":{"type":"number"}}},
    {"title":"Square","type":"object","required":["kind","side"],"properties":{"kind":{"const":"square"},"side":{"type":"number"}}}]},
  "anything":{}}})";

constexpr const char* MARKDOWN = "# A report\n\nWith **strong** words, `code` and a [link](https://example.org/).\n\n- "
                                 "one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";

constexpr const char* TABLE = R"({"rows":[{"city":"Berlin","people":3700000},{"city":"Paris","people":2100000}]})";
constexpr const char* TABLE_SCHEMA =
    R"({"type":"object","properties":{"rows":{"type":"array","items":{"type":"object","properties":{"city":{"type":"string"},"people":{"type":"integer"}}}}}})";

void addFields(tenon::Plugin& plugin)
{
    plugin.tool("show_form", "Answers what it is given; has every kind of field")
        .inputSchema(EVERY_FIELD)
        .annotations(tenon::readOnly())
        .handle([](const tenon::Value& arguments) { return arguments.json(); });
}

void addResults(tenon::Plugin& plugin)
{
    plugin.tool("show_markdown", "A text in Markdown")
        .annotations(tenon::readOnly())
        .handle([] { return std::string(MARKDOWN); });
    plugin.tool("show_table", "Rows")
        .outputSchema(TABLE_SCHEMA)
        .annotations(tenon::readOnly())
        .handle([] { return tenon::Result().structured(tenon::Json{TABLE}); });
    plugin.tool("show_crash", "Ends the worker that it runs in").handle([] { std::abort(); });
}

void addView(tenon::Plugin& plugin)
{
    constexpr const char* VIEW = R"(<!doctype html><html lang="en"><title>t</title><p id="out">waiting</p><script>
const out = document.getElementById('out'); let id = 0; const open = new Map();
const ask = (method, params) => new Promise((done, fail) => { open.set(++id, { done, fail }); parent.postMessage({ jsonrpc: '2.0', id, method, params }, '*'); });
addEventListener('message', ({ data }) => {
  if (data.method === 'ui/notifications/tool-input') out.textContent += ' input ' + JSON.stringify(data.params.arguments);
  else if (data.method === 'ui/notifications/tool-result') out.textContent += ' result ' + data.params.content[0].text;
  else if (data.id && open.has(data.id)) data.error ? open.get(data.id).fail(data.error) : open.get(data.id).done(data.result);
});
(async () => {
  const host = await ask('ui/initialize', { protocolVersion: '2026-01-26', appInfo: { name: 't', version: '1' }, appCapabilities: {} });
  out.textContent = 'host ' + host.hostInfo.name;
  parent.postMessage({ jsonrpc: '2.0', method: 'ui/notifications/initialized' }, '*');
  await ask('tools/call', { name: 'show_for_model', arguments: {} }).catch((error) => { out.textContent += ' refused'; });
  const own = await ask('tools/call', { name: 'show_for_view', arguments: {} });
  out.textContent += ' view says ' + own.content[0].text;
  await fetch('/health').then(() => { out.textContent += ' REACHED'; }, () => { out.textContent += ' kept in'; });
  try { parent.document.title; out.textContent += ' ESCAPED'; } catch { out.textContent += ' apart'; }
})();
</script></html>)";
    plugin.tool("show_view", "Has a view")
        .param<std::string>("word", "What the view is told", tenon::defaultTo(std::string("hello")))
        .annotations(tenon::readOnly())
        .ui("ui://showcase/view", VIEW)
        .handle([](const std::string& word) { return word; });
    plugin.tool("show_for_view", "For views alone")
        .annotations(tenon::readOnly())
        .ui(tenon::Ui("ui://showcase/view", VIEW).visibleTo(tenon::UiVisibility::App))
        .handle([] { return std::string("own"); });
    plugin.tool("show_for_model", "Not for views")
        .annotations(tenon::readOnly())
        .ui(tenon::Ui("ui://showcase/view", VIEW).visibleTo(tenon::UiVisibility::Model))
        .handle([] { return std::string("no"); });
}

void addNews(tenon::Plugin& plugin)
{
    constexpr const char* STATE = "show://state";
    auto count = std::make_shared<std::atomic<int>>(0);
    plugin.resource(STATE, "state", "How often it was touched")
        .mimeType("text/plain")
        .handle([count] { return "touched " + std::to_string(*count) + " times"; });
    plugin.tool("show_touch", "Changes the resource show://state")
        .handle(
            [count, &plugin]
            {
                ++*count;
                plugin.resourceUpdated(STATE);
                return std::string("touched");
            });
    plugin.tool("show_task", "May run as a task")
        .taskSupport(tenon::TaskSupport::Optional)
        .handle([] { return std::string("done as asked"); });
}

} // namespace

TENON_PLUGIN("showcase", "1.0.0", plugin)
{
    const int many = plugin.setting("tools", 0, "How many further tools there are", "0..10000");
    addFields(plugin);
    addResults(plugin);
    addView(plugin);
    addNews(plugin);
    for (int i = 0; i < many; ++i)
        plugin.tool("many_" + std::to_string(i), "One of many tools, number " + std::to_string(i))
            .annotations(tenon::readOnly())
            .handle([] { return std::string("many"); });
}
