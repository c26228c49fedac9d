#include "plugin/catalogue/UnlistedResources.h"

#include <cppunit/extensions/HelperMacros.h>

#include <memory>
#include <string>

using namespace tenon::plugin;

namespace
{

class Ordinary : public Instance
{
public:
    [[nodiscard]] const std::string& name() const override { return _name; }
    tenon_status enter(Target, std::uint32_t, const CallBackendPtr&) override { return TENON_ERROR_FAILED; }
    [[nodiscard]] bool mayBlock() const override { return false; }
    void subscribe(std::string, OrderDone) override {}
    void unsubscribe(std::string) override {}

private:
    const std::string _name = "plugin";
};

class Other final : public Ordinary, public UnlistedResources
{
public:
    Other(bool reads, bool subscribes) : _reads(reads), _subscribes(subscribes) {}
    [[nodiscard]] bool mayHaveUnlisted(Use use) const override { return use == Use::READ ? _reads : _subscribes; }

private:
    const bool _reads, _subscribes;
};

} // namespace

/// Who is asked for what nothing names.
class UnlistedResourcesTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(UnlistedResourcesTest);
    CPPUNIT_TEST(aPluginNamesWhatItHas);
    CPPUNIT_TEST(theOnlyOneIsAsked);
    CPPUNIT_TEST(nobodyIsGuessed);
    CPPUNIT_TEST_SUITE_END();

    using Use = UnlistedResources::Use;

public:
    void aPluginNamesWhatItHas()
    {
        Catalogue catalogue;
        CPPUNIT_ASSERT(!homeOfUnlisted(catalogue, Use::READ));
        catalogue.instances = {std::make_shared<Ordinary>()};
        CPPUNIT_ASSERT(!homeOfUnlisted(catalogue, Use::READ));
    }

    void theOnlyOneIsAsked()
    {
        const auto reads = std::make_shared<Other>(true, false), both = std::make_shared<Other>(true, true);
        Catalogue catalogue;
        catalogue.instances = {std::make_shared<Ordinary>(), reads, std::make_shared<Other>(false, false)};
        CPPUNIT_ASSERT(homeOfUnlisted(catalogue, Use::READ) == reads);
        CPPUNIT_ASSERT(!homeOfUnlisted(catalogue, Use::SUBSCRIBE));
        catalogue.instances.push_back(both);
        CPPUNIT_ASSERT(homeOfUnlisted(catalogue, Use::SUBSCRIBE) == both);
    }

    void nobodyIsGuessed()
    {
        Catalogue catalogue;
        catalogue.instances = {std::make_shared<Other>(true, true), std::make_shared<Other>(true, true)};
        CPPUNIT_ASSERT(!homeOfUnlisted(catalogue, Use::READ));
        CPPUNIT_ASSERT(!homeOfUnlisted(catalogue, Use::SUBSCRIBE));
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(UnlistedResourcesTest);
