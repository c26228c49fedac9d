#include "plugin/call/SubscriptionOrders.h"

#include "base/json/JsonWriter.h"
#include "plugin/call/CallBackend.h"

#include <Poco/Exception.h>

#include <mutex>
#include <utility>

namespace tenon::plugin
{

namespace
{

base::JsonDocumentPtr argumentsFor(std::string_view uri)
{
    std::string text = R"({"uri":)";
    base::JsonWriter::appendString(text, uri);
    return base::JsonDocument::parse(text + '}');
}

} // namespace

/// One order as a call that has no client.
class SubscriptionOrders::Order final : public CallBackend, public std::enable_shared_from_this<Order>
{
public:
    Order(std::shared_ptr<SubscriptionOrders> orders, InstancePtr instance, bool wanted, std::string uri,
          OrderDone done)
        : _orders(std::move(orders)), _instance(std::move(instance)), _wanted(wanted), _uri(std::move(uri)),
          _arguments(argumentsFor(_uri)), _done(std::move(done))
    {
    }

    /// Its turn has come.
    void enter()
    {
        {
            std::lock_guard lock(_mutex);
            _inside = true;
            if (_expired)
            {
                _inside = false;
                _orders->_turns->leave({});
                return;
            }
        }
        const auto target = _wanted ? Target::SUBSCRIBE : Target::UNSUBSCRIBE;
        tenon_status status = TENON_ERROR_FAILED;
        try
        {
            status = _instance->enter(target, 0, shared_from_this());
        }
        catch (const std::exception&)
        {
            status = TENON_ERROR_RESOURCES;
        }
        if (status != TENON_OK && status != TENON_ASYNC)
            ended(status < TENON_OK ? status : TENON_ERROR_FAILED);
    }

    /// The order is not even kept.
    void refuse() { tell(TENON_ERROR_RESOURCES); }

    void expire()
    {
        {
            std::lock_guard lock(_mutex);
            if (_ended)
                return;
            _expired = true;
            if (!_inside && _orders->_turns->withdraw({}, ticket))
                _ended = true;
        }
        tell(TENON_ERROR_CANCELLED);
    }

    EntryQueue::Ticket ticket = 0;

    [[nodiscard]] simdjson::dom::element arguments() const override { return _arguments->root(); }
    [[nodiscard]] std::uint64_t deadlineMs() const override
    {
        return static_cast<std::uint64_t>(_orders->_timeout.count());
    }
    tenon_status finish(std::string&&, const ResultShape*) override { return ended(TENON_OK); }
    tenon_status fail(tenon_status status, std::string_view) override { return ended(status); }
    void inputPending() override { ended(TENON_ERROR_FAILED); }
    tenon_status progress(double, double, std::string_view) override { return TENON_OK; }
    tenon_status log(tenon_log_level, std::string_view, std::string_view) override { return TENON_OK; }
    [[nodiscard]] bool isCancelled() const override
    {
        std::lock_guard lock(_mutex);
        return _expired;
    }
    [[nodiscard]] bool clientHas(tenon_client_feature) const override { return false; }
    InputOutcome requestInput(std::string_view, std::string_view) override
    {
        return {TENON_ERROR_UNSUPPORTED, nullptr};
    }
    tenon_status remember(std::string_view, std::string_view) override { return TENON_ERROR_UNSUPPORTED; }
    bool recall(std::string_view, std::string_view&) override { return false; }
    tenon_status releaseStream(std::uint32_t) override { return TENON_OK; }
    tenon_status beginTask() override { return TENON_ERROR_UNSUPPORTED; }

private:
    /// The plugin has returned.
    tenon_status ended(tenon_status status)
    {
        bool late = false;
        {
            std::lock_guard lock(_mutex);
            if (std::exchange(_ended, true))
                return TENON_ERROR_STATE;
            late = _expired;
        }
        _orders->_turns->leave({});
        if (late && _wanted && status >= TENON_OK)
            _orders->unsubscribe(_instance, _uri);
        tell(status);
        return TENON_OK;
    }

    void tell(tenon_status status)
    {
        OrderDone done;
        {
            std::lock_guard lock(_mutex);
            done.swap(_done);
        }
        if (done)
            done(status);
    }

    const std::shared_ptr<SubscriptionOrders> _orders;
    const InstancePtr _instance;
    const bool _wanted;
    const std::string _uri;
    const base::JsonDocumentPtr _arguments;

    mutable std::mutex _mutex; // guards all below
    OrderDone _done;           ///< null: told
    bool _inside = false, _expired = false, _ended = false;
};

SubscriptionOrders::SubscriptionOrders(std::shared_ptr<PluginThreads> threads,
                                       const std::shared_ptr<PluginLimit>& limit, std::size_t maxQueued,
                                       std::chrono::milliseconds timeout)
    : _threads(std::move(threads)),
      _turns(std::make_shared<EntryQueue>(EntryQueue::Concurrency::SERIAL, 0, maxQueued, limit)), _timeout(timeout)
{
}

void SubscriptionOrders::subscribe(const InstancePtr& instance, std::string uri, OrderDone done)
{
    give(std::make_shared<Order>(shared_from_this(), instance, true, std::move(uri), std::move(done)));
}

void SubscriptionOrders::unsubscribe(const InstancePtr& instance, std::string uri)
{
    give(std::make_shared<Order>(shared_from_this(), instance, false, std::move(uri), nullptr));
}

void SubscriptionOrders::give(const std::shared_ptr<Order>& order)
{
    const auto resume = [this, order]() -> EntryQueue::Resume
    {
        return [threads = _threads, order]
        {
            try
            {
                threads->postCall([order] { order->enter(); });
            }
            catch (const std::exception&)
            {
                order->fail(TENON_ERROR_RESOURCES, {});
            }
        };
    };
    switch (_turns->enter({}, resume, &order->ticket))
    {
    case EntryQueue::Entry::NOW:
        resume()();
        break;
    case EntryQueue::Entry::LATER:
        break;
    case EntryQueue::Entry::REFUSED:
        order->refuse();
        return;
    }
    try
    {
        _threads->timers().after(_timeout,
                                 [weak = std::weak_ptr(order)]
                                 {
                                     if (const auto late = weak.lock())
                                         late->expire();
                                 });
    }
    catch (const std::exception&)
    {
        order->expire(); // without a clock it might wait for ever
    }
}

} // namespace tenon::plugin
