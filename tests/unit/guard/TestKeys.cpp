#include "unit/guard/TestKeys.h"

#include "base/text/Base64.h"
#include "guard/login/Digest.h"

#include <Poco/Exception.h>
#include <Poco/File.h>
#include <Poco/TemporaryFile.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>

namespace tenon::test
{

namespace
{

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string pemOf(EVP_PKEY* key, bool secret)
{
    BIO* bio = BIO_new(BIO_s_mem());
    if (secret)
        PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    else
        PEM_write_bio_PUBKEY(bio, key);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return pem;
}

std::string number(EVP_PKEY* key, const char* name)
{
    BIGNUM* value = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &value) != 1)
        throw std::runtime_error("no such number in the key");
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
    BN_bn2bin(value, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(value);
    return base::toBase64Url(bytes);
}

TestKey makeRsa(std::size_t bits)
{
    const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits), EVP_PKEY_free);
    return {pemOf(key.get(), true), pemOf(key.get(), false),
            R"("kty":"RSA","n":")" + number(key.get(), OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                number(key.get(), OSSL_PKEY_PARAM_RSA_E) + "\""};
}

TestKey makeEc(const std::string& curve)
{
    const KeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve.c_str()), EVP_PKEY_free);
    return {pemOf(key.get(), true), pemOf(key.get(), false),
            R"("kty":"EC","crv":")" + curve + R"(","x":")" + number(key.get(), OSSL_PKEY_PARAM_EC_PUB_X) +
                R"(","y":")" + number(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y) + "\""};
}

const EVP_MD* hashOf(const std::string& algorithm)
{
    const std::string bits = algorithm.substr(2);
    return bits == "256" ? EVP_sha256() : bits == "384" ? EVP_sha384() : EVP_sha512();
}

/// The two numbers of a DER signature, each of `half` bytes.
std::string rawSignature(const std::string& der, std::size_t half)
{
    const auto* data = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size()));
    std::string raw(half * 2, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(half));
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), reinterpret_cast<unsigned char*>(raw.data() + half),
                 static_cast<int>(half));
    ECDSA_SIG_free(signature);
    return raw;
}

} // namespace

const TestKey& rsaKey()
{
    static const TestKey key = makeRsa(2048);
    return key;
}

const TestKey& otherRsaKey()
{
    static const TestKey key = makeRsa(2048);
    return key;
}

const TestKey& smallRsaKey()
{
    static const TestKey key = makeRsa(1024);
    return key;
}

const TestKey& ecKey(std::string_view curve)
{
    static std::map<std::string, TestKey, std::less<>> keys;
    const auto found = keys.find(curve);
    return found != keys.end() ? found->second : keys.emplace(curve, makeEc(std::string(curve))).first->second;
}

std::string signedWith(const TestKey& key, const std::string& algorithm, const std::string& header,
                       const std::string& payload)
{
    const std::string text = base::toBase64Url(header) + "." + base::toBase64Url(payload);
    BIO* bio = BIO_new_mem_buf(key.privatePem.data(), static_cast<int>(key.privatePem.size()));
    const KeyPtr secret(PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr), EVP_PKEY_free);
    BIO_free(bio);
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestSignInit(context, nullptr, hashOf(algorithm), nullptr, secret.get());
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EVP_DigestSign(context, nullptr, &size, bytes, text.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size());
    signature.resize(size);
    EVP_MD_CTX_free(context);
    if (algorithm.starts_with("ES"))
        signature = rawSignature(signature, algorithm == "ES256" ? 32 : algorithm == "ES384" ? 48 : 66);
    return text + "." + base::toBase64Url(signature);
}

std::string signedWithSecret(const std::string& secret, const std::string& algorithm, const std::string& header,
                             const std::string& payload)
{
    const std::string text = base::toBase64Url(header) + "." + base::toBase64Url(payload);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(hashOf(algorithm), secret.data(), static_cast<int>(secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
    return text + "." + base::toBase64Url({reinterpret_cast<const char*>(digest), size});
}

TemporaryText::TemporaryText(const std::string& content) : _path(Poco::TemporaryFile::tempName())
{
    std::ofstream(_path, std::ios::binary) << content;
}

TemporaryText::~TemporaryText()
{
    try
    {
        Poco::File(_path).remove();
    }
    catch (const Poco::Exception&)
    {
        // A test may have removed it.
    }
}

} // namespace tenon::test
