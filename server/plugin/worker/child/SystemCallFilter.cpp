#include "plugin/worker/child/SystemCallFilter.h"

#include "plugin/call/LoadException.h"

#if TENON_HAS_SECCOMP

#include <cerrno>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

// Calls that reach nothing but this process, its descriptors, and the files that Landlock leaves it.
constexpr int HARMLESS[] = {
    // memory
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(msync), SCMP_SYS(mincore), SCMP_SYS(mlock), SCMP_SYS(mlock2), SCMP_SYS(munlock), SCMP_SYS(memfd_create),
    SCMP_SYS(membarrier), SCMP_SYS(pkey_alloc), SCMP_SYS(pkey_free), SCMP_SYS(pkey_mprotect),
    // threads
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(arch_prctl), SCMP_SYS(gettid), SCMP_SYS(sched_yield), SCMP_SYS(getcpu), SCMP_SYS(exit),
    SCMP_SYS(exit_group), SCMP_SYS(restart_syscall), SCMP_SYS(sched_get_priority_max), SCMP_SYS(sched_get_priority_min),
    // signals of its own
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigsuspend), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(signalfd4), SCMP_SYS(pause),
    // time
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
    SCMP_SYS(timerfd_gettime), SCMP_SYS(setitimer), SCMP_SYS(getitimer), SCMP_SYS(alarm),
    // who and where it is
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getpgrp), SCMP_SYS(getpgid), SCMP_SYS(getsid), SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getresuid), SCMP_SYS(getresgid),
    SCMP_SYS(getgroups), SCMP_SYS(capget), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
    SCMP_SYS(getrandom), SCMP_SYS(umask), SCMP_SYS(getcwd), SCMP_SYS(chdir), SCMP_SYS(fchdir),
    // descriptors
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
    SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2), SCMP_SYS(pwritev2), SCMP_SYS(lseek), SCMP_SYS(close),
    SCMP_SYS(close_range), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create),
    SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
    SCMP_SYS(eventfd), SCMP_SYS(eventfd2), SCMP_SYS(sendfile), SCMP_SYS(splice), SCMP_SYS(tee), SCMP_SYS(vmsplice),
    SCMP_SYS(copy_file_range), SCMP_SYS(flock), SCMP_SYS(fadvise64), SCMP_SYS(readahead),
    // files, where Landlock allows it
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs),
    SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getdents), SCMP_SYS(getdents64), SCMP_SYS(getxattr), SCMP_SYS(lgetxattr),
    SCMP_SYS(fgetxattr), SCMP_SYS(listxattr), SCMP_SYS(llistxattr), SCMP_SYS(flistxattr), SCMP_SYS(creat),
    SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
    SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat),
    SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(sync_file_range), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
    // connected sockets, of which the channel is one
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
    SCMP_SYS(shutdown), SCMP_SYS(getsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername)};

// For who follows files that it may read. Landlock does not look at what is watched.
constexpr int WATCHES[] = {SCMP_SYS(inotify_init), SCMP_SYS(inotify_init1), SCMP_SYS(inotify_add_watch),
                           SCMP_SYS(inotify_rm_watch)};

constexpr int FCNTL_COMMANDS[] = {F_DUPFD,      F_DUPFD_CLOEXEC, F_GETFD,      F_SETFD,     F_GETFL,
                                  F_GETLK,      F_SETLK,         F_SETLKW,     F_OFD_GETLK, F_OFD_SETLK,
                                  F_OFD_SETLKW, F_GETPIPE_SZ,    F_SETPIPE_SZ, F_ADD_SEALS, F_GET_SEALS};

// Not FIOASYNC, FIOSETOWN and the like: they let the kernel send signals to others.
constexpr unsigned long IOCTL_REQUESTS[] = {FIONREAD, FIONBIO, FIOCLEX, FIONCLEX, TCGETS, TIOCGWINSZ};

constexpr int SET_MEMORY_NAME = 0x53564d41; // PR_SET_VMA
constexpr int PRCTL_OPTIONS[] = {PR_SET_NAME,         PR_GET_NAME,      PR_GET_DUMPABLE,   PR_SET_NO_NEW_PRIVS,
                                 PR_GET_NO_NEW_PRIVS, PR_GET_PDEATHSIG, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,
                                 PR_CAPBSET_READ,     PR_GET_SECCOMP,   SET_MEMORY_NAME};

// Namespaces; the flags of other values are those of threads and processes.
constexpr scmp_datum_t NEW_NAMESPACES =
    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

class Filter
{
public:
    Filter() : _context(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release)
    {
        if (!_context)
            throw LoadException("its sandbox cannot be set up: libseccomp refuses");
    }

    /// The call is made, if all comparisons hold.
    void allow(int call, std::initializer_list<scmp_arg_cmp> comparisons = {})
    {
        check(seccomp_rule_add_array(_context.get(), SCMP_ACT_ALLOW, call, static_cast<unsigned>(comparisons.size()),
                                     comparisons.begin()));
    }

