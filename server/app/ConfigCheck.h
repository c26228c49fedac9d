#pragma once

#include "base/Settings.h"

namespace tenon::app
{

/// Says what the rooms would say at the start, of settings that are well-formed each by itself: what `validate-config`
/// calls valid starts, as far as the machine does not change in between.
///
/// Errors: Poco::Exception, worded for the operator.
void checkConfig(const base::Settings& settings);

} // namespace tenon::app
