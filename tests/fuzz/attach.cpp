// Both ends of an attachment: whatever a peer sends, the other end closes or goes on, ends each call once, and holds no more
// than it may.
//
// The first byte says who reads. 'p': the server, a program's bytes as they are. 'g': the same behind a good greeting, while
// calls are inside. 'l': a program's library, a server's calls. The second byte is how much arrives at once.
#include "Call.h"
#include "Errand.h"
#include "GivenSettings.h"
#include "fuzz/Input.h"
#include "plugin/attach/AttachPeer.h"
#include "plugin/attach/AttachedInstance.h"
#include "plugin/catalogue/OfferReader.h"
#include "plugin/config/PluginSettings.h"
#include "unit/plugin/FakeCall.h"

#include <tenon/attach.h>

#include <Poco/Exception.h>
#include <Poco/Logger.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace tenon::plugin;
using tenon::base::Settings;
using tenon::fuzz::demand;

namespace
{

/// A peer that sends what it is given, in pieces, takes whatever it gets, and goes.
class Peer final : public ByteStream
{
public:
    Peer(std::string bytes, std::size_t piece) : _bytes(std::move(bytes)), _piece(std::max<std::size_t>(piece, 1)) {}

    std::size_t write(const char*, std::size_t size, bool, bool&) override { return size; }
    Received receive(char* data, std::size_t size, std::size_t& got) override
    {
        got = std::min({size, _piece, _bytes.size() - _begin});
        if (got == 0)
            return Received::CLOSED;
        std::memcpy(data, _bytes.data() + _begin, got);
        _begin += got;
        return Received::SOME;
    }
    bool wait(int, bool, std::intptr_t) override { return false; }
    bool peerHasGone() override { return false; }
    void shutDown() override { _begin = _bytes.size(); }

private:
    const std::string _bytes;
    const std::size_t _piece;
    std::size_t _begin = 0;
};

class Owner final : public InstanceOwner
{
public:
    void listChanged(const std::string&) override {}
    void resourceUpdated(std::string_view) override {}
    void quarantined(const std::string&, const std::string&) override {}
};

tenon::base::SettingsPtr settings()
{
    static const auto made =
        Settings::of({{"attach.editor.users", "*"}, {"attach.editor.waitMs", "0"}}, tenon::plugin::settings());
    return made;
}

std::shared_ptr<PluginThreads> threads()
{
    static auto& owner = *new Owner;
    static auto& made = *new std::shared_ptr<PluginThreads>(std::make_shared<PluginThreads>(owner));
    return made;
}

/// The server's side: one name, whose offer is read as the manager reads it, with calls inside.
class Home final : public PeerNews
{
public:
    Home()
        : _config(PluginConfig::read(*settings(), "editor", 4)), _limit(std::make_shared<PluginLimit>(4)),
          _instance(std::make_shared<AttachedInstance>(_config, AttachedName::read(*settings(), "editor"), threads(),
                                                       _limit, std::make_shared<Waker>()))
    {
    }

    std::string preparing(AttachPeer& peer, const ProgramHello& who, Preparation& given) override
    {
        given.settings = settingsBody(_config.settings);
        given.state = _instance->leftFor(peer, who);
        return {};
    }
    bool leaving(AttachPeer& peer, const ProgramHello& who, LeftState state) override
    {
        return _instance->keep(peer, who, std::move(state));
    }
    std::string greeted(const std::shared_ptr<AttachPeer>& peer, const ProgramHello& hello) override
    {
        if (hello.name != "editor")
            return "only editors";
        std::string reason = _instance->join(peer, hello);
        read();
        for (int count = 0; reason.empty() && count < 3; ++count)
        {
            calls.push_back(std::make_shared<FakeCall>(R"({"text":"hi","instance":"x"})"));
            _instance->enter(Target::TOOL, 0, calls.back());
        }
        return reason;
    }
    void offered(AttachPeer& peer, Offer offer) override
    {
        _instance->offered(peer, std::move(offer));
        read();
    }
    void renamed(AttachPeer& peer, std::string title) override { _instance->renamed(peer, std::move(title)); }
    void resourceUpdated(std::string_view) override {}
    void taken(AttachPeer&, std::uint64_t waitedUs) override { _instance->taken(waitedUs); }
    void ended(AttachPeer& peer) override { _instance->leave(peer); }

