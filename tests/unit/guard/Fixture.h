#pragma once

#include "base/text/Ascii.h"
#include "base/text/Hex.h"
#include "guard/Gate.h"
#include "guard/limits/Clock.h"
#include "guard/login/Digest.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tenon::test
{

/// Both clocks, moved by hand.
class FakeClock : public guard::Clock
{
public:
    std::int64_t unixSeconds() const override { return seconds; }
    std::int64_t steadyMs() const override { return ms; }

    void advanceMs(std::int64_t by)
    {
        ms += by;
        seconds += by / 1000;
    }

    std::atomic<std::int64_t> seconds{1'800'000'000};
    std::atomic<std::int64_t> ms{1'000'000};
};

class FakeHeaders
{
public:
    FakeHeaders() = default;
    FakeHeaders(std::initializer_list<std::pair<const std::string, std::string>> list) : values(list) {}

    /// Borrowed until the next call.
    const base::HeaderFields& fields() const
    {
        _fields = std::make_shared<base::HeaderFields>();
        for (const auto& [name, value] : values)
            _fields->addField(name, value);
        return *_fields;
    }

    std::map<std::string, std::string> values;

private:
    mutable std::shared_ptr<base::HeaderFields> _fields;
};

/// A gate over given settings, and requests to it. `Host` is "localhost:8080" unless a header says otherwise.
class GateFixture
{
public:
    using Map = std::map<std::string, std::string>;

    explicit GateFixture(Map settings = {}, guard::Bind bind = {})
        : gate(*base::Settings::of(std::move(settings), specs()), bind, clock)
    {
    }

    /// The gate's own, and what it reads of another room's.
    static std::vector<base::SettingSpec> specs()
    {
        auto all = guard::settings();
        all.push_back({"upstream.*.auth.audience", base::SettingType::TEXT, "", "", ""});
        return all;
    }

    guard::RequestFacts facts(const FakeHeaders& headers) const
    {
        guard::RequestFacts made;
        made.method = "POST";
        made.path = "/mcp";
        made.peerAddress = peer;
        made.area = area;
        made.query = query;
        made.tlsSubject = subject;
        made.headers = &headers.fields();
        return made;
    }

    guard::Admission admit(FakeHeaders headers = {})
    {
        kept = std::move(headers); // an admission borrows its request
        kept.values.emplace("Host", "localhost:8080");
        return gate.admit(facts(kept));
    }

    /// 0 if admitted, else the status.
    int status(FakeHeaders headers = {})
    {
        const guard::Admission admission = admit(std::move(headers));
        return admission.refusal ? admission.refusal->status : 0;
    }

    static std::string headerOf(const guard::HeaderPairs& headers, std::string_view name)
    {
        for (const auto& [key, value] : headers)
            if (base::equalsIgnoringCase(key, name))
                return value;
        return {};
    }

    static std::string sha256Hex(std::string_view text)
    {
        const guard::Digest digest = guard::sha256(text);
        return base::toHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
    }

    FakeClock clock;
    FakeHeaders kept;
    std::string peer = "127.0.0.1", query, subject;
    guard::Area area = guard::Area::ENDPOINT;
    guard::Gate gate;
};

} // namespace tenon::test
