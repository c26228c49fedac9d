#ifndef TENON_LOG_H
#define TENON_LOG_H

/// `tenon.log/1`, the host's: lines in the server's log. And the levels, which `tenon_call_api.log` has too.

#include "abi.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

    typedef int32_t tenon_log_level;
    enum
    { /* RFC 5424, the protocol's LoggingLevel */
      TENON_LOG_DEBUG = 0,
      TENON_LOG_INFO = 1,
      TENON_LOG_NOTICE = 2,
      TENON_LOG_WARNING = 3,
      TENON_LOG_ERROR = 4,
      TENON_LOG_CRITICAL = 5,
      TENON_LOG_ALERT = 6,
      TENON_LOG_EMERGENCY = 7
    };

#define TENON_EXT_LOG "tenon.log/1"

    typedef struct tenon_log_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// A line in the server's log, marked with the plugin's name. Nothing reaches clients. Copied. [any-thread]
        void(TENON_ABI* log)(const tenon_host* host, tenon_log_level level, tenon_text message);
    } tenon_log_api;

#ifdef __cplusplus
}
#endif

#endif
