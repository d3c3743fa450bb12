/* usage: lifecycle ROUNDS BUNDLE WORK RUNTIME…
 * Creates, starts and deletes a container of a bundle with each runtime in turn, ROUNDS times, and prints one line per runtime: medians of
 * create, start, the wait for its end, delete, and of the whole, the shortest whole, and the median and the least of the processor time of all its
 * processes, init among them, in microseconds. The runtimes alternate, so that what else the machine does meets all of them; processor time is what
 * can be compared on a busy machine. This process is the sub-reaper that init's end is waited for by: no polling, no shell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { CREATE, START, WAIT, DELETE, WHOLE, PROCESSOR, PARTS, MAX_RUNTIMES = 8, WARM_UP = 3 };

static double microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* Of all children that were waited for. */
static double processor(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void run(char *const argv[])
{
    pid_t pid;
    int status;
    int error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
    if (error) {
        fprintf(stderr, "lifecycle: %s: %s\n", argv[0], strerror(error));
        exit(1);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    if (status) {
        fprintf(stderr, "lifecycle: %s %s ended with %d\n", argv[0], argv[3], status);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5 || argc - 4 > MAX_RUNTIMES) {
        fprintf(stderr, "usage: lifecycle ROUNDS BUNDLE WORK RUNTIME...\n");
        return 2;
    }
    int rounds = atoi(argv[1]), runtimes = argc - 4;
    double *times[MAX_RUNTIMES][PARTS];
    for (int i = 0; i < runtimes; i++)
        for (int part = 0; part < PARTS; part++)
            times[i][part] = calloc(rounds, sizeof(double));
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (int round = -WARM_UP; round < rounds; round++) {
        for (int i = 0; i < runtimes; i++) {
            char root[512], *runtime = argv[4 + i];
            int status;
            snprintf(root, sizeof root, "%s/root-%d", argv[3], i);
            double at[PARTS], before = processor();
            at[0] = microseconds();
            run((char *[]){ runtime, "--root", root, "create", "--bundle", argv[2], "bench", NULL });
            at[1] = microseconds();
            run((char *[]){ runtime, "--root", root, "start", "bench", NULL });
            at[2] = microseconds();
            while (waitpid(-1, &status, 0) < 0 && errno == EINTR) { }
            at[3] = microseconds();
            run((char *[]){ runtime, "--root", root, "delete", "bench", NULL });
            at[4] = microseconds();
            if (round < 0)
                continue;
            for (int part = 0; part < WHOLE; part++)
                times[i][part][round] = at[part + 1] - at[part];
            times[i][WHOLE][round] = at[4] - at[0];
            times[i][PROCESSOR][round] = processor() - before;
        }
    }
    for (int i = 0; i < runtimes; i++) {
        printf("%s", argv[4 + i]);
        for (int part = 0; part < PARTS; part++) {
            qsort(times[i][part], rounds, sizeof(double), ascending);
            if (part < PROCESSOR)
                printf(" %.0f", times[i][part][rounds / 2]);
        }
        printf(" %.0f %.0f %.0f\n", times[i][WHOLE][0], times[i][PROCESSOR][rounds / 2], times[i][PROCESSOR][0]);
    }
    return 0;
}
