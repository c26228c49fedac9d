#include "app/StartupMemory.h"

#if defined(__GLIBC__)

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace tenon::app
{

namespace
{

/// Segments that nobody can write to are the same in their file: dropped, they lose nothing. Relocated constants are not
/// among them; they lie in writable segments.
int dropSegments(dl_phdr_info* object, std::size_t, void*)
{
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    for (int index = 0; index < object->dlpi_phnum; ++index)
    {
        const auto& segment = object->dlpi_phdr[index];
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W))
            continue;
        const auto begin = (object->dlpi_addr + segment.p_vaddr + page - 1) & ~(page - 1);
        const auto end = (object->dlpi_addr + segment.p_vaddr + segment.p_filesz) & ~(page - 1);
        if (begin < end)
            madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    return 0;
}

} // namespace

void releaseStartupMemory() noexcept
{
    malloc_trim(0);
    dl_iterate_phdr(dropSegments, nullptr);
}

} // namespace tenon::app

#else

namespace tenon::app
{

void releaseStartupMemory() noexcept {}

} // namespace tenon::app

#endif
