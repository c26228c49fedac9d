#include "mcp/calls/RequestState.h"

#include "base/json/JsonWriter.h"
#include "base/text/Base64.h"
#include "base/text/Hex.h"
#include "base/text/RandomId.h"
#include "base/text/Sha256.h"
#include "base/threads/SteadyClock.h"
#include "jsonrpc/Error.h"

#include <Poco/Exception.h>
#include <Poco/Logger.h>
#include <Poco/Timestamp.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tenon::mcp
{

namespace
{

constexpr std::size_t KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytesOf(std::string& text)
{
    return reinterpret_cast<unsigned char*>(text.data());
}

void writeMap(base::JsonWriter& writer, std::string_view name, const std::map<std::string, std::string>& map)
{
    writer.key(name).beginObject();
    for (const auto& [key, value] : map)
        writer.member(key, value);
    writer.endObject();
}

void readMap(const base::JsonDocument::Element& root, std::string_view name, std::map<std::string, std::string>& map)
{
    base::JsonDocument::Element member;
    simdjson::dom::object members;
    if (!base::findMember(root, name, member) || member.get_object().get(members))
        return;
    for (const auto& [key, value] : members)
        map.emplace(std::string(key), std::string(value.get_string().value_unsafe()));
}

std::int64_t numberOf(const base::JsonDocument::Element& root, std::string_view name)
{
    base::JsonDocument::Element member;
    std::int64_t number = 0;
    return base::findMember(root, name, member) && !member.get_int64().get(number) ? number : 0;
}

std::int64_t ownTimeOfDayMs()
{
    return Poco::Timestamp().epochMicroseconds() / 1000;
}

[[noreturn]] void refuse()
{
    throw jsonrpc::RpcException(jsonrpc::ErrorKind::INVALID_PARAMS,
                                "requestState is not valid for this request; call again without it");
}

} // namespace

StateSealer::StateSealer(const std::string& keyHex, std::int64_t validMs, std::function<std::int64_t()> timeOfDayMs)
    : _key(KEY_BYTES, '\0'), _process(base::randomId()), _validMs(validMs),
      _timeOfDayMs(timeOfDayMs ? std::move(timeOfDayMs) : &ownTimeOfDayMs)
{
    if (keyHex.empty())
    {
        if (RAND_bytes(bytesOf(_key), KEY_BYTES) != 1)
            throw Poco::SystemException("no random numbers");
        Poco::Logger::get("tenon.mcp")
            .notice("mcp.requestStateKey is not set: a requestState is valid only in this instance, and only until it "
                    "stops");
        return;
    }
    if (!base::fromHex(keyHex, {bytesOf(_key), KEY_BYTES}))
        throw Poco::InvalidArgumentException("mcp.requestStateKey must be 64 hex digits");
}

std::string StateSealer::seal(const RequestState& state, std::string_view binding) const
{
    std::string plain;
    base::JsonWriter writer(plain);
    writer.beginObject().member("by", _process).member("steady", base::steadyMs()).member("at", _timeOfDayMs());
    writer.member("elapsed", state.elapsedMs);
    writeMap(writer, "answers", state.answers);
    writeMap(writer, "memories", state.memories);
    writer.key("asked").beginObject();
    for (const auto& [key, misfits] : state.asked)
        writer.member(key, misfits);
    writer.endObject();
    writer.endObject();

    std::string sealed(NONCE_BYTES + plain.size() + TAG_BYTES, '\0');
    unsigned char* const nonce = bytesOf(sealed);
    const CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    const bool done =
        RAND_bytes(nonce, NONCE_BYTES) == 1 &&
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytesOf(std::string_view(_key)), nonce) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &size, bytesOf(binding), static_cast<int>(binding.size())) == 1 &&
        EVP_EncryptUpdate(context.get(), nonce + NONCE_BYTES, &size, bytesOf(std::string_view(plain)),
                          static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), nonce + NONCE_BYTES + size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, TAG_BYTES, nonce + NONCE_BYTES + plain.size()) == 1;
    if (!done)
        throw Poco::SystemException("requestState cannot be sealed");
    return base::toBase64Url(sealed);
}

RequestState StateSealer::open(std::string_view sealed, std::string_view binding) const
{
    std::string data;
    if (!base::fromBase64Url(sealed, data) || data.size() < NONCE_BYTES + TAG_BYTES)
        refuse();
    unsigned char* const nonce = bytesOf(data);
    std::string plain(data.size() - NONCE_BYTES - TAG_BYTES, '\0');
    unsigned char* const tag = nonce + NONCE_BYTES + plain.size();
    const CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int size = 0;
    const bool genuine =
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytesOf(std::string_view(_key)), nonce) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &size, bytesOf(binding), static_cast<int>(binding.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), bytesOf(plain), &size, nonce + NONCE_BYTES, static_cast<int>(plain.size())) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytesOf(plain) + size, &size) == 1;
    if (!genuine)
        refuse();

    const auto document = base::JsonDocument::parse(plain);
    const auto age = ageOf(document->root());
    if (age > _validMs)
        refuse();
    RequestState state;
    state.elapsedMs = numberOf(document->root(), "elapsed") + age;
    readMap(document->root(), "answers", state.answers);
    readMap(document->root(), "memories", state.memories);
    base::JsonDocument::Element asked;
    if (base::findMember(document->root(), "asked", asked))
        for (const auto& [key, misfits] : simdjson::dom::object(asked))
            state.asked.emplace(std::string(key), static_cast<unsigned>(misfits.get_uint64().value_unsafe()));
    return state;
}

std::int64_t StateSealer::ageOf(const base::JsonDocument::Element& sealed) const
{
    const bool own = base::textMember(sealed, "by") == _process;
    return std::max<std::int64_t>(
        own ? base::steadyMs() - numberOf(sealed, "steady") : _timeOfDayMs() - numberOf(sealed, "at"), 0);
}

std::string StateSealer::bindingOf(std::string_view principal, std::string_view method, std::string_view subject,
                                   const base::JsonDocument::Element* arguments)
{
    // As a JSON array, so that no part can pass for another.
    std::string text;
    base::JsonWriter writer(text);
    writer.beginArray().value(principal).value(method).value(subject);
    if (arguments)
        writer.value(*arguments);
    writer.endArray();
    return std::string(base::bytesOf(base::sha256(text)));
}

} // namespace tenon::mcp
