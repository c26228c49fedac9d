// The program that the tests' workers are: nothing but a worker.
#include "plugin/worker/Worker.h"

#include <iostream>

int main(int argc, char** argv)
{
    if (const auto status = tenon::plugin::runWorker(argc, argv))
        return *status;
    std::cerr << "not started as a worker" << std::endl;
    return 1;
}
