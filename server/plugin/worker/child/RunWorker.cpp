// How a process becomes a worker, but for Windows.
#include "plugin/worker/child/RunWorker.h"
#include "plugin/worker/child/WorkerMain.h"
#include "plugin/worker/child/WorkerSystem.h"
#include "plugin/worker/process/Keeper.h"
#include "plugin/worker/process/WorkerProcess.h"

#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tenon::plugin
{

namespace
{

/// What the server's process had open and did not mark to be closed is not the plugin's.
void closeInherited()
{
#if defined(SYS_close_range)
    if (syscall(SYS_close_range, WorkerProcess::LEASH_DESCRIPTOR + 1, ~0U, 0) == 0)
        return;
#endif
    for (int descriptor = WorkerProcess::LEASH_DESCRIPTOR + 1; descriptor < sysconf(_SC_OPEN_MAX); ++descriptor)
        close(descriptor);
}

} // namespace

std::optional<int> runWorker(int argc, char** argv)
{
    if (argc != 4 || std::string_view(argv[1]) != WorkerProcess::ARGUMENT)
        return {};
    closeInherited();
    for (const int descriptor :
         {WorkerProcess::CHANNEL_DESCRIPTOR, WorkerProcess::IMAGE_DESCRIPTOR, WorkerProcess::LEASH_DESCRIPTOR})
        fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    // A service manager's or terminal's signal to all processes is the server's to obey: it tells the workers.
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP})
        std::signal(signal, SIG_IGN);
    const std::string_view how = argv[3];
    const Apartness apartness{how.starts_with("apart"), how == "apart-with-network"};
    keep(WorkerProcess::LEASH_DESCRIPTOR, WorkerProcess::CHANNEL_DESCRIPTOR, apartness,
         [&] { WorkerMain(argv[2], WorkerProcess::CHANNEL_DESCRIPTOR).run(); });
}

void leaveWorker(int status) noexcept
{
    _exit(status);
}

} // namespace tenon::plugin
