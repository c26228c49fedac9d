#ifndef TENON_SKILLS_H
#define TENON_SKILLS_H

/// `tenon.skills/1`, the plugin's: skills, folders of instructions and files for models, served as resources.
///
/// The files themselves are read through `tenon.resources/1`; this extension lists the skills and their folders. The host
/// answers `skills/list`, `skills/get` and `resources/directory/read` from it.
///
/// Spec: the extension `io.modelcontextprotocol/skills` (SEP-2640).

#include "call.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C"
{
#endif

#define TENON_EXT_SKILLS "tenon.skills/1"

    typedef struct tenon_skills
    {
        uint32_t struct_size;
        uint32_t reserved;

        /// A JSON array of {"uri": "skill://…/NAME/SKILL.md", "frontmatter": object, "resources": "dynamic" | array of
        /// {"uri", "digest", "size"}}. Threading and ownership as `tenon_tools.list`.
        tenon_text(TENON_ABI* list)(tenon_plugin* plugin);

        /// Lists a folder. May be null.
        ///
        /// Shape:     `call->arguments` is {"uri": "skill://…"}; the result is {"resources": [Resource]}, folders in it with
        ///            the mimeType "inode/directory".
        /// Errors:    as `tenon_resources.read`; TENON_ERROR_NOT_FOUND: no such folder of this plugin.
        /// Threading: [call-thread]
        tenon_status(TENON_ABI* read_directory)(tenon_plugin* plugin, tenon_call* call);
    } tenon_skills;

#ifdef __cplusplus
}
#endif

#endif
