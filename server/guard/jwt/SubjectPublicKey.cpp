#include "guard/jwt/SubjectPublicKey.h"

#include "base/Base64.h"

#include <Poco/Exception.h>

namespace tenon::guard
{

namespace
{

// DER tags.
constexpr char INTEGER = 0x02;
constexpr char BIT_STRING = 0x03;
constexpr char SEQUENCE = 0x30;

// Object identifiers and the NULL parameter, tag and length included.
constexpr std::string_view RSA_ENCRYPTION("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 13);
constexpr std::string_view EC_PUBLIC_KEY("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 9);
constexpr std::string_view P256("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10);
constexpr std::string_view P384("\x06\x05\x2b\x81\x04\x00\x22", 7);
constexpr std::string_view P521("\x06\x05\x2b\x81\x04\x00\x23", 7);

std::string wrapped(char tag, std::string_view content)
{
    std::string der(1, tag);
    const std::size_t size = content.size();
    if (size < 0x80)
        der += static_cast<char>(size);
    else if (size <= 0xff)
        der.append({static_cast<char>(0x81), static_cast<char>(size)});
    else if (size <= 0xffff)
        der.append({static_cast<char>(0x82), static_cast<char>(size >> 8), static_cast<char>(size & 0xff)});
    else
        throw Poco::InvalidArgumentException("the key is too large");
    der += content;
    return der;
}

std::string integer(std::string_view bytes)
{
    while (bytes.size() > 1 && bytes.front() == '\0')
        bytes.remove_prefix(1);
    if (bytes.empty())
        throw Poco::InvalidArgumentException("a number of the key is missing");
    // The first bit is the sign.
    const bool negative = (static_cast<unsigned char>(bytes.front()) & 0x80) != 0;
    return wrapped(INTEGER, (negative ? std::string(1, '\0') : std::string()) + std::string(bytes));
}

std::string pem(std::string_view algorithm, std::string_view key)
{
    const std::string info =
        wrapped(SEQUENCE, wrapped(SEQUENCE, algorithm) + wrapped(BIT_STRING, std::string(1, '\0') + std::string(key)));
    const std::string text = base::toBase64(info);
    std::string result = "-----BEGIN PUBLIC KEY-----\n";
    for (std::size_t at = 0; at < text.size(); at += 64)
        result += text.substr(at, 64) + "\n";
    return result + "-----END PUBLIC KEY-----\n";
}

std::string padded(std::string_view number, std::size_t size)
{
    while (number.size() > size && number.front() == '\0')
        number.remove_prefix(1);
    if (number.empty() || number.size() > size)
        throw Poco::InvalidArgumentException("a coordinate of the key does not fit its curve");
    return std::string(size - number.size(), '\0') + std::string(number);
}

} // namespace

std::string rsaPem(std::string_view modulus, std::string_view exponent)
{
    return pem(RSA_ENCRYPTION, wrapped(SEQUENCE, integer(modulus) + integer(exponent)));
}

std::string ecPem(std::string_view curve, std::string_view x, std::string_view y)
{
    std::string_view oid;
    std::size_t size = 0;
    if (curve == "P-256")
        oid = P256, size = 32;
    else if (curve == "P-384")
        oid = P384, size = 48;
    else if (curve == "P-521")
        oid = P521, size = 66;
    else
        throw Poco::InvalidArgumentException("unknown curve");
    return pem(std::string(EC_PUBLIC_KEY) + std::string(oid), "\x04" + padded(x, size) + padded(y, size));
}

} // namespace tenon::guard
