#include "guard/jwt/SubjectPublicKey.h"

#include <Poco/Exception.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <memory>

namespace tenon::guard
{

namespace
{

template <typename Type, void (*FREE)(Type*)>
struct Freer
{
    void operator()(Type* object) const { FREE(object); }
};

using Number = std::unique_ptr<BIGNUM, Freer<BIGNUM, BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freer<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<OSSL_PARAM, OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Output = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

Number number(std::string_view bytes)
{
    if (bytes.empty())
        throw Poco::InvalidArgumentException("a number of the key is missing");
    Number made(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()), nullptr));
    if (!made)
        throw Poco::InvalidArgumentException("the key is too large");
    return made;
}

/// The key of a kind ("RSA", "EC") that the parameters describe, as PEM.
std::string pem(const char* kind, const Builder& builder)
{
    const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* made = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
        throw Poco::InvalidArgumentException("the numbers do not make a public key");
    const Key key(made);
    const Output output(BIO_new(BIO_s_mem()));
    char* text = nullptr;
    if (!output || PEM_write_bio_PUBKEY(output.get(), key.get()) != 1)
        throw Poco::InvalidArgumentException("the key cannot be written");
    const long size = BIO_get_mem_data(output.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string padded(std::string_view coordinate, std::size_t size)
{
    while (coordinate.size() > size && coordinate.front() == '\0')
        coordinate.remove_prefix(1);
    if (coordinate.empty() || coordinate.size() > size)
        throw Poco::InvalidArgumentException("a coordinate of the key does not fit its curve");
    return std::string(size - coordinate.size(), '\0') + std::string(coordinate);
}

} // namespace

std::string rsaPem(std::string_view modulus, std::string_view exponent)
{
    const Number n = number(modulus), e = number(exponent); // outlive the builder's use of them
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
        throw Poco::InvalidArgumentException("the numbers do not make a public key");
    return pem("RSA", builder);
}

std::string ecPem(std::string_view curve, std::string_view x, std::string_view y)
{
    const std::size_t size = curve == "P-256" ? 32 : curve == "P-384" ? 48 : curve == "P-521" ? 66 : 0;
    if (size == 0)
        throw Poco::InvalidArgumentException("unknown curve");
    const std::string point = "\x04" + padded(x, size) + padded(y, size); // uncompressed
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.data(), curve.size()) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1)
        throw Poco::InvalidArgumentException("the numbers do not make a public key");
    return pem("EC", builder);
}

} // namespace tenon::guard
