#include "base/text/Sha256.h"

#include <Poco/Exception.h>

#include <openssl/evp.h>

namespace tenon::base
{

Sha256 sha256(std::string_view text)
{
    Sha256 digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw Poco::SystemException("SHA-256 is not available");
    return digest;
}

} // namespace tenon::base
