/* A small program that crashes two calls deep: something to debug. */
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
    return share(7, 2);
}
