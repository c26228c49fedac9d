#include "guard/login/Password.h"

#include "base/text/Base64.h"
#include "base/text/RandomId.h"
#include "guard/login/Digest.h"

#include <Poco/Exception.h>

#include <openssl/evp.h>

#include <charconv>

namespace tenon::guard
{

namespace
{

constexpr std::string_view SCHEME = "pbkdf2-sha256";
constexpr unsigned ITERATIONS = 600'000;
constexpr unsigned MIN_ITERATIONS = 100'000;
constexpr unsigned MAX_ITERATIONS = 10'000'000;
constexpr std::size_t SALT_BYTES = 16;

struct Parts
{
    unsigned iterations = 0;
    std::string salt, hash;
};

std::string_view takePart(std::string_view& rest)
{
    const auto dollar = rest.find('$');
    const std::string_view part = rest.substr(0, dollar);
    rest = dollar == std::string_view::npos ? std::string_view() : rest.substr(dollar + 1);
    return part;
}

bool parse(std::string_view text, Parts& parts)
{
    if (takePart(text) != SCHEME)
        return false;
    const std::string_view number = takePart(text);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), parts.iterations);
    return error == std::errc() && end == number.data() + number.size() && parts.iterations >= MIN_ITERATIONS &&
           parts.iterations <= MAX_ITERATIONS && base::fromBase64(takePart(text), parts.salt) &&
           base::fromBase64(takePart(text), parts.hash) && text.empty() && parts.salt.size() >= 8 &&
           parts.hash.size() == sizeof(Digest);
}

std::string derive(std::string_view password, std::string_view salt, unsigned iterations)
{
    std::string hash(sizeof(Digest), '\0');
    if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                          reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                          static_cast<int>(iterations), EVP_sha256(), static_cast<int>(hash.size()),
                          reinterpret_cast<unsigned char*>(hash.data())) != 1)
        throw Poco::SystemException("PBKDF2 is not available");
    return hash;
}

} // namespace

std::string hashPassword(std::string_view password)
{
    const std::string salt = base::randomBytes(SALT_BYTES);
    return std::string(SCHEME) + "$" + std::to_string(ITERATIONS) + "$" + base::toBase64(salt) + "$" +
           base::toBase64(derive(password, salt, ITERATIONS));
}

bool isPasswordHash(std::string_view text)
{
    Parts parts;
    return parse(text, parts);
}

bool verifyPassword(std::string_view password, std::string_view hash)
{
    Parts parts;
    if (!parse(hash, parts))
    {
        parse(impossibleHash(), parts);
        (void)derive(password, parts.salt, parts.iterations);
        return false;
    }
    return equalInConstantTime(derive(password, parts.salt, parts.iterations), parts.hash);
}

const std::string& impossibleHash()
{
    // A random hash instead of a derived one: nothing is known that leads to it.
    static const std::string hash = std::string(SCHEME) + "$" + std::to_string(ITERATIONS) + "$" +
                                    base::toBase64(base::randomBytes(SALT_BYTES)) + "$" +
                                    base::toBase64(base::randomBytes(sizeof(Digest)));
    return hash;
}

} // namespace tenon::guard
