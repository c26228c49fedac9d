/* A program with a loop of its own that lends two tools: its counter belongs to its main thread, which runs the calls. */
#include <tenon/attach.h>
#include <tenon/tenon.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
#else
#include <poll.h>
#endif

static int counter;
static volatile sig_atomic_t running = 1;

static tenon_text text(const char* literal)
{
    tenon_text view = {literal, strlen(literal)};
    return view;
}

static tenon_text TENON_ABI list(tenon_plugin* plugin)
{
    (void)plugin;
    return text("[{\"name\": \"count\", \"description\": \"Counts up and tells where the program is\","
                "  \"inputSchema\": {\"type\": \"object\", \"properties\": {}}, \"tenon\": {\"thread\": \"main\"}},"
                " {\"name\": \"quit\", \"description\": \"Lets the program end\","
                "  \"inputSchema\": {\"type\": \"object\", \"properties\": {}}, \"tenon\": {\"thread\": \"main\"}}]");
}

static tenon_status TENON_ABI call_tool(tenon_plugin* plugin, uint32_t index, tenon_call* call)
{
    char result[128];
    (void)plugin;
    if (index == 1)
        running = 0;
    else
        ++counter; /* no lock: this is the thread that counts below, too */
    snprintf(result, sizeof result, "{\"content\": [{\"type\": \"text\", \"text\": \"%d\"}]}", counter);
    return call->api->finish(call, text(result));
}

static const tenon_tools tools = {sizeof(tenon_tools), 0, list, call_tool};

static const void* TENON_ABI extension(tenon_plugin* plugin, const char* id)
{
    (void)plugin;
    return strcmp(id, TENON_EXT_TOOLS) == 0 ? &tools : NULL;
}

static void TENON_ABI destroy(tenon_plugin* plugin)
{
    (void)plugin;
}

static tenon_plugin this_program;

static tenon_status TENON_ABI create(const tenon_host* host, tenon_plugin** plugin)
{
    (void)host;
    this_program.struct_size = sizeof this_program;
    this_program.manifest = text("{\"name\": \"counter\", \"version\": \"1.0.0\"}");
    this_program.destroy = destroy;
    this_program.extension = extension;
    *plugin = &this_program;
    return TENON_OK;
}

static const tenon_plugin_entry entry = {sizeof(tenon_plugin_entry), TENON_ABI_MAJOR, TENON_ABI_MINOR, create};

/* What the program waits for itself would be in the array, too. */
static void wait_for_calls(tenon_attachment* attachment)
{
#ifdef _WIN32
    HANDLE ready[] = {(HANDLE)tenon_attach_descriptor(attachment)};
    WaitForMultipleObjects(1, ready, FALSE, 100);
#else
    struct pollfd ready[] = {{(int)tenon_attach_descriptor(attachment), POLLIN, 0}};
    poll(ready, 1, 100);
#endif
}

static void stop(int signal)
{
    (void)signal;
    running = 0;
}

int main(int argc, char** argv)
{
    tenon_attach_options options = {0};
    tenon_attachment* attachment;
    tenon_attach_state before = TENON_ATTACH_CONNECTING;
    options.struct_size = sizeof options;
    options.entry = &entry;
    options.name = "counter";
    options.title = argc > 1 ? argv[1] : NULL;
    signal(SIGTERM, stop);
    if (tenon_attach(&options, &attachment) != TENON_OK)
        return 1;
    while (running)
    {
        tenon_attach_state state;
        wait_for_calls(attachment);
        tenon_attach_poll(attachment, 0);
        state = tenon_attach_state_of(attachment);
        if (state != before)
        {
            char reason[256];
            tenon_attach_reason(attachment, reason, sizeof reason);
            puts(state == TENON_ATTACH_ATTACHED ? "attached" : reason);
            fflush(stdout);
            before = state;
        }
    }
    tenon_detach(attachment);
    return 0;
}
