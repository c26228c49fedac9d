#include "plugin/config/PluginSettings.h"

namespace tenon::plugin
{

std::vector<base::SettingSpec> settings()
{
    using enum base::SettingType;
    return {
        {"plugins.directory", PATHS, "plugins", "",
         "Folders with plugin libraries, or single libraries, comma-separated; the first one wins"},
        {"plugins.isolation", CHOICE, "none", "none|process",
         "Where plugins run unless they say otherwise: in the server's process, or each in a worker process"},
        {"plugins.probe", BOOLEAN, "true", "",
         "Load each library in a child process before it is loaded into the server's own"},
        {"plugins.reload", BOOLEAN, "false", "", "Load new and changed libraries, drop removed ones, while running"},
        {"plugins.settleMs", INTEGER, "500", "10..60000",
         "How long a library file must have been left alone to be loaded"},
        {"plugins.graceMs", INTEGER, "2000", "0..600000",
         "How long a call may go on after its deadline before its worker is killed, or, in the server's process, its "
         "thread is written off and replaced"},
        {"plugins.maxLostThreads", INTEGER, "64", "0..100000",
         "Threads that hung calls in the server's process may hold and that are replaced; the calls beyond stay "
         "counted"},
        {"plugins.loadTimeoutMs", INTEGER, "10000", "100..600000", "How long a worker may take to load its plugin"},
        {"plugins.lock", PATH, "", "", "File with the digests of libraries and tool definitions; empty: none"},
        {"plugins.lockMode", CHOICE, "refuse", "refuse|report", "What happens to what differs from the lock file"},
        {"limits.maxQueuedCalls", INTEGER, "1000", "0..1000000", "Calls of one tool that may wait for their turn"},

        {"plugin.*.enabled", BOOLEAN, "true", "", "Whether the plugin is loaded"},
        {"plugin.*.isolation", CHOICE, "none", "none|process", "As plugins.isolation, for this plugin"},
        {"plugin.*.prefix", TEXT, "", "", "Put before the names of the plugin's tools and prompts"},
        {"plugin.*.tools.allow", LIST, "*", "", "Globs of the tools that are offered, by the plugin's own names"},
        {"plugin.*.tools.deny", LIST, "", "", "Globs of the tools that are not offered, by the plugin's own names"},
        {"plugin.*.tool.**", TEXT, "", "",
         "<tool>.title, .description, .annotations.<name>, .timeoutMs, .maxConcurrent, .maxResultBytes: instead of "
         "what the plugin says"},
        {"plugin.*.timeoutMs", INTEGER, "0", "0..86400000", "Deadline of the plugin's calls; 0: none"},
        {"plugin.*.maxConcurrent", INTEGER, "0", "0..100000",
         "Calls of the plugin that may hold a thread at once; 0: two less than http.maxThreads, or 64 in a worker"},
        {"plugin.*.maxCrashes", INTEGER, "5", "1..1000",
         "Crashes within crashWindowMs after which a worker stays down"},
        {"plugin.*.crashWindowMs", INTEGER, "60000", "1000..86400000", "See maxCrashes"},
        {"plugin.*.workers", TEXT, "1", "",
         "Worker processes of the plugin, 1 to 256: calls go to the least busy one, those of a tool with one call per "
         "session always to the same; 'each': a fresh process for each call"},
        {"plugin.*.env.*", TEXT, "", "", "A variable of the workers' environment, which holds nothing of the server's"},
        {"plugin.*.sha256", TEXT, "", "", "The digest the library must have; empty: any"},
        {"plugin.*.limits.memoryMb", INTEGER, "0", "0..1048576", "Address space of the worker; 0: unlimited"},
        {"plugin.*.limits.residentMb", INTEGER, "0", "0..1048576",
         "Memory that the worker may hold in RAM; beyond that it is killed and started again; 0: unlimited"},
        {"plugin.*.limits.cpuSeconds", INTEGER, "0", "0..1000000000", "Processor time of the worker; 0: unlimited"},
        {"plugin.*.limits.descriptors", INTEGER, "0", "0..1048576", "Open files of the worker; 0: unlimited"},
        {"plugin.*.limits.processes", INTEGER, "0", "0..1048576",
         "Processes and threads of the worker's user; 0: unlimited"},
        {"plugin.*.sandbox.read", PATHS, "", "",
         "Files and folders the worker may read; setting any sandbox key confines it"},
        {"plugin.*.sandbox.write", PATHS, "", "", "Files and folders the worker may read and write"},
        {"plugin.*.sandbox.network", BOOLEAN, "false", "", "Whether a confined worker may open sockets"},
        {"plugin.*.sandbox.processes", BOOLEAN, "false", "", "Whether a confined worker may start processes"},
        {"plugin.*.**", TEXT, "", "", "The plugin's own settings"},

        {"attach.enabled", BOOLEAN, "false", "", "Whether programs of this machine may lend their tools"},
        {"attach.socket", PATH, "", "",
         "The socket they connect to; empty: tenon/attach.sock below the runtime folder (/run, or $XDG_RUNTIME_DIR); "
         "on "
         "Windows a pipe, tenon-attach"},
        {"attach.directory", PATH, "", "",
         "Where their offers are kept, so that a server that restarts lists them at once; empty: in $STATE_DIRECTORY "
         "of a "
         "service, else beside the socket"},
        {"attach.group", TEXT, "tenon", "",
         "The group that may open the socket (mode 0660); one that does not exist is not set"},
        {"attach.maxPrograms", INTEGER, "64", "1..1000", "Programs that may be attached at once"},
        {"attach.*.users", LIST, "", "",
         "Users, by name or number, whose programs may attach under this name; *: whoever can open the socket; empty: "
         "nobody"},
        {"attach.*.keepMs", DURATION, "600000", "0..86400000", "How long the tools of a program that went stay listed"},
        {"attach.*.waitMs", DURATION, "5000", "0..600000", "How long a call waits for a program that went"},
        {"attach.*.instances", CHOICE, "many", "many|newest|first",
         "Several programs under this name: all of them, the newest, or the one that came first"},
    };
}

} // namespace tenon::plugin
