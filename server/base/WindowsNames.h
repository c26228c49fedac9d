#pragma once

/// The system's headers for Windows, without those of their macros that are ordinary names in this tree.
///
/// POCO's headers bring <windows.h> along, and a macro takes its name from every enumerator and function that follows.
/// This header is the first that is precompiled, so no source has to care, and none of it is read on other systems.
///
/// Shape: what else of the system's headers uses one of these macros (iphlpapi.h writes OPTIONAL) is included here, too.
#if defined(_WIN32)

#include <winsock2.h>

#include <ws2tcpip.h>

#include <windows.h>

#include <iphlpapi.h>
#include <psapi.h>
#include <wincrypt.h>

#undef ABSOLUTE
#undef DELETE
#undef DIFFERENCE
#undef ERROR
#undef GetMessage
#undef GetObject
#undef IGNORE
#undef IN
#undef OPTIONAL
#undef OUT
#undef RELATIVE
#undef SendMessage
#undef STRICT
#undef TRANSPARENT
#undef OPAQUE
#undef TIMESTAMP_REQUEST // a member of Poco::Net::ICMPEventArgs
#undef X509_NAME         // a type of OpenSSL's; wincrypt.h has a few of these names
#undef X509_EXTENSIONS
#undef PKCS7_SIGNER_INFO
#undef OCSP_REQUEST
#undef OCSP_RESPONSE

// Of memory that came in pieces: empty, and other headers write the capital ones.
#undef far
#undef near
#undef FAR
#undef NEAR
#define FAR
#define NEAR

#endif
