// hiredis beside Poco::Redis: the same commands, pipelined as the link does it, and one after the other.
//
//   bench_redis_clients PORT
//
// Prints microseconds of this process a command, processor time, and of the clock.
#include <Poco/Redis/Array.h>
#include <Poco/Redis/Client.h>

#include <hiredis/hiredis.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

namespace
{

constexpr int COMMANDS = 100'000;
constexpr int BATCH = 32;
const std::string TEXT(300, 'x'); ///< as an event is

using Words = std::vector<std::string>;

Words command(int number)
{
    return {"SET", "bench:" + std::to_string(number % 1000), TEXT, "PX", "60000"};
}

template <typename Work>
void measure(const char* what, Work work)
{
    const auto begun = std::chrono::steady_clock::now();
    const std::clock_t processor = std::clock();
    work();
    const double own = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC * 1e6 / COMMANDS;
    const std::chrono::duration<double, std::micro> all = std::chrono::steady_clock::now() - begun;
    std::printf("%-24s %6.2f us processor %6.2f us clock\n", what, own, all.count() / COMMANDS);
}

void hiredis(redisContext* context, int batch)
{
    for (int done = 0; done < COMMANDS; done += batch)
    {
        for (int at = 0; at < batch; ++at)
        {
            const Words words = command(done + at);
            std::vector<const char*> texts;
            std::vector<std::size_t> sizes;
            for (const auto& word : words)
            {
                texts.push_back(word.data());
                sizes.push_back(word.size());
            }
            redisAppendCommandArgv(context, static_cast<int>(texts.size()), texts.data(), sizes.data());
        }
        for (int at = 0; at < batch; ++at)
        {
            void* reply = nullptr;
            if (redisGetReply(context, &reply) != REDIS_OK)
                std::abort();
            freeReplyObject(reply);
        }
    }
}

void poco(Poco::Redis::Client& client, int batch)
{
    for (int done = 0; done < COMMANDS; done += batch)
    {
        std::vector<Poco::Redis::Array> commands;
        for (int at = 0; at < batch; ++at)
        {
            Poco::Redis::Array words;
            for (const auto& word : command(done + at))
                words.add(word);
            commands.push_back(std::move(words));
        }
        if (client.sendCommands(commands).size() != commands.size())
            std::abort();
    }
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2)
        return 2;
    const int port = std::atoi(arguments[1]);
    redisContext* context = redisConnect("127.0.0.1", port);
    Poco::Redis::Client client("127.0.0.1", port);
    for (int round = 0; round < 3; ++round)
        for (const int batch : {BATCH, 1})
        {
            std::printf("%d at once\n", batch);
            measure("hiredis", [&] { hiredis(context, batch); });
            measure("Poco::Redis", [&] { poco(client, batch); });
        }
    redisFree(context);
    return 0;
}
