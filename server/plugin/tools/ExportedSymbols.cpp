#include "plugin/tools/ExportedSymbols.h"

#if __has_include(<elf.h>)

#include <Poco/FileStream.h>
#include <Poco/StreamCopier.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <elf.h>

namespace tenon::plugin
{

namespace
{

constexpr std::array<std::string_view, 4> OF_THE_LINKER = {"_init", "_fini", "_edata", "_end"};
constexpr std::string_view OF_THE_COMPILER = "__"; // reserved for it: __bss_start, what sanitizers add

/// The struct at `offset`; false if the file ends before.
template <typename Struct>
bool readAt(const std::string& bytes, std::uint64_t offset, Struct& value)
{
    if (offset > bytes.size() || bytes.size() - offset < sizeof value)
        return false;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return true;
}

bool isExported(const Elf64_Sym& symbol)
{
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    return symbol.st_shndx != SHN_UNDEF && binding != STB_LOCAL &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

std::vector<std::string> symbolsOf(const std::string& bytes, const Elf64_Shdr& table, const Elf64_Shdr& names)
{
    std::vector<std::string> found;
    Elf64_Sym symbol;
    for (std::uint64_t at = 0; at + sizeof symbol <= table.sh_size; at += sizeof symbol)
    {
        if (!readAt(bytes, table.sh_offset + at, symbol) || !isExported(symbol) || symbol.st_name >= names.sh_size)
            continue;
        const std::uint64_t begin = names.sh_offset + symbol.st_name;
        const auto end = begin < bytes.size() ? bytes.find('\0', begin) : std::string::npos;
        if (end == std::string::npos)
            continue;
        std::string name = bytes.substr(begin, end - begin);
        const bool common = name.empty() || name.starts_with(OF_THE_COMPILER) ||
                            std::find(OF_THE_LINKER.begin(), OF_THE_LINKER.end(), name) != OF_THE_LINKER.end();
        if (!common)
            found.push_back(std::move(name));
    }
    return found;
}

} // namespace

std::optional<std::vector<std::string>> exportedSymbols(const std::string& file)
{
    std::string bytes;
    Poco::FileInputStream stream(file, std::ios::binary);
    Poco::StreamCopier::copyToString(stream, bytes);
    Elf64_Ehdr header;
    if (!readAt(bytes, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shentsize != sizeof(Elf64_Shdr))
        return {};
    for (std::uint64_t at = 0; at < header.e_shnum; ++at)
    {
        Elf64_Shdr table, names;
        if (readAt(bytes, header.e_shoff + at * sizeof table, table) && table.sh_type == SHT_DYNSYM &&
            readAt(bytes, header.e_shoff + table.sh_link * sizeof names, names))
            return symbolsOf(bytes, table, names);
    }
    return {};
}

} // namespace tenon::plugin

#else

namespace tenon::plugin
{

std::optional<std::vector<std::string>> exportedSymbols(const std::string&)
{
    return {};
}

} // namespace tenon::plugin

#endif
