#pragma once

#include <Poco/Exception.h>

#include <exception>
#include <string>

namespace tenon::base
{

/// What an exception says, for people: its message alone, without the name of its class; that only if there is no message.
[[nodiscard]] inline std::string reasonOf(const Poco::Exception& exc)
{
    return exc.message().empty() ? exc.displayText() : exc.message();
}

[[nodiscard]] inline std::string reasonOf(const std::exception& exc)
{
    const auto* const poco = dynamic_cast<const Poco::Exception*>(&exc);
    return poco ? reasonOf(*poco) : exc.what();
}

} // namespace tenon::base
