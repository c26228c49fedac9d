#include "net/io/TlsContext.h"

#include <Poco/Exception.h>
#include <Poco/File.h>

#include <openssl/ssl.h>

#include <cstddef>

namespace tenon::net
{

namespace
{

constexpr const char* STRONG_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:!aNULL:!eNULL:!MD5:!RC4:!3DES";

void demand(const char* key, const std::string& path)
{
    if (path.empty())
        throw Poco::InvalidArgumentException(std::string("needs ") + key);
    if (!Poco::File(path).exists())
        throw Poco::FileNotFoundException(key, path);
}

/// POCO 1.13 tells each connection to send no tickets, so that no client of TLS 1.3 could take a session up; as many as
/// OpenSSL sends by itself.
int sendTickets(SSL* ssl, int*, void*)
{
    constexpr std::size_t TICKETS = 2;
    return SSL_set_num_tickets(ssl, TICKETS) == 1 ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
}

Poco::Net::Context::Ptr makeContext(const Settings& settings)
{
    using Poco::Net::Context;
    demand("tls.certificate", settings.tlsCertificate);
    demand("tls.key", settings.tlsKey);
    Context::Params params;
    params.privateKeyFile = settings.tlsKey;
    params.certificateFile = settings.tlsCertificate;
    params.caLocation = settings.tlsClientAuthorities;
    params.loadDefaultCAs = false;
    params.cipherList = settings.tlsCiphers.empty() ? STRONG_CIPHERS : settings.tlsCiphers;
    params.verificationMode = settings.tlsClients == "required"   ? Context::VERIFY_STRICT
                              : settings.tlsClients == "optional" ? Context::VERIFY_RELAXED
                                                                  : Context::VERIFY_NONE;
    if (params.verificationMode != Context::VERIFY_NONE)
        demand("tls.clientAuthorities", settings.tlsClientAuthorities);
    Context::Ptr context(new Context(Context::TLS_SERVER_USE, params));
    context->requireMinimumProtocol(settings.tlsMinVersion == "1.3" ? Context::PROTO_TLSV1_3 : Context::PROTO_TLSV1_2);
    context->preferServerCiphers();
    context->enableSessionCache(true, "tenon");
    // The names in client certificates are not host names.
    context->enableExtendedCertificateVerification(false);
    SSL_CTX* raw = context->sslContext();
    if (SSL_CTX_check_private_key(raw) != 1)
        throw Poco::InvalidArgumentException("'tls.key' does not belong to tls.certificate", settings.tlsKey);
    SSL_CTX_set_client_hello_cb(raw, sendTickets, nullptr);
    SSL_CTX_set_read_ahead(raw, 1); // a record's head and body in one call
    SSL_CTX_set_mode(raw,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return context;
}

} // namespace

TlsContext::TlsContext(const Settings& settings) : _context(makeContext(settings)) {}

Poco::Net::SecureStreamSocket TlsContext::attach(const Poco::Net::StreamSocket& socket)
{
    // Non-blocking before it is attached: POCO's TLS layer asks the inner socket, and a client that stalls in its
    // handshake would hold a thread.
    Poco::Net::StreamSocket inner(socket);
    inner.setBlocking(false);
    const std::lock_guard lock(_mutex);
    return Poco::Net::SecureStreamSocket::attach(inner, _context);
}

void TlsContext::reload(const Settings& settings)
{
    const Poco::Net::Context::Ptr fresh = makeContext(settings);
    const std::lock_guard lock(_mutex);
    _context = fresh;
}

} // namespace tenon::net
