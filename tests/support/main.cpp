// The runner of every unit test program: `unit_ROOM [Class[::test]]` runs all tests, or those named.
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <iostream>
#include <string>

int main(int argc, char** argv)
{
    CppUnit::TestResult controller;
    CppUnit::TestResultCollector result;
    CppUnit::BriefTestProgressListener progress;
    controller.addListener(&result);
    controller.addListener(&progress);

    CppUnit::TestRunner runner;
    runner.addTest(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
    try
    {
        runner.run(controller, argc > 1 ? argv[1] : "");
    }
    catch (const std::invalid_argument& exc)
    {
        std::cerr << "no such test: " << exc.what() << std::endl;
        return 2;
    }

    CppUnit::CompilerOutputter outputter(&result, std::cerr);
    outputter.write();
    if (result.runTests() == 0)
    {
        std::cerr << "no test ran" << std::endl;
        return 2;
    }
    return result.wasSuccessful() ? 0 : 1;
}
