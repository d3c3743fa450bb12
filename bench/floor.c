/* usage: floor ROUNDS ROOTFS CGROUP
 * The kernel's share of a container: one process does with plain system calls what create, start and delete of Docker's default container ask of the
 * kernel (a group in every v1 hierarchy with its limits, five namespaces and a cgroup namespace, eight mounts, six device nodes and six links, masked
 * and read-only paths, pivot_root, capabilities, a filter, execve of /bin/true, and all of it removed), with no specification to read, no record to
 * write and no process but the container's. Prints median and minimum in microseconds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *controllers[] = { "cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd", "unified" };
enum { CONTROLLERS = sizeof controllers / sizeof *controllers };

static void check(int failed, const char *what)
{
    if (failed) {
        perror(what);
        _exit(1);
    }
}

static double microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* a controller that this machine has not */
    check(write(fd, text, strlen(text)) < 0, path);
    close(fd);
}

static void limit(const char *controller, const char *group, const char *file, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s/%s", controller, group, file);
    put(path, text);
}

static void contain(const char *root, const char *group)
{
    char path[512];
    setsid();
    for (int i = 0; i < CONTROLLERS - 1; i++) {
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s/tasks", controllers[i], group);
        put(path, "0");
    }
    check(unshare(CLONE_NEWCGROUP), "unshare");
    check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
    check(mount(root, root, NULL, MS_BIND | MS_REC, NULL), "root");
    check(chdir(root), "chdir");
    check(mount("proc", "proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL), "proc");
    check(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"), "dev");
    mkdir("dev/pts", 0755);
    mkdir("dev/mqueue", 0755);
    mkdir("dev/shm", 0755);
    check(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"), "pts");
    check(mount("sysfs", "sys", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, NULL), "sys");
    check(mount("cgroup", "sys/fs/cgroup", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=755"), "cgroup");
    for (int i = 0; i < CONTROLLERS - 1; i++) {
        char from[512], to[512];
        snprintf(from, sizeof from, "/sys/fs/cgroup/%s%s", controllers[i], group);
        snprintf(to, sizeof to, "sys/fs/cgroup/%s", controllers[i]);
        if (mkdir(to, 0755) == 0 && mount(from, to, NULL, MS_BIND, NULL) == 0)
            check(mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL), "hierarchy");
    }
    check(mount("mqueue", "dev/mqueue", "mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL), "mqueue");
    check(mount("shm", "dev/shm", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=67108864"), "shm");
    static const struct { const char *path; int major, minor; } nodes[] = {
        { "dev/null", 1, 3 }, { "dev/zero", 1, 5 }, { "dev/full", 1, 7 }, { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
    };
    umask(0);
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        check(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), nodes[i].path);
    static const char *links[][2] = {
        { "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" }, { "/proc/self/fd/1", "dev/stdout" },
        { "/proc/self/fd/2", "dev/stderr" }, { "/proc/kcore", "dev/core" }, { "pts/ptmx", "dev/ptmx" },
    };
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        check(symlink(links[i][0], links[i][1]), links[i][1]);
    put("proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    put("proc/sys/net/ipv4/ping_group_range", "0 2147483647");
    static const char *readonly[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys" };
    for (size_t i = 0; i < sizeof readonly / sizeof *readonly; i++)
        if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) == 0)
            check(mount(NULL, readonly[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_REC, NULL), readonly[i]);
    static const char *masked[] = { "proc/kcore", "proc/keys", "proc/timer_list", "proc/interrupts" };
    for (size_t i = 0; i < sizeof masked / sizeof *masked; i++)
        mount("/dev/null", masked[i], NULL, MS_BIND, NULL);
    static const char *hidden[] = { "proc/acpi", "proc/scsi", "sys/firmware" };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        mount("tmpfs", hidden[i], "tmpfs", MS_RDONLY, "nr_inodes=1");
    check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    check(umount2(".", MNT_DETACH), "umount");
    check(chdir("/"), "chdir");
    check(sethostname("bench", 5), "sethostname");
    umask(022);
    check(syscall(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */), "close_range");
    struct sock_filter allow[] = { { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW } };
    struct sock_fprog program = { 1, allow };
    check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program), "seccomp");
    for (int cap = 0; cap < 41; cap++)
        prctl(PR_CAPBSET_DROP, cap);
    execl("/bin/true", "true", NULL);
    check(1, "execve");
}

static double once(const char *root, const char *group)
{
    char path[512];
    double from = microseconds();
    for (int i = 0; i < CONTROLLERS; i++) {
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s", controllers[i], group);
        mkdir(path, 0755);
    }
    limit("cpuset", group, "cpuset.mems", "0");
    limit("cpuset", group, "cpuset.cpus", "0");
    limit("memory", group, "memory.limit_in_bytes", "67108864");
    limit("memory", group, "memory.memsw.limit_in_bytes", "134217728");
    limit("cpu", group, "cpu.cfs_period_us", "100000");
    limit("cpu", group, "cpu.cfs_quota_us", "100000");
    limit("pids", group, "pids.max", "100");
    limit("devices", group, "devices.deny", "a");
    static const char *allowed[] = { "c 1:5 rwm", "c 1:3 rwm", "c 1:9 rwm", "c 1:8 rwm", "c 5:0 rwm", "c 5:1 rwm", "c *:* m", "b *:* m", "c 136:* rwm", "c 5:2 rwm", "c 1:7 rwm" };
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        limit("devices", group, "devices.allow", allowed[i]);
    int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD;
    pid_t pid = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
    check(pid < 0, "clone");
    if (pid == 0)
        contain(root, group);
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    check(status, "the container");
    for (int i = 0; i < CONTROLLERS; i++) {
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s", controllers[i], group);
        while (rmdir(path) < 0 && errno == EBUSY) { }
    }
    return microseconds() - from;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: floor ROUNDS ROOTFS CGROUP\n");
        return 2;
    }
    int rounds = atoi(argv[1]);
    double *times = calloc(rounds, sizeof(double));
    for (int i = -3; i < rounds; i++) {
        double took = once(argv[2], argv[3]);
        if (i >= 0)
            times[i] = took;
    }
    qsort(times, rounds, sizeof(double), ascending);
    printf("floor %.0f %.0f\n", times[rounds / 2], times[0]);
    return 0;
}
