#include "mcp/dispatch/Batch.h"

#include "mcp/sessions/Session.h"

#include <array>
#include <atomic>

namespace tenon::mcp
{

/// The sink of one message of a batch.
class Batch::Item : public ResponseSink
{
public:
    explicit Item(std::shared_ptr<Batch> batch) : _batch(std::move(batch)) {}

    [[nodiscard]] bool streams() const override { return _batch->_parent->streams(); }
    void openStream(std::string_view, std::uint32_t) override {}
    bool send(std::string_view message, std::string_view eventId) override
    {
        return !_done && _batch->_parent->send(message, eventId);
    }
    bool send(const std::shared_ptr<const std::string>& message, std::string_view eventId) override
    {
        return !_done && _batch->_parent->send(message, eventId);
    }
    void finish(const Answer& answer) override
    {
        if (!_done.exchange(true))
            _batch->done(&answer);
    }
    void close(std::uint32_t) override
    {
        if (!_done.exchange(true))
            _batch->done(nullptr);
    }
    [[nodiscard]] bool closed() const override { return _done || _batch->_parent->closed(); }
    void onDisconnect(std::weak_ptr<DisconnectListener>) override {} // legacy: no cancellation

private:
    const std::shared_ptr<Batch> _batch;
    std::atomic<bool> _done{false};
};

std::string Batch::faultOf(const Session* session, std::size_t messages, std::size_t most)
{
    if (!session || session->version() != ProtocolVersion::V2025_03_26)
        return "batches are part of protocol revision 2025-03-26 only; send one message at a time";
    if (messages == 0)
        return "the batch is empty";
    if (messages > most)
        return "the batch has more than " + std::to_string(most) + " messages";
    return {};
}

Batch::Batch(ResponseSinkPtr parent, std::size_t messages) : _parent(std::move(parent)), _pending(messages) {}

ResponseSinkPtr Batch::item()
{
    return std::make_shared<Item>(shared_from_this());
}

void Batch::done(const Answer* answer)
{
    std::string all;
    {
        std::lock_guard lock(_mutex);
        if (answer && !answer->parts.empty())
        {
            _answers += _answers.empty() ? '[' : ',';
            for (const auto part : answer->parts)
                _answers += part;
        }
        if (--_pending > 0)
            return;
        all.swap(_answers);
    }
    Answer whole;
    std::array<std::string_view, 2> parts = {all, "]"};
    if (!all.empty())
        whole.parts = parts;
    _parent->finish(whole);
}

} // namespace tenon::mcp
