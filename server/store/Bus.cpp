#include "store/Bus.h"

#include <Poco/Timestamp.h>

namespace tenon::store
{

std::int64_t Bus::timeOfDayMs() const
{
    return Poco::Timestamp().epochMicroseconds() / 1000;
}

} // namespace tenon::store
