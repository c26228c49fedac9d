#include "FrontFixture.h"

#include <cppunit/extensions/HelperMacros.h>

#include <Poco/File.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/Session.h>
#include <Poco/Net/X509Certificate.h>
#include <Poco/TemporaryFile.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <string>

using namespace tenon;
using namespace tenon::tests;
using Poco::Net::Context;
using Poco::Net::SecureStreamSocket;

namespace
{

/// A certificate signed by itself, and its key, as files.
class Certificate
{
public:
    explicit Certificate(const std::string& name)
    {
        EVP_PKEY* key = EVP_EC_gen("P-256");
        X509* certificate = X509_new();
        X509_set_version(certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key);
        X509_NAME* subject = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Tests"), -1, -1,
                                   0);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()),
                                   -1, -1, 0);
        X509_set_issuer_name(certificate, subject);
        X509_sign(certificate, key, EVP_sha256());
        std::FILE* file = std::fopen(certificateFile.c_str(), "w");
        PEM_write_X509(file, certificate);
        std::fclose(file);
        file = std::fopen(keyFile.c_str(), "w");
        PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
        std::fclose(file);
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    ~Certificate()
    {
        std::remove(certificateFile.c_str());
        std::remove(keyFile.c_str());
    }

    const std::string certificateFile = Poco::TemporaryFile::tempName();
    const std::string keyFile = Poco::TemporaryFile::tempName();
};

/// Remembers who the front says the client is.
class Doorman final : public net::AdmissionControl
{
public:
    guard::Admission admit(const guard::RequestFacts& facts) override
    {
        const std::lock_guard lock(mutex);
        subject = facts.tlsSubject;
        secure = facts.tls;
        if (leavesError)
            ERR_raise(ERR_LIB_USER, ERR_R_PASSED_INVALID_ARGUMENT);
        return _everybody.admit(facts);
    }
    guard::Reply preflight(const guard::RequestFacts& facts, std::string_view methods) override
    {
        return _everybody.preflight(facts, methods);
    }
    std::mutex mutex;
    std::string subject;
    bool secure = false;
    bool leavesError = false; ///< in OpenSSL's queue, as a signature does that does not hold

private:
    net::AnonymousAdmission _everybody;
};

std::string talk(SecureStreamSocket& socket, const std::string& text)
{
    socket.setReceiveTimeout(Poco::Timespan(20, 0));
    if (!text.empty())
        socket.sendBytes(text.data(), static_cast<int>(text.size()));
    std::string got;
    char buffer[16384];
    for (;;)
    {
        const int count = socket.receiveBytes(buffer, sizeof buffer);
        if (count <= 0)
            return got;
        got.append(buffer, static_cast<std::size_t>(count));
        const std::size_t head = got.find("\r\n\r\n");
        const std::size_t length = got.find("Content-Length: ");
        if (head != std::string::npos && length != std::string::npos &&
            got.size() >= head + 4 + std::stoul(got.substr(length + 16)))
            return got;
    }
}

} // namespace

class TlsTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(TlsTest);
    CPPUNIT_TEST(answersOverTls);
    CPPUNIT_TEST(goesOnWithoutWhoDoesNotReturn);
    CPPUNIT_TEST(answersLargeMessages);
    CPPUNIT_TEST(aStalledHandshakeHoldsNobody);
    CPPUNIT_TEST(plainTextOnTheTlsPortIsClosed);
    CPPUNIT_TEST(refusesOldVersions);
    CPPUNIT_TEST(knowsClientsByTheirCertificates);
    CPPUNIT_TEST(keepsOutClientsWithoutOne);
    CPPUNIT_TEST(takesUpSessions);
    CPPUNIT_TEST(takesNoErrorForItsOwn);
    CPPUNIT_TEST(readsCertificatesAgain);
    CPPUNIT_TEST(namesTheFileThatIsMissing);
    CPPUNIT_TEST_SUITE_END();

    std::unique_ptr<Certificate> _server;
    FrontFixture::Settings _settings;

    SecureStreamSocket connect(FrontFixture& fixture, const Context::Ptr& context,
                               const Poco::Net::Session::Ptr& session = nullptr)
    {
        const Poco::Net::SocketAddress address("127.0.0.1", fixture.port());
        return session ? SecureStreamSocket(address, context, session) : SecureStreamSocket(address, context);
    }

    static Context::Ptr client(const Certificate* own = nullptr)
    {
        Context::Params params;
        params.verificationMode = Context::VERIFY_NONE;
        if (own != nullptr)
        {
            params.certificateFile = own->certificateFile;
            params.privateKeyFile = own->keyFile;
        }
        Context::Ptr context(new Context(Context::TLS_CLIENT_USE, params));
        context->enableSessionCache(true);
        return context;
    }

