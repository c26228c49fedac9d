#pragma once
/* What POCO calls <Winsock2.h>. */
#include <winsock2.h>
