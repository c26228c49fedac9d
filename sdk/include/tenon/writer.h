#ifndef TENON_WRITER_H
#define TENON_WRITER_H

/// `tenon.writer/1`, the host's: writes JSON, so that a plugin needs no JSON library and the host need not check it.
///
/// A writer belongs to one call and is empty at every entry of the call. It writes one JSON value; what would not be
/// well-formed (a member outside an object, two values at the top, an unfinished container) is refused and remembered:
/// the functions return nothing, `finish` and `written` tell. Strings are escaped; invalid UTF-8 becomes U+FFFD. NaN and
/// infinities are refused likewise: JSON cannot hold them, and no other value stands in for them. Who wrote one by mistake
/// and returns what `finish` gave fails the call with these words. [call-thread], or for TENON_ASYNC one thread at a time.

#include "abi.h"
#include "value.h"

#ifdef __cplusplus
extern "C"
{
#endif

    struct tenon_call;

#define TENON_EXT_WRITER "tenon.writer/1"

    typedef struct tenon_writer_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        void(TENON_ABI* begin_object)(struct tenon_call* call);
        void(TENON_ABI* end_object)(struct tenon_call* call);
        void(TENON_ABI* begin_array)(struct tenon_call* call);
        void(TENON_ABI* end_array)(struct tenon_call* call);
        void(TENON_ABI* key)(struct tenon_call* call, tenon_text name);
        void(TENON_ABI* text)(struct tenon_call* call, tenon_text value);
        void(TENON_ABI* integer)(struct tenon_call* call, int64_t value);
        void(TENON_ABI* number)(struct tenon_call* call,
                                double value); ///< shortest form that reads back the same; finite
        void(TENON_ABI* boolean)(struct tenon_call* call, bool value);
        void(TENON_ABI* null)(struct tenon_call* call);
        void(TENON_ABI* base64)(struct tenon_call* call, const void* data, uint64_t size); ///< a string of base64
        void(TENON_ABI* value)(struct tenon_call* call, tenon_value value);                ///< a copy of a parsed value
        void(TENON_ABI* json)(struct tenon_call* call, tenon_text json); ///< one value of finished JSON text, checked

        /// Drops what was written.
        void(TENON_ABI* reset)(struct tenon_call* call);

        /// What was written, if it is one complete value; else absent. Valid until the next function of this writer.
        tenon_text(TENON_ABI* written)(struct tenon_call* call);

        /// Ends the call with what was written, as `tenon_call_api.finish` does, without a copy.
        ///
        /// Errors:    TENON_ERROR_INVALID if it is not one complete JSON object, TENON_ERROR_NOT_REPRESENTABLE if it has NaN
        ///            or an infinity. The call goes on while the function runs, so `reset` and something else can follow; after
        ///            it returned TENON_ASYNC the call fails with that. TENON_ERROR_STATE if the call has ended already.
        tenon_status(TENON_ABI* finish)(struct tenon_call* call);
    } tenon_writer_api;

#ifdef __cplusplus
}
#endif

#endif
