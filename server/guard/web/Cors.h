#pragma once

#include "guard/web/HttpReply.h"
#include "guard/web/Origins.h"
#include "guard/web/RequestFacts.h"

#include <string>
#include <string_view>

namespace tenon::guard
{

/// The headers of Cross-Origin Resource Sharing.
///
/// Threading: immutable.
/// Spec:      Fetch Standard, CORS protocol; Private Network Access.
class Cors
{
public:
    struct Options
    {
        bool enabled = true;
        bool credentials = false;
        std::int64_t maxAgeSeconds = 600;
        std::string apiKeyHeader; ///< allowed to be sent by pages; empty: none
    };

    explicit Cors(Options options);

    /// Adds what an answer to a page of `origin` needs. Nothing for a FOREIGN one.
    void addTo(HeaderPairs& headers, std::string_view origin, Origins::Verdict verdict) const;

    /// Adds what the answer to a preflight needs besides.
    void addPreflight(HeaderPairs& headers, const base::HeaderFields& request, std::string_view methods) const;

private:
    [[nodiscard]] bool headerAllowed(std::string_view name) const;

    Options _options;
};

} // namespace tenon::guard
