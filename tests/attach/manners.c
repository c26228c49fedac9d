/* A C11 program that lends a tool and sees that the library leaves everything of the program's alone: signals and their mask,
 * the locale, the standard streams, the current folder. The tool says what has changed. */
#include <tenon/attach.h>
#include <tenon/tenon.h>

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    SIGNALS = 64,
    STREAMS = 3
};

typedef struct state
{
    struct sigaction actions[SIGNALS];
    sigset_t mask;
    char locale[200];
    char folder[400];
    int flags[STREAMS];
    struct stat files[STREAMS];
} state;

static state before;
static volatile sig_atomic_t running = 1, heard = 0;
static pthread_t main_thread;
static int heard_elsewhere = 0;

static void on_user_signal(int signal)
{
    (void)signal;
    if (!pthread_equal(pthread_self(), main_thread))
        heard_elsewhere = 1;
    heard = heard + 1;
}

static void on_end(int signal)
{
    (void)signal;
    running = 0;
}

static void take(state* now)
{
    int i;
    memset(now, 0, sizeof *now);
    for (i = 1; i < SIGNALS; ++i)
        sigaction(i, NULL, &now->actions[i]);
    pthread_sigmask(SIG_SETMASK, NULL, &now->mask);
    snprintf(now->locale, sizeof now->locale, "%s", setlocale(LC_ALL, NULL));
    if (!getcwd(now->folder, sizeof now->folder))
        now->folder[0] = '\0';
    for (i = 0; i < STREAMS; ++i)
    {
        now->flags[i] = fcntl(i, F_GETFL);
        fstat(i, &now->files[i]);
    }
}

/* What of the process is not as it was before the library came; NULL: nothing. */
static const char* changed(const state* now)
{
    int i;
    for (i = 1; i < SIGNALS; ++i)
        if (now->actions[i].sa_handler != before.actions[i].sa_handler)
            return "a signal's handler";
    if (strcmp(now->locale, before.locale) != 0)
        return "the locale";
    if (strcmp(now->folder, before.folder) != 0)
        return "the current folder";
    for (i = 0; i < STREAMS; ++i)
        if (now->flags[i] != before.flags[i] || now->files[i].st_ino != before.files[i].st_ino ||
            now->files[i].st_dev != before.files[i].st_dev)
            return "a standard stream";
    return NULL;
}

static tenon_text text(const char* literal)
{
    tenon_text view;
    view.data = literal;
    view.size = strlen(literal);
    return view;
}

static tenon_status TENON_ABI call_tool(void* user_data, uint32_t index, tenon_call* call)
{
    char result[200];
    const char* what;
    state now;
    (void)user_data;
    (void)index;
    kill(getpid(), SIGUSR1); /* no thread of the library takes it */
    while (!heard)
        usleep(1000);
    take(&now);
    what = changed(&now);
    if (!what && heard_elsewhere)
        what = "a signal came to a thread of the library";
    snprintf(result, sizeof result, "{\"content\": [{\"type\": \"text\", \"text\": \"%s\"}]}", what ? what : "well");
    return call->api->finish(call, text(result));
}

int main(void)
{
    tenon_attach_options options = {0};
    tenon_attachment* attachment;
    state now;
    const char* what;
    main_thread = pthread_self();
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGUSR1, on_user_signal);
    signal(SIGTERM, on_end);
    take(&before);
    options.struct_size = sizeof options;
    options.name = "manners";
    if (tenon_attach_tools(
            &options, "{\"name\": \"manners\", \"version\": \"1\"}",
            "[{\"name\": \"look\", \"description\": \"Looks\", \"inputSchema\": {\"type\": \"object\"}}]", call_tool,
            &attachment) != TENON_OK)
        return 2;
    while (running)
        usleep(10000);
    tenon_detach(attachment);
    take(&now);
    what = changed(&now);
    if (!what && memcmp(&now.mask, &before.mask, sizeof now.mask) != 0)
        what = "the mask of signals";
    if (what)
        fprintf(stderr, "changed: %s\n", what);
    return what ? 1 : 0;
}
