#include <tenon/tenon.h>

#include <string.h>

/* Resources in C, without any allocation: one static instance, finished JSON handed over as text. */

static const tenon_value_api* value;

static tenon_text text(const char* zero_terminated)
{
    tenon_text borrowed;
    borrowed.data = zero_terminated;
    borrowed.size = strlen(zero_terminated);
    return borrowed;
}

static bool equals(tenon_text a, const char* b)
{
    return a.size == strlen(b) && memcmp(a.data, b, (size_t)a.size) == 0;
}

static tenon_text TENON_ABI list(tenon_plugin* plugin)
{
    (void)plugin;
    return text("[{\"uri\": \"cnotes://about\", \"name\": \"about\", \"mimeType\": \"text/plain\"}]");
}

static tenon_status TENON_ABI read(tenon_plugin* plugin, tenon_call* call)
{
    (void)plugin;
    if (!equals(value->text(value->member(call->arguments, text("uri"))), "cnotes://about"))
        return TENON_ERROR_NOT_FOUND;
    return call->api->finish(call, text("{\"contents\": [{\"uri\": \"cnotes://about\", \"mimeType\": \"text/plain\","
                                        " \"text\": \"Written in C.\"}]}"));
}

static const tenon_resources resources = {sizeof(tenon_resources), 0, list, NULL, read, NULL, NULL};

static const void* TENON_ABI extension(tenon_plugin* plugin, const char* id)
{
    (void)plugin;
    return strcmp(id, TENON_EXT_RESOURCES) == 0 ? &resources : NULL;
}

static void TENON_ABI destroy(tenon_plugin* plugin)
{
    (void)plugin;
}

static tenon_plugin instance;

static tenon_status TENON_ABI create(const tenon_host* host, tenon_plugin** plugin)
{
    value = (const tenon_value_api*)host->extension(host, TENON_EXT_VALUE);
    if (!value)
        return TENON_ERROR_UNSUPPORTED;
    instance.struct_size = sizeof instance;
    instance.manifest = text("{\"name\": \"notes\", \"version\": \"1.0.0\"}");
    instance.destroy = destroy;
    instance.extension = extension;
    *plugin = &instance;
    return TENON_OK;
}

const tenon_plugin_entry tenon_entry = {sizeof(tenon_plugin_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, create};
