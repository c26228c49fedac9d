#pragma once
/* What POCO calls <Iphlpapi.h>. A macro in it collides with a member of Poco::Net::ICMPEventArgs. */
#include <iphlpapi.h>
#undef TIMESTAMP_REQUEST
