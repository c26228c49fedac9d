#include "cluster/RedisServer.h"

#include "store/redis/RedisConnection.h"
#include "store/redis/wire/RedisTlsChannel.h"
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

RedisServer::RedisServer(bool tls) : _tls(tls), _folder(std::make_unique<Poco::TemporaryFile>())
{
    Poco::File(_folder->path()).createDirectory();
    if (_tls)
        makeCertificate();
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
        if (_tls)
            ::execlp("redis-server", "redis-server", "--port", "0", "--tls-port", port.c_str(), "--tls-cert-file",
                     certificate().c_str(), "--tls-key-file", key().c_str(), "--tls-ca-cert-file",
                     certificate().c_str(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
                     _folder->path().c_str(), "--logfile", "redis.log", nullptr);
        else
            ::execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1", "--save", "",
                     "--appendonly", "no", "--dir", _folder->path().c_str(), "--logfile", "redis.log", nullptr);
        ::_exit(127);
    }
    for (int left = 600; left > 0; --left, std::this_thread::sleep_for(50ms))
        try
        {
            const store::RedisConnection connection(address(), 1s);
            return;
        }
        catch (const Poco::Exception&)
        {
            // not yet
        }
    throw std::runtime_error("redis-server does not start");
}

std::string RedisServer::certificate() const
{
    return _folder->path() + "/certificate.pem";
}

std::string RedisServer::key() const
{
    return _folder->path() + "/key.pem";
}

store::RedisAddress RedisServer::address() const
{
    auto address = store::RedisAddress::read(url());
    if (_tls)
        address.tls = std::make_shared<store::RedisTls>(certificate(), certificate(), key());
    return address;
}

void RedisServer::makeCertificate() const
{
    const std::string command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
                                "-subj /CN=redis -addext subjectAltName=IP:127.0.0.1 -keyout " +
                                key() + " -out " + certificate() + " 2>/dev/null";
    if (std::system(command.c_str()) != 0)
        throw std::runtime_error("openssl makes no certificate");
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
