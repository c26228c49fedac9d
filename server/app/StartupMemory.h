#pragma once

namespace tenon::app
{

/// Gives back the memory that starting has taken and serving does not need: what the allocator holds free, and the pages
/// of code and constants that are mapped though nothing runs in them any more. Those that are needed again come back from
/// the page cache by themselves, at the price of a minor fault.
///
/// Starting runs through most of the libraries' initialisers, and the kernel maps sixteen pages around every one that is
/// touched, so two thirds of what is resident then is never looked at again.
///
/// Errors:    none; where the system has nothing of the kind, nothing happens.
/// Threading: any thread, once.
void releaseStartupMemory() noexcept;

} // namespace tenon::app
