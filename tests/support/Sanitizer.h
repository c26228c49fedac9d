#pragma once

namespace tenon::tests
{

// Whether the tests run under a sanitizer. Sanitizers see a crash first where nothing else of the process does: they say
// where, and end it with a status of their own. They take more address space than any useful limit of it, some descriptors
// and threads, and time, and keep memory that was freed.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool UNDER_ADDRESS_SANITIZER = true, UNDER_THREAD_SANITIZER = false;
#elif defined(__SANITIZE_THREAD__)
inline constexpr bool UNDER_ADDRESS_SANITIZER = false, UNDER_THREAD_SANITIZER = true;
#else
inline constexpr bool UNDER_ADDRESS_SANITIZER = false, UNDER_THREAD_SANITIZER = false;
#endif
inline constexpr bool UNDER_SANITIZER = UNDER_ADDRESS_SANITIZER || UNDER_THREAD_SANITIZER;

/// How many times as long things may take.
inline constexpr int SLOWER = UNDER_SANITIZER ? 10 : 1;

} // namespace tenon::tests
