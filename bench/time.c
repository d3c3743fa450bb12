/* usage: time N COMMAND…                              how long each of N runs of a command takes; {} in a word becomes the number of the run
 *        time N --api SOCKET METHOD PATH [BODY]       how long each of N requests takes, over one connection to an engine's Unix socket
 * Prints the microseconds of each, one a line; ends with 1 at the first that fails. Commands are started by vfork, so that what is measured is
 * theirs and not a shell's; what they print is dropped, what they complain about goes to the file $BENCH_ERRORS.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { ANSWER_MAX = 16 << 20, WORD_MAX = 4096 };

static double microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* The word with {} replaced, in memory of its own. */
static char *numbered(const char *word, int number)
{
    char *out = malloc(WORD_MAX);
    const char *mark = strstr(word, "{}");
    if (!out) exit(1);
    if (mark)
        snprintf(out, WORD_MAX, "%.*s%d%s", (int)(mark - word), word, number, mark + 2);
    else
        snprintf(out, WORD_MAX, "%s", word);
    return out;
}

static int command(char *const words[], int number)
{
    posix_spawn_file_actions_t files;
    const char *errors = getenv("BENCH_ERRORS");
    char *argv[256];
    int count = 0, status;
    pid_t pid;
    while (words[count] && count < 255) {
        argv[count] = numbered(words[count], number);
        count++;
    }
    argv[count] = NULL;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, errors ? errors : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    double begin = microseconds();
    if (posix_spawnp(&pid, argv[0], &files, NULL, argv, environ)) return 0;
    if (waitpid(pid, &status, 0) != pid) return 0;
    printf("%.0f\n", microseconds() - begin);
    posix_spawn_file_actions_destroy(&files);
    while (count > 0) free(argv[--count]);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Reads one answer; its status, or 0. */
static int answer(int fd, char *buffer)
{
    size_t have = 0;
    char *body = NULL;
    long length = -1;
    int chunked = 0, status = 0;
    for (;;) {
        ssize_t n = read(fd, buffer + have, ANSWER_MAX - 1 - have);
        if (n <= 0) return 0;
        have += (size_t)n;
        buffer[have] = 0;
        if (!body) {
            char *end = strstr(buffer, "\r\n\r\n");
            if (!end) continue;
            *end = 0;
            status = atoi(buffer + 9);
            char *field = strcasestr(buffer, "\r\nContent-Length:");
            length = field ? atol(field + 17) : -1;
            chunked = strcasestr(buffer, "\r\nTransfer-Encoding: chunked") != NULL;
            body = end + 4;
        }
        size_t got = have - (size_t)(body - buffer);
        if (chunked ? got >= 5 && memcmp(buffer + have - 5, "0\r\n\r\n", 5) == 0 : length < 0 || got >= (size_t)length) return status;
    }
}

static int api(int runs, char *const words[])
{
    static char buffer[ANSWER_MAX], request[WORD_MAX * 2];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", words[0]);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) return 0;
    for (int i = 1; i <= runs; i++) {
        char *path = numbered(words[2], i);
        const char *body = words[3] ? words[3] : "";
        int length = snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", words[1], path, strlen(body), body);
        double begin = microseconds();
        if (write(fd, request, (size_t)length) != length) return 0;
        int status = answer(fd, buffer);
        printf("%.0f\n", microseconds() - begin);
        free(path);
        if (status < 200 || status >= 300) return 0;
    }
    close(fd);
    return 1;
}

int main(int argc, char *argv[])
{
    if (argc < 3) return 2;
    int runs = atoi(argv[1]);
    if (strcmp(argv[2], "--api") == 0) return argc < 6 ? 2 : !api(runs, argv + 3);
    for (int i = 1; i <= runs; i++)
        if (!command(argv + 2, i)) return 1;
    return 0;
}
