#include "store/InstanceId.h"

#include "base/text/RandomId.h"

#include <Poco/Exception.h>

#include <algorithm>

namespace tenon::store
{

namespace
{

constexpr std::size_t MAX_NAME = 32;
constexpr std::size_t EPOCH_DIGITS = 8;

bool isPlain(std::string_view text)
{
    return !text.empty() && text.size() <= MAX_NAME &&
           std::all_of(text.begin(), text.end(),
                       [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  c == '-';
                       });
}

} // namespace

InstanceId InstanceId::make(const std::string& name)
{
    if (!name.empty() && !isPlain(name))
        throw Poco::InvalidArgumentException("'cluster.instance' may have " + std::to_string(MAX_NAME) +
                                             " letters, digits and dashes, not '" + name + "'");
    InstanceId made;
    made._tag = (name.empty() ? base::randomId(EPOCH_DIGITS) : name) + '.' + base::randomId(EPOCH_DIGITS);
    return made;
}

std::string InstanceId::newId() const
{
    return idOf(base::randomId());
}

std::string InstanceId::idOf(std::string_view rest) const
{
    if (_tag.empty())
        return std::string(rest);
    std::string id;
    id.reserve(_tag.size() + 1 + rest.size());
    return id.append(_tag).append(1, '.').append(rest);
}

bool InstanceId::made(std::string_view id) const
{
    const auto tag = tagOf(id);
    return tag.empty() || tag == _tag;
}

std::string_view tagOf(std::string_view id)
{
    const auto name = id.find('.');
    if (name == std::string_view::npos || !isPlain(id.substr(0, name)))
        return {};
    const auto epoch = id.find('.', name + 1);
    if (epoch != name + 1 + EPOCH_DIGITS)
        return {};
    return id.substr(0, epoch);
}

} // namespace tenon::store
