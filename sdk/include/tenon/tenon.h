#ifndef TENON_TENON_H
#define TENON_TENON_H

/// The whole plugin ABI. A plugin in C includes this; one in C++ includes <tenon/plugin.hpp> instead.

#include "abi.h"
#include "call.h"
#include "call_api.h"
#include "completion.h"
#include "log.h"
#include "notify.h"
#include "plugin.h"
#include "prompts.h"
#include "resources.h"
#include "settings.h"
#include "skills.h"
#include "state.h"
#include "tools.h"
#include "value.h"
#include "writer.h"

#endif
