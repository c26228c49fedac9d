#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace Poco
{
class Message;
}

namespace tenon::ops
{

/// The fields of a log message besides its text: ` key=value` pairs in a text log, members of the object in a JSON log.
///
/// Whatever the values hold, the line stays one line and a value cannot pass for another key: control characters and
/// quotes are escaped. Values of keys that name secrets (`authorization`, `token`, `password`, `secret`, `cookie`,
/// `api_key`) are not written.
///
/// Threading: one thread.
class LogMembers
{
public:
    /// Empty texts are left out.
    LogMembers& add(std::string_view key, std::string_view value);
    LogMembers& add(std::string_view key, std::int64_t value);
    LogMembers& flag(std::string_view key, bool value);

    /// Has the message carry them to the LogFormatter.
    void attachTo(Poco::Message& message) const;

    /// What a message carries: `"key":"value",…` for JSON, ` key=value…` for text. Empty: none.
    [[nodiscard]] static std::string of(const Poco::Message& message, bool json);

private:
    void addRaw(std::string_view key, std::string_view value);

    std::string _text, _json;
};

/// A request's target with the values of parameters that may be secrets (`token`, `access_token`, `api_key`, `key`,
/// `code`, `password`, `secret`, however they are written) replaced by `***`.
[[nodiscard]] std::string withoutSecrets(std::string_view target);

} // namespace tenon::ops
