/* A small program that crashes two calls deep: something to debug. With `rounds` set it takes its time before. */
#include <unistd.h>

static volatile int rounds = 0, round;

static void wait_a_while(void)
{
    for (round = 0; round < rounds; ++round)
        usleep(10000);
}

static int divide(int dividend, int divisor)
{
    return dividend / divisor;
}

static int share(int apples, int children)
{
    int each = divide(apples, children - 2);
    return each;
}

int main(void)
{
    wait_a_while();
    return share(7, 2);
}
