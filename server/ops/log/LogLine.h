#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenon::ops
{

/// One line of a structured log, `key=value` pairs or a JSON object.
///
/// Whatever the values hold, the line stays one line and a value cannot pass for another key: control characters and
/// quotes are escaped. Values of keys that name secrets (`authorization`, `token`, `password`, `secret`, `cookie`,
/// `api_key`) are not written.
///
/// Threading: one thread.
class LogLine
{
public:
    LogLine(bool json, std::string_view event);

    /// Empty texts are left out.
    LogLine& add(std::string_view key, std::string_view value);
    LogLine& add(std::string_view key, std::int64_t value);

    [[nodiscard]] std::string text() const;

private:
    const bool _json;
    std::string _line;
};

/// A request's target with the values of parameters that may be secrets (`token`, `access_token`, `api_key`, `key`,
/// `code`, `password`, `secret`, however they are written) replaced by `***`.
[[nodiscard]] std::string withoutSecrets(std::string_view target);

} // namespace tenon::ops
