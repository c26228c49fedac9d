#include "store/redis/wire/RedisTlsChannel.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Timespan.h>

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <limits>

namespace tenon::store
{

namespace
{

void demand(const char* key, const std::string& path)
{
    if (!path.empty() && !Poco::File(path).exists())
        throw Poco::FileNotFoundException(key, path);
}

Poco::Net::Context::Ptr contextOf(const std::string& authorities, const std::string& certificate,
                                  const std::string& key)
{
    using Poco::Net::Context;
    demand("cluster.authorities", authorities);
    demand("cluster.certificate", certificate);
    demand("cluster.key", key);
    Context::Params params;
    params.caLocation = authorities;
    params.loadDefaultCAs = authorities.empty();
    params.certificateFile = certificate;
    params.privateKeyFile = key;
    params.verificationMode = Context::VERIFY_STRICT;
    Context::Ptr context(new Context(Context::TLS_CLIENT_USE, params));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return context;
}

} // namespace

RedisTls::RedisTls(const std::string& authorities, const std::string& certificate, const std::string& key)
    : context(contextOf(authorities, certificate, key))
{
}

void RedisTlsChannel::Free::operator()(redisReader* reader) const
{
    redisReaderFree(reader);
}

RedisTlsChannel::RedisTlsChannel(const RedisTls& tls, const RedisAddress::Place& place,
                                 std::chrono::milliseconds patience)
    : _socket(tls.context), _reader(redisReaderCreate())
{
    const Poco::Timespan limit(std::chrono::duration_cast<std::chrono::microseconds>(patience).count());
    try
    {
        _socket.setPeerHostName(place.host);
        _socket.connect(Poco::Net::SocketAddress(place.host, place.port), limit);
        _socket.setReceiveTimeout(limit);
        _socket.setSendTimeout(limit);
        // `connect` may come back before the handshake is over; Poco would then go on with it later, and look at no name.
        if (_socket.completeHandshake() <= 0)
            throw Poco::TimeoutException("its handshake does not end");
        _socket.verifyPeerCertificate(place.host);
        _socket.setNoDelay(true);
        _socket.setKeepAlive(true);
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::IOException("cannot be reached over TLS: " + exc.displayText());
    }
    if (!_reader)
        throw Poco::IOException("cannot be read: no memory");
}

RedisTlsChannel::~RedisTlsChannel()
{
    try
    {
        _socket.close();
    }
    catch (const Poco::Exception&)
    {
        // It is gone either way.
    }
}

void RedisTlsChannel::add(RedisWords& command)
{
    char* text = nullptr;
    const auto size = redisFormatCommandArgv(&text, command.count(), command.texts(), command.sizes());
    if (size < 0)
        throw Poco::IOException("does not take a command");
    const std::unique_ptr<char, decltype(&redisFreeCommand)> owned(text, &redisFreeCommand);
    _out.append(text, static_cast<std::size_t>(size));
}

RedisReply RedisTlsChannel::next()
{
    try
    {
        for (;;)
        {
            void* raw = nullptr;
            if (redisReaderGetReply(_reader.get(), &raw) != REDIS_OK)
                throw Poco::IOException(_reader->errstr);
            if (raw)
            {
                const std::unique_ptr<void, decltype(&freeReplyObject)> owned(raw, &freeReplyObject);
                return copied(*static_cast<const redisReply*>(raw));
            }
            receive();
        }
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::IOException("does not answer: " + exc.displayText());
    }
}

void RedisTlsChannel::flush()
{
    try
    {
        std::size_t sent = 0;
        while (sent < _out.size())
        {
            constexpr std::size_t MOST = std::numeric_limits<int>::max();
            const auto size = static_cast<int>(std::min(_out.size() - sent, MOST));
            const int taken = _socket.sendBytes(_out.data() + sent, size);
            if (taken <= 0)
                throw Poco::TimeoutException("nothing is taken");
            sent += static_cast<std::size_t>(taken);
        }
    }
    catch (const Poco::Exception& exc)
    {
        throw Poco::IOException("does not read what it is sent: " + exc.displayText());
    }
    _out.clear();
}

void RedisTlsChannel::receive()
{
    std::array<char, 16 * 1024> buffer; // a record's worth
    const int got = _socket.receiveBytes(buffer.data(), static_cast<int>(buffer.size()));
    if (got < 0)
        throw Poco::TimeoutException("nothing arrives");
    if (got == 0)
        throw Poco::IOException("it closed the connection");
    if (redisReaderFeed(_reader.get(), buffer.data(), static_cast<std::size_t>(got)) != REDIS_OK)
        throw Poco::IOException(_reader->errstr);
}

} // namespace tenon::store
