#include <tenon/tenon.h>

#include <stdlib.h>
#include <string.h>

/* One instance: the ABI's struct first, then what the plugin needs. */
struct hello
{
    tenon_plugin plugin;
    const tenon_value_api* value;
    const tenon_writer_api* writer;
};

static tenon_text text(const char* zero_terminated)
{
    tenon_text borrowed;
    borrowed.data = zero_terminated;
    borrowed.size = strlen(zero_terminated);
    return borrowed;
}

static tenon_text TENON_ABI list_tools(tenon_plugin* plugin)
{
    (void)plugin;
    return text("[{\"name\": \"greet_c\", \"description\": \"Greets somebody by name\","
                "  \"inputSchema\": {\"type\": \"object\","
                "    \"properties\": {\"name\": {\"type\": \"string\", \"description\": \"Whom to greet\"}},"
                "    \"required\": [\"name\"], \"additionalProperties\": false},"
                "  \"annotations\": {\"readOnlyHint\": true}}]");
}

static tenon_status TENON_ABI call_tool(tenon_plugin* plugin, uint32_t index, tenon_call* call)
{
    const struct hello* hello = (const struct hello*)plugin->plugin_data;
    const tenon_writer_api* w = hello->writer;
    tenon_text name;
    char greeting[256] = "Hello, ";

    if (index != 0)
        return TENON_ERROR_NOT_FOUND;

    /* The host has checked the arguments against the inputSchema: "name" is there, and a text. */
    name = hello->value->text(hello->value->member(call->arguments, text("name")));
    if (name.size > 200)
        return call->api->fail(call, TENON_ERROR_FAILED, text("The name is too long: 200 bytes at most."));
    strncat(greeting, name.data, (size_t)name.size);
    strcat(greeting, "!");

    w->begin_object(call);
    w->key(call, text("content"));
    w->begin_array(call);
    w->begin_object(call);
    w->key(call, text("type"));
    w->text(call, text("text"));
    w->key(call, text("text"));
    w->text(call, text(greeting));
    w->end_object(call);
    w->end_array(call);
    w->end_object(call);
    return w->finish(call);
}

static const tenon_tools tools = {sizeof(tenon_tools), 0, list_tools, call_tool};

static const void* TENON_ABI extension(tenon_plugin* plugin, const char* id)
{
    (void)plugin;
    return strcmp(id, TENON_EXT_TOOLS) == 0 ? &tools : NULL;
}

static void TENON_ABI destroy(tenon_plugin* plugin)
{
    free(plugin->plugin_data);
}

static tenon_status TENON_ABI create(const tenon_host* host, tenon_plugin** plugin)
{
    struct hello* hello = (struct hello*)calloc(1, sizeof *hello);
    if (!hello)
        return TENON_ERROR_RESOURCES;
    hello->value = (const tenon_value_api*)host->extension(host, TENON_EXT_VALUE);
    hello->writer = (const tenon_writer_api*)host->extension(host, TENON_EXT_WRITER);
    if (!hello->value || !hello->writer)
    {
        free(hello);
        return TENON_ERROR_UNSUPPORTED;
    }
    hello->plugin.struct_size = sizeof hello->plugin;
    hello->plugin.plugin_data = hello;
    hello->plugin.manifest = text("{\"name\": \"hello_c\", \"version\": \"1.0.0\"}");
    hello->plugin.destroy = destroy;
    hello->plugin.extension = extension;
    *plugin = &hello->plugin;
    return TENON_OK;
}

const tenon_plugin_entry tenon_entry = {sizeof(tenon_plugin_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, create};
