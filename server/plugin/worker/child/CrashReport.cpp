#include "plugin/worker/child/CrashReport.h"

#include "plugin/worker/process/WorkerOutput.h"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <memory>

#include <unistd.h>

#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define TENON_HAS_BACKTRACE 1
#endif

namespace tenon::plugin
{

namespace
{

char pluginName[128];

// Only what a signal handler may call; snprintf is not among it.
void put(const char* text)
{
    if (write(STDERR_FILENO, text, std::strlen(text)) < 0)
        return;
}

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
    backtrace_symbols_fd(frames.data(), count, STDERR_FILENO);
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
