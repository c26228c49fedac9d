#ifndef TENON_STATE_H
#define TENON_STATE_H

/// `tenon.state/1`, the plugin's: what survives the replacement of its library.

#include "abi.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_STATE "tenon.state/1"

    /// The plugin's, optional: hands state over to the instance that replaces it when the library file changes, or, for a program
    /// that attaches (attach.h), when it is run again.
    typedef struct tenon_state
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// The state of this instance, bytes in a form its successor knows. Called after `stop`. Borrowed until `destroy`.
        /// [main-thread]
        tenon_text(TENON_ABI* save)(tenon_plugin* plugin);

        /// Takes over what the predecessor saved; `from_version` is its manifest's "version". Called before `start`. A
        /// failure is logged and the instance starts without. [main-thread]
        tenon_status(TENON_ABI* load)(tenon_plugin* plugin, tenon_text from_version, tenon_text state);
    } tenon_state;

#ifdef __cplusplus
}
#endif

#endif