public:
    void setUp() override
    {
        _server = std::make_unique<Certificate>("server");
        _settings = {
            {"tls.enabled", "true"}, {"tls.certificate", _server->certificateFile}, {"tls.key", _server->keyFile}};
    }

    void answersOverTls()
    {
        FrontFixture fixture(_settings);
        CPPUNIT_ASSERT(fixture.front->secure());
        SecureStreamSocket socket = connect(fixture, client());
        for (int i = 0; i < 20; ++i)
            CPPUNIT_ASSERT(talk(socket, post(i % 4 == 0 ? "later" : "fixed")).starts_with("HTTP/1.1 200 OK"));
        // pipelined, in one record
        const std::string two = post("echo one") + post("echo two");
        std::string got = talk(socket, two);
        while (got.find("echo two") == std::string::npos)
            got += talk(socket, "");
        CPPUNIT_ASSERT(got.find("echo one") < got.find("echo two"));
    }

    void goesOnWithoutWhoDoesNotReturn()
    {
        FrontFixture fixture(_settings);
        SecureStreamSocket socket = connect(fixture, client());
        std::string got = talk(socket, post("stays") + post("echo behind"));
        while (got.find("echo behind") == std::string::npos)
            got += talk(socket, "");
        CPPUNIT_ASSERT(got.find("elsewhere") < got.find("echo behind"));
        CPPUNIT_ASSERT(talk(socket, post("fixed")).starts_with("HTTP/1.1 200 OK"));
    }

    void answersLargeMessages()
    {
        FrontFixture fixture(_settings);
        SecureStreamSocket socket = connect(fixture, client());
        const std::string body = "echo" + std::string(3000000, 'z');
        const std::string text = post(body);
        std::thread sender(
            [&]
            {
                for (std::size_t sent = 0; sent < text.size();)
                    sent += static_cast<std::size_t>(socket.sendBytes(
                        text.data() + sent, static_cast<int>(std::min<std::size_t>(60000, text.size() - sent))));
            });
        sender.join();
        CPPUNIT_ASSERT(talk(socket, "").ends_with(body));
    }

    void aStalledHandshakeHoldsNobody()
    {
        _settings["timeouts.headMs"] = "300";
        _settings["http.threads"] = "1";
        _settings["http.maxThreads"] = "1";
        FrontFixture fixture(_settings);
        std::vector<std::unique_ptr<RawConnection>> stalled;
        for (int i = 0; i < 10; ++i)
        {
            stalled.push_back(std::make_unique<RawConnection>(fixture.port()));
            stalled.back()->send(std::string_view("\x16\x03\x01\x02\x00", 5)); // the beginning of a ClientHello
        }
        SecureStreamSocket socket = connect(fixture, client());
        CPPUNIT_ASSERT(talk(socket, post("fixed")).starts_with("HTTP/1.1 200 OK"));
        for (const auto& connection : stalled)
            CPPUNIT_ASSERT(connection->closedByServer());
    }

    void plainTextOnTheTlsPortIsClosed()
    {
        FrontFixture fixture(_settings);
        RawConnection plain(fixture.port());
        plain.send(post("fixed"));
        CPPUNIT_ASSERT(plain.closedByServer());
        SecureStreamSocket socket = connect(fixture, client());
        CPPUNIT_ASSERT(talk(socket, post("fixed")).starts_with("HTTP/1.1 200 OK"));
    }

    void refusesOldVersions()
    {
        _settings["tls.minVersion"] = "1.3";
        FrontFixture fixture(_settings);
        Context::Ptr old = client();
        old->disableProtocols(Context::PROTO_TLSV1_3);
        CPPUNIT_ASSERT_THROW(
            {
                SecureStreamSocket socket = connect(fixture, old);
                (void)talk(socket, post("fixed"));
            },
            Poco::Exception);
    }

    void knowsClientsByTheirCertificates()
    {
        const Certificate own("alice");
        _settings["tls.clientCertificates"] = "optional";
        _settings["tls.clientAuthorities"] = own.certificateFile;
        auto owned = std::make_unique<Doorman>();
        Doorman& doorman = *owned;
        FrontFixture fixture(_settings, std::move(owned));
        {
            SecureStreamSocket socket = connect(fixture, client(&own));
            CPPUNIT_ASSERT(talk(socket, post("fixed")).starts_with("HTTP/1.1 200 OK"));
            const std::lock_guard lock(doorman.mutex);
            CPPUNIT_ASSERT_EQUAL(std::string("CN=alice,O=Tests"), doorman.subject);
            CPPUNIT_ASSERT(doorman.secure);
        }
        SecureStreamSocket socket = connect(fixture, client());
        CPPUNIT_ASSERT(talk(socket, post("fixed")).starts_with("HTTP/1.1 200 OK"));
        const std::lock_guard lock(doorman.mutex);
        CPPUNIT_ASSERT(doorman.subject.empty());
    }

    void keepsOutClientsWithoutOne()
    {
        const Certificate own("alice"), other("mallory");
        _settings["tls.clientCertificates"] = "required";
        _settings["tls.clientAuthorities"] = own.certificateFile;
        FrontFixture fixture(_settings);
        SecureStreamSocket known = connect(fixture, client(&own));
        CPPUNIT_ASSERT(talk(known, post("fixed")).starts_with("HTTP/1.1 200 OK"));
        for (const Certificate* wrong : {static_cast<const Certificate*>(nullptr), &other})
        {
            std::string got;
            try
            {
                SecureStreamSocket socket = connect(fixture, client(wrong));
                got = talk(socket, post("fixed"));
            }
            catch (const Poco::Exception&)
            {
                got.clear(); // the alert
            }
            CPPUNIT_ASSERT(got.empty());
        }
    }

    void takesUpSessions()
    {
        FrontFixture fixture(_settings);
        const Context::Ptr context = client();
        Poco::Net::Session::Ptr session;
        {
            SecureStreamSocket socket = connect(fixture, context);
            (void)talk(socket, post("fixed"));
            session = socket.currentSession();
            socket.shutdown(); // a session whose connection just ends is not taken up
        }
        SecureStreamSocket socket = connect(fixture, context, session);
        (void)talk(socket, post("fixed"));
        CPPUNIT_ASSERT(socket.sessionWasReused());
    }

    void takesNoErrorForItsOwn()
    {
        auto doorman = std::make_unique<Doorman>();
        doorman->leavesError = true;
        FrontFixture fixture(_settings, std::move(doorman));
        SecureStreamSocket socket = connect(fixture, client());
        for (int i = 0; i < 20; ++i)
            CPPUNIT_ASSERT(talk(socket, post("fixed")).starts_with("HTTP/1.1 200 OK"));
    }

    void readsCertificatesAgain()
    {
        FrontFixture fixture(_settings);
        SecureStreamSocket before = connect(fixture, client());
        CPPUNIT_ASSERT_EQUAL(std::string("server"), before.peerCertificate().commonName());
        const Certificate fresh("renewed");
        _settings["tls.certificate"] = fresh.certificateFile;
        _settings["tls.key"] = fresh.keyFile;
        fixture.front->reloadCertificates(net::Settings::read(*base::Settings::of(_settings, net::settings())));
        SecureStreamSocket after = connect(fixture, client());
        CPPUNIT_ASSERT_EQUAL(std::string("renewed"), after.peerCertificate().commonName());
        CPPUNIT_ASSERT(talk(before, post("fixed")).starts_with("HTTP/1.1 200 OK"));

        _settings["tls.key"] = _server->keyFile; // does not belong to the certificate
        CPPUNIT_ASSERT_THROW(
            fixture.front->reloadCertificates(net::Settings::read(*base::Settings::of(_settings, net::settings()))),
            Poco::Exception);
        SecureStreamSocket still = connect(fixture, client());
        CPPUNIT_ASSERT_EQUAL(std::string("renewed"), still.peerCertificate().commonName());
    }

    void namesTheFileThatIsMissing()
    {
        _settings["tls.key"] = "/nowhere/key.pem";
        try
        {
            FrontFixture fixture(_settings);
            CPPUNIT_FAIL("a front without a key");
        }
        catch (const Poco::Exception& exc)
        {
            CPPUNIT_ASSERT(exc.displayText().find("/nowhere/key.pem") != std::string::npos);
        }
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(TlsTest);
