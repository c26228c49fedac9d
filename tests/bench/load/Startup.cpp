#include "Client.h"
#include "Commands.h"
#include "Process.h"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace bench
{

namespace
{

std::uint16_t freePort()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error("no free port");
    ::close(fd);
    return ntohs(address.sin_port);
}

int launch(Arguments command)
{
    const int pid = ::fork();
    if (pid == 0)
    {
        const int nothing = ::open("/dev/null", O_RDWR);
        ::dup2(nothing, 0);
        ::dup2(nothing, 1);
        ::dup2(nothing, 2);
        std::vector<char*> argv;
        for (std::string& word : command)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    return pid;
}

} // namespace

/// RUNS TOOL ARGUMENTS COMMAND...: from exec to the first answered call, and memory when it is idle after it. "PORT" in
/// the command's words is replaced by a free port.
void startup(const Arguments& arguments)
{
    const int runs = std::stoi(arguments.at(0));
    std::vector<double> times, memory, anonymous, threads;
    for (int run = 0; run < runs; ++run)
    {
        const std::uint16_t port = freePort();
        Arguments command(arguments.begin() + 3, arguments.end());
        for (std::string& word : command)
            if (const auto at = word.find("PORT"); at != std::string::npos)
                word.replace(at, 4, std::to_string(port));

        const auto begin = std::chrono::steady_clock::now();
        const int pid = launch(command);
        while (!isOpen(port))
        {
            if (std::chrono::steady_clock::now() - begin > std::chrono::seconds(30) ||
                ::waitpid(pid, nullptr, WNOHANG) != 0)
                throw std::runtime_error("it did not start");
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        }
        {
            Client client(port);
            const auto reply = client.exchange(modernCall(arguments.at(1), arguments.at(2)));
            if (reply.status != 200)
                throw std::runtime_error("the first call failed: " + std::string(reply.body));
        }
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
        std::this_thread::sleep_for(std::chrono::seconds(1));
        const Usage usage = usageOf(pid);
        memory.push_back(static_cast<double>(usage.residentKb) / 1024);
        anonymous.push_back(static_cast<double>(usage.privateKb) / 1024);
        threads.push_back(static_cast<double>(usage.threads));
        ::kill(pid, SIGTERM);
        ::waitpid(pid, nullptr, 0);
    }
    std::printf("first_answer_ms %.1f\nresident_mb %.1f\nanonymous_mb %.1f\nthreads %.0f\n", quantile(times, 0.5),
                quantile(memory, 0.5), quantile(anonymous, 0.5), quantile(threads, 0.5));
}

} // namespace bench
