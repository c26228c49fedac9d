#pragma once

#include "store/redis/wire/RedisChannel.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>

#include <chrono>
#include <memory>
#include <string>

struct redisReader;

namespace tenon::store
{

/// The authorities we trust for our Redis, and our own certificate. Made once: reading the system's authorities takes a while.
struct RedisTls
{
    /// Shape: files in PEM; empty: the system's authorities, no certificate of ours.
    /// Errors: Poco::Exception if a file cannot be used.
    RedisTls(const std::string& authorities, const std::string& certificate, const std::string& key);

    const Poco::Net::Context::Ptr context;
};

/// Over TLS: Poco's socket carries what hiredis writes and reads, since hiredis 0.14 has no TLS of its own.
class RedisTlsChannel final : public RedisChannel
{
public:
    RedisTlsChannel(const RedisTls& tls, const RedisAddress::Place& place, std::chrono::milliseconds patience);
    ~RedisTlsChannel() override;
    RedisTlsChannel(const RedisTlsChannel&) = delete;
    RedisTlsChannel& operator=(const RedisTlsChannel&) = delete;

    void add(RedisWords& command) override;
    void flush() override;
    [[nodiscard]] RedisReply next() override;

private:
    void receive();

    struct Free
    {
        void operator()(redisReader* reader) const;
    };
    Poco::Net::SecureStreamSocket _socket;
    std::unique_ptr<redisReader, Free> _reader;
    std::string _out; ///< not sent yet
};

} // namespace tenon::store
