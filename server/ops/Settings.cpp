#include "ops/Settings.h"

namespace tenon::ops
{

std::vector<base::SettingSpec> settings()
{
    using enum base::SettingType;
    return {
        {"ops.console", BOOLEAN, "true", "",
         "Serve pages for people: / says what this server is, /console/ shows and tries what it offers"},
        {"ops.metrics", CHOICE, "restricted", "restricted|open|off",
         "Who may read /metrics: those with the permission for statistics, or everybody"},
        {"ops.accessLog", CHOICE, "off", "off|combined|text|json", "Write a line for each request, in this form"},
        {"ops.accessLogFile", PATH, "", "", "The access log, rotated; empty: standard error"},
        {"ops.accessLogRotation", TEXT, "100 M", "",
         "When the access log is rotated: 100 M (bytes), 1 days, daily, never"},
        {"ops.accessLogKeep", INTEGER, "5", "1..1000", "Rotated access logs that are kept"},
        {"plugins.required", LIST, "", "", "Plugins without which /ready says 503."},
    };
}

Settings Settings::read(const base::Settings& settings)
{
    return {settings.boolean("ops.console"),
            settings.text("ops.metrics"),
            settings.text("ops.accessLog"),
            settings.text("ops.accessLogFile"),
            settings.text("ops.accessLogRotation"),
            settings.text("ops.accessLogKeep"),
            settings.list("plugins.required"),
            settings.text("http.publicUrl"),
            settings.text("http.mcpPath"),
            settings.text("http.ssePath"),
            settings.text("mcp.name"),
            settings.text("mcp.title"),
            settings.list("auth.type")};
}

} // namespace tenon::ops
