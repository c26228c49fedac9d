#include "Tokens.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <vector>

namespace tenon::tests
{

namespace
{

std::string base64Url(std::string_view bytes)
{
    std::vector<unsigned char> text(4 * ((bytes.size() + 2) / 3) + 1);
    const int size = EVP_EncodeBlock(text.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    std::string result(text.begin(), text.begin() + size);
    for (char& letter : result)
        letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
    while (!result.empty() && result.back() == '=')
        result.pop_back();
    return result;
}

void require(bool good)
{
    if (!good)
        throw std::runtime_error("OpenSSL refuses");
}

} // namespace

std::string sha256Hex(std::string_view text)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) == 1);
    std::string hex;
    for (unsigned int at = 0; at < size; ++at)
    {
        constexpr char DIGITS[] = "0123456789abcdef";
        hex += DIGITS[digest[at] >> 4];
        hex += DIGITS[digest[at] & 15];
    }
    return hex;
}

namespace tokens
{

std::string join(std::string_view header, std::string_view claims, std::string_view signature)
{
    return base64Url(header) + '.' + base64Url(claims) + '.' + base64Url(signature);
}

std::string hs256(std::string_view claims, std::string_view secret, std::string_view header)
{
    const std::string input = base64Url(header) + '.' + base64Url(claims);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    require(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                 reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest, &size) != nullptr);
    return input + '.' + base64Url({reinterpret_cast<const char*>(digest), size});
}

struct RsaKey::Impl
{
    EVP_PKEY* key = EVP_RSA_gen(2048);
};

RsaKey::RsaKey() : _impl(std::make_unique<Impl>())
{
    require(_impl->key != nullptr);
}

RsaKey::~RsaKey()
{
    EVP_PKEY_free(_impl->key);
}

std::string RsaKey::publicPem() const
{
    BIO* const memory = BIO_new(BIO_s_mem());
    require(PEM_write_bio_PUBKEY(memory, _impl->key) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(memory, &data);
    std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(memory);
    return pem;
}

std::string RsaKey::rs256(std::string_view claims, std::string_view header) const
{
    const std::string input = base64Url(header) + '.' + base64Url(claims);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    std::vector<unsigned char> signature(static_cast<std::size_t>(EVP_PKEY_get_size(_impl->key)));
    std::size_t size = signature.size();
    require(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, _impl->key) == 1);
    require(EVP_DigestSign(context, signature.data(), &size, reinterpret_cast<const unsigned char*>(input.data()),
                           input.size()) == 1);
    EVP_MD_CTX_free(context);
    return input + '.' + base64Url({reinterpret_cast<const char*>(signature.data()), size});
}

} // namespace tokens

} // namespace tenon::tests