    void refuse(int call, int error)
    {
        check(seccomp_rule_add(_context.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0));
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

/// The argument `number` is `value`, of which the kernel looks at the lower 32 bits: what is above them is anything.
scmp_arg_cmp is(unsigned number, scmp_datum_t value)
{
    return {number, SCMP_CMP_MASKED_EQ, 0xFFFFFFFF, value & 0xFFFFFFFF};
}

scmp_arg_cmp has(unsigned number, scmp_datum_t mask, scmp_datum_t value)
{
    return {number, SCMP_CMP_MASKED_EQ, mask, value};
}

void allowDescriptorControl(Filter& filter)
{
    for (const int command : FCNTL_COMMANDS)
        filter.allow(SCMP_SYS(fcntl), {is(1, static_cast<scmp_datum_t>(command))});
    filter.allow(SCMP_SYS(fcntl), {is(1, F_SETFL), has(2, O_ASYNC, 0)});
    for (const unsigned long request : IOCTL_REQUESTS)
        filter.allow(SCMP_SYS(ioctl), {is(1, request)});
}

/// What concerns this process alone of the calls that could concern others.
void allowSelf(Filter& filter)
{
    const auto self = static_cast<scmp_datum_t>(getpid());
    for (const auto who : {scmp_datum_t(0), self})
    {
        filter.allow(SCMP_SYS(prlimit64), {is(0, who)});
        filter.allow(SCMP_SYS(setpriority), {is(0, PRIO_PROCESS), is(1, who)});
        filter.allow(SCMP_SYS(getpriority), {is(0, PRIO_PROCESS), is(1, who)});
        for (const int call : {SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_getparam),
                               SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_getattr)})
            filter.allow(call, {is(0, who)});
    }
    filter.allow(SCMP_SYS(setrlimit));
    filter.allow(SCMP_SYS(kill), {is(0, self)});
    filter.allow(SCMP_SYS(tgkill), {is(0, self)});
    for (const int option : PRCTL_OPTIONS)
        filter.allow(SCMP_SYS(prctl), {is(0, static_cast<scmp_datum_t>(option))});
}

void allowOpening(Filter& filter, bool holdsTruncation)
{
    if (holdsTruncation)
    {
        for (const int call : {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(truncate)})
            filter.allow(call);
        return;
    }
    // What is opened for reading must not be cut short by that.
    filter.refuse(SCMP_SYS(openat2), ENOSYS);
    for (const auto& [call, flags] : {std::pair(SCMP_SYS(open), 1U), std::pair(SCMP_SYS(openat), 2U)})
    {
        filter.allow(call, {has(flags, O_TRUNC, 0)});
        filter.allow(call, {has(flags, O_ACCMODE, O_WRONLY)});
        filter.allow(call, {has(flags, O_ACCMODE, O_RDWR)});
    }
}

void allowSockets(Filter& filter, bool network)
{
    // A pair is connected for good; one of datagrams could be told another address.
    constexpr scmp_datum_t TYPE = 0xF;
    for (const auto type : {SOCK_STREAM, SOCK_SEQPACKET})
        filter.allow(SCMP_SYS(socketpair), {is(0, AF_UNIX), has(1, TYPE, static_cast<scmp_datum_t>(type))});
    if (!network)
    {
        filter.allow(SCMP_SYS(sendto), {{4, SCMP_CMP_EQ, 0, 0}});
        filter.refuse(SCMP_SYS(socket), EACCES);
        return;
    }
    // Not AF_UNIX: the server and other programs of this machine have sockets among the files.
    for (const auto family : {AF_INET, AF_INET6, AF_NETLINK})
        filter.allow(SCMP_SYS(socket), {is(0, static_cast<scmp_datum_t>(family))});
    for (const int call :
         {SCMP_SYS(sendto), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4)})
        filter.allow(call);
}

void allowProcesses(Filter& filter, bool processes)
{
    // clone3 hides its flags from a filter, so the C library must do without it.
    filter.refuse(SCMP_SYS(clone3), ENOSYS);
    if (!processes)
    {
        filter.allow(SCMP_SYS(clone), {has(0, CLONE_THREAD | NEW_NAMESPACES, CLONE_THREAD)});
        return;
    }
    filter.allow(SCMP_SYS(clone), {has(0, NEW_NAMESPACES, 0)});
    for (const int call : {SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(wait4),
                           SCMP_SYS(waitid), SCMP_SYS(setpgid), SCMP_SYS(setsid)})
        filter.allow(call);
}

} // namespace

void filterSystemCalls(const Sandbox& sandbox, bool holdsTruncation)
{
    Filter filter;
    for (const int call : HARMLESS)
        filter.allow(call);
    if (!sandbox.read.empty() || !sandbox.write.empty())
        for (const int call : WATCHES)
            filter.allow(call);
    // Where a socket's options go is its own; those of the keys that make signals are of fcntl and ioctl.
    filter.allow(SCMP_SYS(setsockopt));
    allowDescriptorControl(filter);
    allowSelf(filter);
    allowOpening(filter, holdsTruncation);
    allowSockets(filter, sandbox.network);
    allowProcesses(filter, sandbox.processes);
    filter.enforce();
}

} // namespace tenon::plugin

#else

namespace tenon::plugin
{

void filterSystemCalls(const Sandbox&, bool)
{
    throw LoadException("its sandbox cannot be set up: this server was built without libseccomp");
}

} // namespace tenon::plugin

#endif
