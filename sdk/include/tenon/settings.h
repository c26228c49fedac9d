#ifndef TENON_SETTINGS_H
#define TENON_SETTINGS_H

/// `tenon.settings/1`, the host's: what the server's settings say for the plugin.

#include "abi.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_SETTINGS "tenon.settings/1"

    /// The settings `plugin.<name>.*` of the server, keys without that prefix; those that are the host's own (isolation,
    /// prefix, limits …) included. Fixed from `create` until `destroy`; texts live as long. [any-thread]
    ///
    /// In a program that attaches (attach.h) they are what its server said last: none until there is one, and perhaps others
    /// when it comes back. Texts live until `destroy` all the same.
    typedef struct tenon_settings_api
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// The value of `key`; absent if it is not set.
        tenon_text(TENON_ABI* get)(const tenon_host* host, tenon_text key);

        /// The setting at `index`, from 0, in alphabetical order; false past the end.
        bool(TENON_ABI* at)(const tenon_host* host, uint64_t index, tenon_text* key, tenon_text* value);

        /// The value of `key` as files and folders, separated by commas: relative ones made absolute, from the folder of
        /// the settings file that names them. Absent if it is not set.
        tenon_text(TENON_ABI* paths)(const tenon_host* host, tenon_text key);
    } tenon_settings_api;

#ifdef __cplusplus
}
#endif

#endif
