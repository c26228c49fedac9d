#include <tenon/plugin.hpp>

TENON_PLUGIN("skills", "1.0.0", plugin)
{
    plugin
        .skill("skill://acme/invoices", "How invoices are written at Acme",
               "# Invoices\n\nNumber them by year. See [an example](examples/first.md).\n")
        .file("examples/first.md", "Invoice 2026-0001\n", "text/markdown");
}
