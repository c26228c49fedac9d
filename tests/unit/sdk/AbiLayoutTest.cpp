#include <tenon/tenon.h>

#include <cppunit/extensions/HelperMacros.h>

#include <cstddef>

#define EXPECT_SIZE(type, bytes) CPPUNIT_ASSERT_EQUAL(std::size_t(bytes), sizeof(type))
#define EXPECT_AT(type, member, bytes) CPPUNIT_ASSERT_EQUAL_MESSAGE(#member, std::size_t(bytes), offsetof(type, member))

/// The ABI's layout, pinned for 64-bit machines. A number here never changes once 1.0 is out: members are appended, and
/// so are lines.
class AbiLayoutTest : public CppUnit::TestFixture
{
    CPPUNIT_TEST_SUITE(AbiLayoutTest);
    CPPUNIT_TEST(base);
    CPPUNIT_TEST(plugin);
    CPPUNIT_TEST(call);
    CPPUNIT_TEST(callApi);
    CPPUNIT_TEST(value);
    CPPUNIT_TEST(writer);
    CPPUNIT_TEST(hostExtensions);
    CPPUNIT_TEST(pluginExtensions);
    CPPUNIT_TEST(numbers);
    CPPUNIT_TEST_SUITE_END();

public:
    void base()
    {
        CPPUNIT_ASSERT_EQUAL_MESSAGE("this test pins the 64-bit layout", std::size_t(8), sizeof(void*));
        EXPECT_SIZE(tenon_status, 4);
        EXPECT_SIZE(tenon_text, 16);
        EXPECT_AT(tenon_text, data, 0);
        EXPECT_AT(tenon_text, size, 8);
    }

    void plugin()
    {
        EXPECT_SIZE(tenon_host, 72);
        EXPECT_AT(tenon_host, struct_size, 0);
        EXPECT_AT(tenon_host, abi_major, 4);
        EXPECT_AT(tenon_host, abi_minor, 6);
        EXPECT_AT(tenon_host, host_data, 8);
        EXPECT_AT(tenon_host, name, 16);
        EXPECT_AT(tenon_host, version, 32);
        EXPECT_AT(tenon_host, plugin_name, 48);
        EXPECT_AT(tenon_host, extension, 64);

        EXPECT_SIZE(tenon_plugin, 64);
        EXPECT_AT(tenon_plugin, struct_size, 0);
        EXPECT_AT(tenon_plugin, plugin_data, 8);
        EXPECT_AT(tenon_plugin, manifest, 16);
        EXPECT_AT(tenon_plugin, start, 32);
        EXPECT_AT(tenon_plugin, stop, 40);
        EXPECT_AT(tenon_plugin, destroy, 48);
        EXPECT_AT(tenon_plugin, extension, 56);

        EXPECT_SIZE(tenon_plugin_entry, 16);
        EXPECT_AT(tenon_plugin_entry, struct_size, 0);
        EXPECT_AT(tenon_plugin_entry, abi_major, 4);
        EXPECT_AT(tenon_plugin_entry, abi_minor, 6);
        EXPECT_AT(tenon_plugin_entry, create, 8);
    }

    void call()
    {
        EXPECT_SIZE(tenon_call, 144);
        EXPECT_AT(tenon_call, struct_size, 0);
        EXPECT_AT(tenon_call, api, 8);
        EXPECT_AT(tenon_call, host_data, 16);
        EXPECT_AT(tenon_call, arguments, 24);
        EXPECT_AT(tenon_call, meta, 40);
        EXPECT_AT(tenon_call, principal, 56);
        EXPECT_AT(tenon_call, session, 72);
        EXPECT_AT(tenon_call, traceparent, 88);
        EXPECT_AT(tenon_call, tracestate, 104);
        EXPECT_AT(tenon_call, baggage, 120);
        EXPECT_AT(tenon_call, deadline_ms, 136);
    }

    void callApi()
    {
        EXPECT_SIZE(tenon_call_api, 104);
        EXPECT_AT(tenon_call_api, struct_size, 0);
        EXPECT_AT(tenon_call_api, finish, 8);
        EXPECT_AT(tenon_call_api, fail, 16);
        EXPECT_AT(tenon_call_api, progress, 24);
        EXPECT_AT(tenon_call_api, log, 32);
        EXPECT_AT(tenon_call_api, is_cancelled, 40);
        EXPECT_AT(tenon_call_api, client_has, 48);
        EXPECT_AT(tenon_call_api, request_input, 56);
        EXPECT_AT(tenon_call_api, remember, 64);
        EXPECT_AT(tenon_call_api, recall, 72);
        EXPECT_AT(tenon_call_api, release_stream, 80);
        EXPECT_AT(tenon_call_api, begin_task, 88);
        EXPECT_AT(tenon_call_api, emit, 96);
    }

    void value()
    {
        EXPECT_SIZE(tenon_value, 16);
        EXPECT_AT(tenon_value, document, 0);
        EXPECT_AT(tenon_value, index, 8);
        EXPECT_SIZE(tenon_cursor, 8);
        EXPECT_SIZE(tenon_value_api, 96);
        EXPECT_AT(tenon_value_api, type, 8);
        EXPECT_AT(tenon_value_api, size, 16);
        EXPECT_AT(tenon_value_api, member, 24);
        EXPECT_AT(tenon_value_api, element, 32);
        EXPECT_AT(tenon_value_api, next, 40);
        EXPECT_AT(tenon_value_api, boolean, 48);
        EXPECT_AT(tenon_value_api, integer, 56);
        EXPECT_AT(tenon_value_api, number, 64);
        EXPECT_AT(tenon_value_api, text, 72);
        EXPECT_AT(tenon_value_api, json, 80);
        EXPECT_AT(tenon_value_api, parse, 88);
    }

