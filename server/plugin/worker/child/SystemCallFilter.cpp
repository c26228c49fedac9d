// The filter of system calls of a confined worker.
#include "plugin/call/LoadException.h"
#include "plugin/config/PluginConfig.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#if TENON_HAS_SECCOMP
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>
#endif

namespace tenon::plugin
{

#if TENON_HAS_SECCOMP

namespace
{

// Ways around what Landlock and the rules below hold back, and what only an administrator's tools do.
constexpr int NEVER[] = {SCMP_SYS(ptrace),
                         SCMP_SYS(process_vm_readv),
                         SCMP_SYS(process_vm_writev),
                         SCMP_SYS(bpf),
                         SCMP_SYS(perf_event_open),
                         SCMP_SYS(io_uring_setup),
                         SCMP_SYS(io_uring_enter),
                         SCMP_SYS(io_uring_register),
                         SCMP_SYS(userfaultfd),
                         SCMP_SYS(keyctl),
                         SCMP_SYS(add_key),
                         SCMP_SYS(request_key),
                         SCMP_SYS(mount),
                         SCMP_SYS(umount2),
                         SCMP_SYS(pivot_root),
                         SCMP_SYS(chroot),
                         SCMP_SYS(setns),
                         SCMP_SYS(unshare),
                         SCMP_SYS(open_by_handle_at),
                         SCMP_SYS(init_module),
                         SCMP_SYS(finit_module),
                         SCMP_SYS(delete_module),
                         SCMP_SYS(kexec_load),
                         SCMP_SYS(reboot),
                         SCMP_SYS(swapon),
                         SCMP_SYS(swapoff),
                         SCMP_SYS(settimeofday),
                         SCMP_SYS(clock_settime),
                         SCMP_SYS(sethostname),
                         SCMP_SYS(setdomainname),
                         SCMP_SYS(acct),
                         SCMP_SYS(quotactl),
                         SCMP_SYS(tkill),
                         SCMP_SYS(rt_sigqueueinfo),
                         SCMP_SYS(rt_tgsigqueueinfo),
                         SCMP_SYS(pidfd_open),
                         SCMP_SYS(pidfd_getfd),
                         SCMP_SYS(pidfd_send_signal)};

class Filter
{
public:
    Filter() : _context(seccomp_init(SCMP_ACT_ALLOW), seccomp_release)
    {
        if (!_context)
            throw LoadException("its sandbox cannot be set up: libseccomp refuses");
    }

    /// The call fails with `error`, if the comparison holds where there is one.
    template <typename... Comparison>
    void deny(int call, int error, Comparison... comparison)
    {
        check(seccomp_rule_add(_context.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call,
                               sizeof...(comparison), comparison...));
    }

    void enforce() { check(seccomp_load(_context.get())); }

private:
    static void check(int error)
    {
        if (error != 0)
            throw LoadException(std::string("its sandbox cannot be set up: libseccomp: ") + std::strerror(-error));
    }

    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> _context;
};

} // namespace

void filterSystemCalls(const Sandbox& sandbox)
{
    Filter filter;
    for (const int call : NEVER)
        filter.deny(call, EPERM);
    // Signals reach this process alone; the server belongs to the same user.
    const scmp_arg_cmp another{0, SCMP_CMP_NE, static_cast<scmp_datum_t>(getpid()), 0};
    filter.deny(SCMP_SYS(kill), EPERM, another);
    filter.deny(SCMP_SYS(tgkill), EPERM, another);
    if (!sandbox.network)
        filter.deny(SCMP_SYS(socket), EACCES);
    if (!sandbox.processes)
    {
        for (const int call : {SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(execve), SCMP_SYS(execveat)})
            filter.deny(call, EPERM);
        // Threads are made with clone; clone3 hides its flags from a filter, so the C library must do without it.
        filter.deny(SCMP_SYS(clone3), ENOSYS);
        filter.deny(SCMP_SYS(clone), EPERM, scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0});
    }
    filter.enforce();
}

#else

void filterSystemCalls(const Sandbox&)
{
    throw LoadException("its sandbox cannot be set up: this server was built without libseccomp");
}

#endif

} // namespace tenon::plugin
