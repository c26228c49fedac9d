#pragma once

#include <memory>
#include <string>

namespace tenon::guard
{

/// Gets small documents from the web.
///
/// Threading: any thread; blocks.
class Fetcher
{
public:
    virtual ~Fetcher() = default;

    /// The body of a 200 answer.
    ///
    /// Units:  at most 1 MiB, within five seconds; redirects are not followed.
    /// Errors: Poco::Exception of any kind; its text names the URL and what went wrong.
    [[nodiscard]] virtual std::string get(const std::string& url) = 0;

    /// Over https, or http to this machine alone.
    [[nodiscard]] static std::shared_ptr<Fetcher> web();
};

} // namespace tenon::guard