    void writer()
    {
        EXPECT_SIZE(tenon_writer_api, 136);
        EXPECT_AT(tenon_writer_api, begin_object, 8);
        EXPECT_AT(tenon_writer_api, end_object, 16);
        EXPECT_AT(tenon_writer_api, begin_array, 24);
        EXPECT_AT(tenon_writer_api, end_array, 32);
        EXPECT_AT(tenon_writer_api, key, 40);
        EXPECT_AT(tenon_writer_api, text, 48);
        EXPECT_AT(tenon_writer_api, integer, 56);
        EXPECT_AT(tenon_writer_api, number, 64);
        EXPECT_AT(tenon_writer_api, boolean, 72);
        EXPECT_AT(tenon_writer_api, null, 80);
        EXPECT_AT(tenon_writer_api, base64, 88);
        EXPECT_AT(tenon_writer_api, value, 96);
        EXPECT_AT(tenon_writer_api, json, 104);
        EXPECT_AT(tenon_writer_api, reset, 112);
        EXPECT_AT(tenon_writer_api, written, 120);
        EXPECT_AT(tenon_writer_api, finish, 128);
    }

    void hostExtensions()
    {
        EXPECT_SIZE(tenon_log_api, 16);
        EXPECT_AT(tenon_log_api, log, 8);
        EXPECT_SIZE(tenon_settings_api, 32);
        EXPECT_AT(tenon_settings_api, get, 8);
        EXPECT_AT(tenon_settings_api, at, 16);
        EXPECT_AT(tenon_settings_api, paths, 24);
        EXPECT_SIZE(tenon_notify_api, 32);
        EXPECT_AT(tenon_notify_api, list_changed, 8);
        EXPECT_AT(tenon_notify_api, resource_updated, 16);
        EXPECT_AT(tenon_notify_api, lacks, 24);
    }

    void pluginExtensions()
    {
        EXPECT_SIZE(tenon_tools, 24);
        EXPECT_AT(tenon_tools, list, 8);
        EXPECT_AT(tenon_tools, call, 16);
        EXPECT_SIZE(tenon_prompts, 24);
        EXPECT_AT(tenon_prompts, list, 8);
        EXPECT_AT(tenon_prompts, get, 16);
        EXPECT_SIZE(tenon_completion, 16);
        EXPECT_AT(tenon_completion, complete, 8);
        EXPECT_SIZE(tenon_resources, 48);
        EXPECT_AT(tenon_resources, list, 8);
        EXPECT_AT(tenon_resources, templates, 16);
        EXPECT_AT(tenon_resources, read, 24);
        EXPECT_AT(tenon_resources, subscribe, 32);
        EXPECT_AT(tenon_resources, unsubscribe, 40);
        EXPECT_SIZE(tenon_skills, 24);
        EXPECT_AT(tenon_skills, list, 8);
        EXPECT_AT(tenon_skills, read_directory, 16);
        EXPECT_SIZE(tenon_state, 24);
        EXPECT_AT(tenon_state, save, 8);
        EXPECT_AT(tenon_state, load, 16);
    }

    void numbers()
    {
        CPPUNIT_ASSERT_EQUAL(1, TENON_ABI_MAJOR);
        CPPUNIT_ASSERT_EQUAL(1, TENON_ABI_MINOR);
        CPPUNIT_ASSERT(TENON_OK == 0 && TENON_ASYNC == 1 && TENON_INPUT_PENDING == 2);
        CPPUNIT_ASSERT(TENON_ERROR_INVALID == -1 && TENON_ERROR_NOT_FOUND == -2 && TENON_ERROR_UNSUPPORTED == -3);
        CPPUNIT_ASSERT(TENON_ERROR_STATE == -4 && TENON_ERROR_RESOURCES == -5 && TENON_ERROR_CANCELLED == -6);
        CPPUNIT_ASSERT(TENON_ERROR_FAILED == -7 && TENON_ERROR_ABI == -8 && TENON_ERROR_INTERNAL == -9);
        CPPUNIT_ASSERT(TENON_VALUE_NONE == 0 && TENON_VALUE_NULL == 1 && TENON_VALUE_BOOLEAN == 2);
        CPPUNIT_ASSERT(TENON_VALUE_INTEGER == 3 && TENON_VALUE_NUMBER == 4 && TENON_VALUE_TEXT == 5);
        CPPUNIT_ASSERT(TENON_VALUE_ARRAY == 6 && TENON_VALUE_OBJECT == 7);
        CPPUNIT_ASSERT(TENON_LOG_DEBUG == 0 && TENON_LOG_EMERGENCY == 7);
        CPPUNIT_ASSERT(TENON_CLIENT_ELICITATION == 1 && TENON_CLIENT_ELICITATION_URL == 2);
        CPPUNIT_ASSERT(TENON_CLIENT_SAMPLING == 3 && TENON_CLIENT_SAMPLING_TOOLS == 4 && TENON_CLIENT_ROOTS == 5);
        CPPUNIT_ASSERT(TENON_CLIENT_PROGRESS == 6 && TENON_CLIENT_TASK == 7);
        CPPUNIT_ASSERT(TENON_LIST_TOOLS == 1 && TENON_LIST_RESOURCES == 2 && TENON_LIST_PROMPTS == 3);
    }
};

CPPUNIT_TEST_SUITE_REGISTRATION(AbiLayoutTest);