    /// Ends the calls that still wait.
    void close() { (void)_instance->look(AttachedInstance::Clock::time_point::max()); }

    std::vector<std::shared_ptr<FakeCall>> calls;

private:
    void read()
    {
        try
        {
            (void)readOffer(_config, _instance->offer(), _instance, _limit, nullptr);
        }
        catch (const Poco::Exception&) // it is refused
        {
            return;
        }
    }

    const PluginConfig _config;
    const std::shared_ptr<PluginLimit> _limit;
    const std::shared_ptr<AttachedInstance> _instance;
};

std::string frame(FrameType type, std::string_view body, std::uint64_t id = 0)
{
    const auto header = FrameHeader{static_cast<std::uint32_t>(body.size()), type, 0, id}.bytes();
    return std::string(header.data(), header.size()) + std::string(body);
}

std::string greeting()
{
    std::string offer, body;
    FieldWriter out(offer);
    out.text(R"({"name":"editor","version":"1"})");
    out.text(R"([{"name":"echo","inputSchema":{"type":"object"},"tenon":{"thread":"main"}}])");
    for (int list = 0; list < 4; ++list)
        out.text("");
    for (int flag = 0; flag < 5; ++flag)
        out.number(0);
    FieldWriter(body)
        .text(ATTACH_GREETING)
        .number(1)
        .number(1)
        .text("editor")
        .text("x")
        .number(7)
        .number(1)
        .text("0")
        .text(offer);
    return frame(FrameType::HELLO, body);
}

void serve(std::string bytes, std::size_t piece)
{
    Home home;
    {
        const auto peer =
            std::make_shared<AttachPeer>(std::make_unique<Peer>(std::move(bytes), piece), AttachPeer::Process{0, "1"},
                                         home, tenon::base::HolderShare(), 1 << 20);
        peer->run();
    }
    home.close();
    for (const auto& call : home.calls)
        demand(call->ends + call->pendings == 1); // neither left nor ended twice
}

void lend(std::string bytes, std::size_t piece)
{
    namespace attach = tenon::attach;
    const auto connection = std::make_shared<attach::Connection>(std::make_unique<Peer>("", 1), [] {});
    FrameSplitter splitter;
    Peer server(std::move(bytes), piece);
    attach::GivenSettings settings;
    std::vector<std::shared_ptr<attach::Call>> calls;
    try
    {
        for (;;)
        {
            const auto [data, size] = splitter.space();
            std::size_t got = 0;
            if (server.receive(data, size, got) == ByteStream::Received::CLOSED)
                break;
            splitter.received(got);
            for (Frame frame; splitter.next(frame);)
            {
                FieldReader in(frame.body);
                if (frame.type == FrameType::WELCOME)
                    settings.take(frame.body);
                else if (frame.type == FrameType::PREPARED)
                    settings.take(attach::Preparation::read(frame.body).settings);
                else if (frame.type == FrameType::CANCEL)
                    connection->cancel(frame.id);
                else if (frame.type == FrameType::ANSWER)
                    connection->answer(frame.id, static_cast<tenon_status>(in.signedNumber()), in.text());
                else if (auto call = attach::Call::make(connection, frame))
                    calls.push_back(std::move(call));
            }
        }
    }
    catch (const std::exception&) // the connection is given up
    {
        connection->abandon();
    }
    tenon_text key{}, value{};
    for (std::uint64_t index = 0; settings.at(index, key, value); ++index)
        demand(settings.value({key.data, key.size}).data == value.data);
    for (const auto& call : calls)
        if (call->taken(true))
        {
            tenon_text json{};
            tenon_attach_json(call->abi(), call->abi()->arguments, &json);
            call->finish(std::string_view(json.data ? json.data : "{}", json.data ? json.size : 2));
            call->returned(TENON_ERROR_FAILED);
        }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const bool quiet = (Poco::Logger::root().setLevel("none"), true);
    (void)quiet;
    if (size < 2)
        return 0;
    std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::size_t piece = data[1];
    switch (data[0])
    {
    case 'p':
        serve(std::move(bytes), piece);
        break;
    case 'g':
        serve(greeting() + bytes, piece + 300);
        break;
    case 'l':
        lend(std::move(bytes), piece);
        break;
    default:
        break;
    }
    return 0;
}
