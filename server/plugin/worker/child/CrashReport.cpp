#include "plugin/worker/child/CrashReport.h"

#include "plugin/process/Library.h"
#include "plugin/worker/process/WorkerOutput.h"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include <unistd.h>

#if __has_include(<execinfo.h>)
#include <dlfcn.h>
#include <execinfo.h>
#define TENON_HAS_BACKTRACE 1
#endif

namespace tenon::plugin
{

namespace
{

char pluginName[128];
char pluginFile[160];

// Only what a signal handler may call; snprintf is not among it.
void put(const char* text)
{
    if (write(STDERR_FILENO, text, std::strlen(text)) < 0)
        return;
}

#if defined(TENON_HAS_BACKTRACE)
void putHex(std::uintptr_t number)
{
    char digits[2 * sizeof number + 1];
    char* at = digits + sizeof digits;
    *--at = '\0';
    do
        *--at = "0123456789abcdef"[number & 15];
    while (number >>= 4);
    put("0x");
    put(at);
}

/// A frame as backtrace_symbols_fd writes it, but the plugin by its file: it is loaded from a descriptor, whose name helps
/// nobody. What stands behind the plus sign is what addr2line takes.
void putFrame(void* frame)
{
    constexpr const char* DESCRIPTORS = "/proc/self/fd/";
    const auto address = reinterpret_cast<std::uintptr_t>(frame);
    Dl_info found{};
    if (dladdr(frame, &found) != 0 && found.dli_fname)
    {
        put(std::strncmp(found.dli_fname, DESCRIPTORS, std::strlen(DESCRIPTORS)) == 0 ? pluginFile : found.dli_fname);
        put("(");
        if (found.dli_sname)
            put(found.dli_sname);
        put("+");
        putHex(address - reinterpret_cast<std::uintptr_t>(found.dli_sname ? found.dli_saddr : found.dli_fbase));
        put(") ");
    }
    put("[");
    putHex(address);
    put("]\n");
}
#endif

void report(int signal)
{
    char number[] = "00";
    number[0] = static_cast<char>('0' + signal / 10 % 10);
    number[1] = static_cast<char>('0' + signal % 10);
    put(CRASH_REPORT_BEGIN);
    put(pluginName);
    put("' crashed in its worker with signal ");
    put(number);
    put("\n");
#if defined(TENON_HAS_BACKTRACE)
    std::array<void*, 48> frames;
    const int count = backtrace(frames.data(), static_cast<int>(frames.size()));
    for (int frame = 0; frame < count; ++frame)
        putFrame(frames[static_cast<std::size_t>(frame)]);
#endif
    std::signal(signal, SIG_DFL);
    raise(signal);
}

/// A stack for the handlers of one thread. What was there before is put back: a sanitizer frees its own at the thread's
/// end, whatever is registered then.
class SignalStack
{
public:
    SignalStack() : _memory(new char[SIZE])
    {
        stack_t stack{};
        stack.ss_sp = _memory.get();
        stack.ss_size = SIZE;
        sigaltstack(&stack, &_before);
    }
    ~SignalStack() { sigaltstack(&_before, nullptr); }
    SignalStack(const SignalStack&) = delete;
    SignalStack& operator=(const SignalStack&) = delete;

private:
    static constexpr std::size_t SIZE = 64 * 1024;

    const std::unique_ptr<char[]> _memory;
    stack_t _before{};
};

} // namespace

void installCrashReport(const std::string& plugin)
{
    std::strncpy(pluginName, plugin.c_str(), sizeof pluginName - 1);
    std::strncpy(pluginFile, (plugin + Library::suffix()).c_str(), sizeof pluginFile - 1);
#if defined(TENON_HAS_BACKTRACE)
    // The first use loads a library, which a handler must not.
    std::array<void*, 1> frame;
    backtrace(frame.data(), 1);
#endif
    struct sigaction action
    {
    };
    action.sa_handler = report;
    action.sa_flags = SA_ONSTACK | SA_NODEFER;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        sigaction(signal, &action, nullptr);
}

void provideSignalStack()
{
    thread_local const SignalStack stack;
    (void)stack;
}

} // namespace tenon::plugin
