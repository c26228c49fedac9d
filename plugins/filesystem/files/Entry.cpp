#include "filesystem/files/Entry.h"

#include "filesystem/text/Text.h"

namespace tenon::filesystem
{

Entry toEntry(const Location& location, const Info& info)
{
    Entry entry;
    const std::size_t slash = location.path.rfind('/');
    entry.name = toUtf8(location.path.size() > 1 ? location.path.substr(slash + 1) : location.path);
    entry.path = location.shown();
    entry.uri = location.uri;
    entry.kind = info.kind;
    entry.link = info.link;
    if (info.kind == Kind::FILE)
        entry.size = info.bytes;
    if (info.modifiedNs != 0)
        entry.modified = toDateTime(info.modifiedNs);
    return entry;
}

} // namespace tenon::filesystem
