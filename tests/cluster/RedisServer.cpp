#include "cluster/RedisServer.h"

#include "store/redis/RedisConnection.h"
#include "support/FreePort.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/TemporaryFile.h>

#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <unistd.h>

namespace tenon::tests
{

using namespace std::chrono_literals;

bool RedisServer::available()
{
    return std::system("command -v redis-server >/dev/null 2>&1") == 0;
}

RedisServer::RedisServer() : _folder(std::make_unique<Poco::TemporaryFile>())
{
    Poco::File(_folder->path()).createDirectory();
    _port = freePort();
    start();
}

RedisServer::~RedisServer()
{
    kill();
}

void RedisServer::start()
{
    const std::string port = std::to_string(_port);
    _pid = ::fork();
    if (_pid == 0)
    {
        ::execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1", "--save", "",
                 "--appendonly", "no", "--dir", _folder->path().c_str(), "--logfile", "redis.log", nullptr);
        ::_exit(127);
    }
    for (int left = 600; left > 0; --left, std::this_thread::sleep_for(50ms))
        try
        {
            const store::RedisConnection connection(store::RedisAddress::read(url()), 1s);
            return;
        }
        catch (const Poco::Exception&)
        {
            // not yet
        }
    throw std::runtime_error("redis-server does not start");
}

void RedisServer::kill()
{
    if (_pid == 0)
        return;
    ::kill(_pid, SIGKILL);
    ::waitpid(_pid, nullptr, 0);
    _pid = 0;
}

void RedisServer::freeze()
{
    ::kill(_pid, SIGSTOP);
}

void RedisServer::thaw()
{
    ::kill(_pid, SIGCONT);
}

} // namespace tenon::tests
