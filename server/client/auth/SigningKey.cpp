#include "client/auth/SigningKey.h"

#include "base/json/JsonDocument.h"
#include "base/json/JsonWriter.h"
#include "base/text/Base64.h"
#include "base/text/RandomId.h"
#include "base/text/Sha256.h"

#include <Poco/Exception.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <vector>

namespace tenon::client
{

namespace
{

EVP_PKEY* keyOf(const std::shared_ptr<void>& key)
{
    return static_cast<EVP_PKEY*>(key.get());
}

std::shared_ptr<void> owned(EVP_PKEY* key, const char* what)
{
    if (!key)
        throw Poco::InvalidArgumentException(what);
    return {key, [](void* one) { EVP_PKEY_free(static_cast<EVP_PKEY*>(one)); }};
}

std::string coordinate(EVP_PKEY* key, const char* name, int size)
{
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1)
        throw Poco::InvalidArgumentException("the key has no public half");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), size);
    BN_free(number);
    return base::toBase64Url(bytes);
}

/// The two numbers of a signature, each in full width, as JSON Web Signatures have them.
std::string flatSignature(const std::string& der, int size)
{
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
    if (!signature)
        throw Poco::IllegalStateException("the signature cannot be read");
    std::string flat(static_cast<std::size_t>(size) * 2, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(flat.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes, size);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes + size, size);
    return flat;
}

} // namespace

SigningKey SigningKey::fromPem(const std::string& pem)
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                        BIO_free);
    return SigningKey(
        owned(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), "this is not a private key in PEM form"));
}

SigningKey SigningKey::generate()
{
    return SigningKey(owned(EVP_EC_gen("P-256"), "no key can be made"));
}

std::string SigningKey::algorithm() const
{
    if (EVP_PKEY_get_base_id(keyOf(_key)) == EVP_PKEY_RSA)
        return "RS256";
    return EVP_PKEY_get_bits(keyOf(_key)) == 384 ? "ES384" : "ES256";
}

std::string SigningKey::toPem() const
{
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PrivateKey(bio.get(), keyOf(_key), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string SigningKey::publicJwk() const
{
    const std::string name = algorithm();
    if (name == "RS256")
        return {};
    const int size = name == "ES384" ? 48 : 32;
    std::string text;
    base::JsonWriter(text)
        .beginObject()
        .member("crv", name == "ES384" ? "P-384" : "P-256")
        .member("kty", "EC")
        .member("x", coordinate(keyOf(_key), OSSL_PKEY_PARAM_EC_PUB_X, size))
        .member("y", coordinate(keyOf(_key), OSSL_PKEY_PARAM_EC_PUB_Y, size))
        .endObject();
    return text;
}

std::string SigningKey::sign(const std::string& header, const std::string& payload) const
{
    const std::string name = algorithm();
    std::string head;
    base::JsonWriter writer(head);
    writer.beginObject().member("alg", name);
    const auto document = base::JsonDocument::parse(header);
    simdjson::dom::object members;
    if (!document->root().get(members))
        for (const auto& [key, value] : members)
            writer.member(key, value);
    writer.endObject();
    std::string text = base::toBase64Url(head) + '.' + base::toBase64Url(payload);

    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const EVP_MD* digest = name == "ES384" ? EVP_sha384() : EVP_sha256();
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, keyOf(_key)) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1)
        throw Poco::IllegalStateException("the key does not sign");
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) !=
        1)
        throw Poco::IllegalStateException("the key does not sign");
    signature.resize(size);
    if (name != "RS256")
        signature = flatSignature(signature, name == "ES384" ? 48 : 32);
    text += '.';
    text += base::toBase64Url(signature);
    return text;
}

std::string randomText(std::size_t size)
{
    return base::toBase64Url(base::randomBytes(size));
}

std::string digestText(std::string_view text)
{
    return base::toBase64Url(base::bytesOf(base::sha256(text)));
}

} // namespace tenon::client
