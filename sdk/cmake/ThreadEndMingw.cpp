// The objects of a thread must end before the memory that they live in.
//
// GCC for MinGW keeps `thread_local` objects in memory that is freed by the destructor of a thread key, and its own
// __cxa_thread_atexit comes after that, so that every destructor works on freed memory (GCC bug 83562). Destructors of
// keys run in the order in which the keys were made: the one here is made before the runtime's.
//
// Part of the server, and of each C++ plugin that tenon_add_plugin builds with MinGW: each brings its own runtime
// along.
#include <cstdlib>

#include <pthread.h>

namespace
{

struct Ending
{
    void (*destructor)(void*);
    void* object;
    Ending* before;
};

pthread_key_t endings;

void endAll(void* last)
{
    // A destructor may make further objects.
    for (auto* ending = static_cast<Ending*>(last); ending; ending = static_cast<Ending*>(pthread_getspecific(endings)))
    {
        pthread_setspecific(endings, ending->before);
        ending->destructor(ending->object);
        std::free(ending);
    }
}

[[gnu::constructor(101)]] void makeKey()
{
    if (pthread_key_create(&endings, endAll) != 0)
        std::abort();
}

} // namespace

extern "C" int __cxa_thread_atexit(void (*destructor)(void*), void* object, void*)
{
    auto* ending = static_cast<Ending*>(std::malloc(sizeof(Ending)));
    if (!ending)
        return -1;
    *ending = {destructor, object, static_cast<Ending*>(pthread_getspecific(endings))};
    return pthread_setspecific(endings, ending);
}
