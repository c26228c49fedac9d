#include "guard/login/Digest.h"

#include <Poco/Exception.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace tenon::guard
{

namespace
{

int valueOf(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

} // namespace

Digest sha256(std::string_view text)
{
    Digest digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw Poco::SystemException("SHA-256 is not available");
    return digest;
}

Digest hmacSha256(std::string_view key, std::string_view text)
{
    Digest digest{};
    if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), nullptr))
        throw Poco::SystemException("HMAC-SHA-256 is not available");
    return digest;
}

bool equalInConstantTime(std::string_view left, std::string_view right)
{
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool equalInConstantTime(const Digest& left, const Digest& right)
{
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string randomBytes(std::size_t count)
{
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        throw Poco::SystemException("no random numbers");
    return bytes;
}

std::string toHex(std::string_view bytes)
{
    constexpr std::string_view DIGITS = "0123456789abcdef";
    std::string hex;
    for (const char letter : bytes)
    {
        hex += DIGITS[static_cast<std::uint8_t>(letter) >> 4];
        hex += DIGITS[static_cast<std::uint8_t>(letter) & 15];
    }
    return hex;
}

bool fromHex(std::string_view hex, Digest& digest)
{
    if (hex.size() != digest.size() * 2)
        return false;
    for (std::size_t at = 0; at < digest.size(); ++at)
    {
        const int high = valueOf(hex[at * 2]), low = valueOf(hex[at * 2 + 1]);
        if (high < 0 || low < 0)
            return false;
        digest[at] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

} // namespace tenon::guard
