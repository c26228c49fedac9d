#ifndef TENON_FWD_HPP
#define TENON_FWD_HPP

#include <tenon/tenon.h>

#include <string_view>
#include <type_traits>

namespace tenon
{

class AsyncCall;
class Call;
class Plugin;
class Value;

/// How a C++ type looks as JSON: its schema, how it is read and written. See codec.hpp.
template <class T, class Enable = void>
struct Codec;

namespace detail
{

/// The host's extensions, looked up once when the plugin is made.
struct Host
{
    const tenon_host* host = nullptr;
    const tenon_value_api* value = nullptr;
    const tenon_writer_api* writer = nullptr;
    const tenon_log_api* log = nullptr; ///< may be null, likewise the next two
    const tenon_settings_api* settings = nullptr;
    const tenon_notify_api* notify = nullptr;
};

/// Character arrays and pointers are handled as views.
template <class T>
using Plain = std::conditional_t<std::is_convertible_v<T, const char*>, std::string_view, T>;

} // namespace detail

} // namespace tenon

#endif
