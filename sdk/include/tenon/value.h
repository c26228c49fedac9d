#ifndef TENON_VALUE_H
#define TENON_VALUE_H

/// `tenon.value/1`, the host's: reads parsed JSON as a read-only tree, so that a plugin needs no JSON library.
///
/// All functions: [any-thread], constant time unless said otherwise, never fail: what is not there is a value of type
/// TENON_VALUE_NONE, and reading a value as another type gives the neutral result named at the function.

#include "abi.h"

#ifdef __cplusplus
extern "C"
{
#endif

    struct tenon_call;

    /// A place in a parsed document. Copy it freely; it borrows the document, which lives as long as the call it came from
    /// (or the value's owner, where a function says so). All zero is "none".
    typedef struct tenon_value
    {
        const void* document;
        uint64_t index;
    } tenon_value;

    typedef int32_t tenon_value_type;
    enum
    {
        TENON_VALUE_NONE = 0, ///< no such member or element
        TENON_VALUE_NULL = 1,
        TENON_VALUE_BOOLEAN = 2,
        TENON_VALUE_INTEGER = 3, ///< fits int64_t
        TENON_VALUE_NUMBER = 4,  ///< any other number
        TENON_VALUE_TEXT = 5,
        TENON_VALUE_ARRAY = 6,
        TENON_VALUE_OBJECT = 7
    };

    /// Where an iteration stands; all zero is before the first item.
    typedef struct tenon_cursor
    {
        uint64_t position;
    } tenon_cursor;

#define TENON_EXT_VALUE "tenon.value/1"

    typedef struct tenon_value_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        tenon_value_type(TENON_ABI* type)(tenon_value value);

        /// Members of an object, elements of an array, bytes of a text; else 0. Linear for objects and arrays.
        uint64_t(TENON_ABI* size)(tenon_value value);

        /// The member `name` of an object, or none. Linear in the number of members.
        tenon_value(TENON_ABI* member)(tenon_value object, tenon_text name);

        /// The element at `index`, from 0, of an array, or none. Linear in `index`: use `next` to read all.
        tenon_value(TENON_ABI* element)(tenon_value array, uint64_t index);

        /// Steps through an object or array. False at the end. `key` is set for objects only and may be null.
        bool(TENON_ABI* next)(tenon_value container, tenon_cursor* cursor, tenon_text* key, tenon_value* item);

        bool(TENON_ABI* boolean)(tenon_value value); ///< false if not a boolean
        int64_t(TENON_ABI* integer)(
            tenon_value value);                       ///< numbers are rounded toward zero and saturate; 0 if no number
        double(TENON_ABI* number)(tenon_value value); ///< the nearest; 1e400: infinite; 1e-400, and no number: 0
        tenon_text(TENON_ABI* text)(tenon_value value); ///< unescaped; absent if not a text; lives as long as the value

        /// The value as JSON text, without white space. Lives as long as `call`. Linear. [call-thread]
        tenon_text(TENON_ABI* json)(struct tenon_call* call, tenon_value value);

        /// Parses `text`; the result lives as long as `call`. None if it is not JSON. Linear. [call-thread]
        tenon_value(TENON_ABI* parse)(struct tenon_call* call, tenon_text text);
    } tenon_value_api;

#ifdef __cplusplus
}
#endif

#endif
