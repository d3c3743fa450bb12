namespace Sampan.Linux.Seccomp;

/// <summary>The system calls every container may make, by what they are about. Names that an architecture lacks are passed over there.</summary>
internal static class DefaultCalls
{
    /// <summary>Opening, closing, duplicating, and what works on any descriptor.</summary>
    private static readonly string[] Descriptors =
    [
        "open", "openat", "openat2", "creat", "close", "close_range", "dup", "dup2", "dup3", "fcntl", "fcntl64", "ioctl", "flock", "pipe", "pipe2",
        "eventfd", "eventfd2", "signalfd", "signalfd4", "memfd_create", "memfd_secret",
        "select", "_newselect", "pselect6", "pselect6_time64", "poll", "ppoll", "ppoll_time64",
        "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_wait", "epoll_wait_old", "epoll_pwait", "epoll_pwait2",
    ];

    /// <summary>Reading and writing.</summary>
    private static readonly string[] Transfers =
    [
        "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2", "lseek", "_llseek",
        "sendfile", "sendfile64", "copy_file_range", "splice", "tee", "vmsplice", "readahead", "fadvise64", "fadvise64_64", "cachestat",
        "sync", "syncfs", "fsync", "fdatasync", "sync_file_range", "truncate", "truncate64", "ftruncate", "ftruncate64", "fallocate",
        "io_setup", "io_submit", "io_cancel", "io_getevents", "io_pgetevents", "io_pgetevents_time64", "io_destroy",
    ];

    /// <summary>Names and attributes of files.</summary>
    private static readonly string[] Files =
    [
        "access", "faccessat", "faccessat2", "chdir", "fchdir", "getcwd", "chmod", "fchmod", "fchmodat", "fchmodat2",
        "chown", "chown32", "fchown", "fchown32", "lchown", "lchown32", "fchownat", "getdents", "getdents64",
        "link", "linkat", "symlink", "symlinkat", "readlink", "readlinkat", "unlink", "unlinkat", "rename", "renameat", "renameat2",
        "mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "umask", "name_to_handle_at",
        "stat", "stat64", "fstat", "fstat64", "lstat", "lstat64", "newfstatat", "fstatat64", "statx",
        "statfs", "statfs64", "fstatfs", "fstatfs64", "listmount", "statmount",
        "utime", "utimes", "futimesat", "utimensat", "utimensat_time64",
        "getxattr", "lgetxattr", "fgetxattr", "getxattrat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat",
        "listxattr", "llistxattr", "flistxattr", "listxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat",
        "inotify_init", "inotify_init1", "inotify_add_watch", "inotify_rm_watch", "fanotify_mark",
    ];

    /// <summary>Memory of the process itself.</summary>
    private static readonly string[] Memory =
    [
        "brk", "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "mincore", "msync", "mseal", "remap_file_pages", "map_shadow_stack",
        "mlock", "mlock2", "mlockall", "munlock", "munlockall", "pkey_alloc", "pkey_free", "pkey_mprotect", "membarrier",
    ];

    /// <summary>Processes, threads and their waiting for each other.</summary>
    private static readonly string[] Processes =
    [
        "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "waitpid", "getpid", "getppid", "gettid",
        "getpgid", "getpgrp", "setpgid", "getsid", "setsid", "pidfd_open", "pidfd_send_signal", "process_mrelease", "prctl", "restart_syscall",
        "set_tid_address", "set_thread_area", "get_thread_area", "set_robust_list", "get_robust_list", "rseq",
        "futex", "futex_time64", "futex_waitv", "futex_wait", "futex_wake", "futex_requeue",
        "getrlimit", "ugetrlimit", "setrlimit", "prlimit64", "getrusage", "getpriority", "setpriority", "ioprio_get", "ioprio_set", "getcpu",
        "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getattr", "sched_setattr", "sched_getparam", "sched_setparam",
        "sched_getscheduler", "sched_setscheduler", "sched_get_priority_max", "sched_get_priority_min",
        "sched_rr_get_interval", "sched_rr_get_interval_time64",
    ];

    /// <summary>Signals.</summary>
    private static readonly string[] Signals =
    [
        "kill", "tkill", "tgkill", "pause", "sigaltstack", "sigprocmask", "sigreturn", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
        "rt_sigqueueinfo", "rt_tgsigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64", "uretprobe",
    ];

    /// <summary>Who the process is, and what it may do less.</summary>
    private static readonly string[] Identity =
    [
        "getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32", "getegid", "getegid32", "getgroups", "getgroups32",
        "getresuid", "getresuid32", "getresgid", "getresgid32", "setuid", "setuid32", "setgid", "setgid32", "setgroups", "setgroups32",
        "setreuid", "setreuid32", "setregid", "setregid32", "setresuid", "setresuid32", "setresgid", "setresgid32",
        "setfsuid", "setfsuid32", "setfsgid", "setfsgid32", "capget", "capset", "seccomp",
        "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
    ];

    /// <summary>Time and timers; setting the clock is left to the kernel's own check of capabilities, as adjusting is reading too.</summary>
    private static readonly string[] Time =
    [
        "time", "times", "gettimeofday", "nanosleep", "alarm", "getitimer", "setitimer", "adjtimex", "clock_adjtime", "clock_adjtime64",
        "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
        "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_gettime64", "timer_settime", "timer_settime64",
        "timerfd_create", "timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64",
    ];

    /// <summary>Sockets but for making one, which depends on the family.</summary>
    private static readonly string[] Sockets =
    [
        "socketpair", "bind", "listen", "accept", "accept4", "connect", "shutdown", "getsockname", "getpeername", "getsockopt", "setsockopt",
        "send", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64",
    ];

    /// <summary>Talk between processes of System V and POSIX.</summary>
    private static readonly string[] Messages =
    [
        "ipc", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semtimedop_time64", "semctl", "shmget", "shmat", "shmdt", "shmctl",
        "mq_open", "mq_unlink", "mq_notify", "mq_getsetattr", "mq_timedsend", "mq_timedsend_time64", "mq_timedreceive", "mq_timedreceive_time64",
    ];

    /// <summary>About the machine.</summary>
    private static readonly string[] Machine = ["uname", "sysinfo", "getrandom", "riscv_hwprobe"];

    /// <summary>All of them.</summary>
    internal static readonly string[] Always =
        [.. Descriptors, .. Transfers, .. Files, .. Memory, .. Processes, .. Signals, .. Identity, .. Time, .. Sockets, .. Messages, .. Machine];

    /// <summary>What a capability opens. Without it the kernel would refuse most of them too; the filter keeps its code out of reach.</summary>
    internal static readonly (Capability Capability, string[] Calls)[] ByCapability =
    [
        (Capability.DacReadSearch, ["open_by_handle_at"]),
        (Capability.SysAdmin,
        [
            "mount", "umount", "umount2", "mount_setattr", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
            "clone", "clone3", "unshare", "setns", "sethostname", "setdomainname", "bpf", "perf_event_open", "fanotify_init",
            "lookup_dcookie", "quotactl", "quotactl_fd", "syslog", "lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules",
        ]),
        (Capability.SysBoot, ["reboot"]),
        (Capability.SysChroot, ["chroot"]),
        (Capability.SysModule, ["init_module", "finit_module", "delete_module"]),
        (Capability.SysPacct, ["acct"]),
        (Capability.SysPtrace, ["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp"]),
        (Capability.SysRawio, ["iopl", "ioperm"]),
        (Capability.SysTime, ["settimeofday", "stime", "clock_settime", "clock_settime64"]),
        (Capability.SysTtyConfig, ["vhangup"]),
        (Capability.SysNice, ["get_mempolicy", "set_mempolicy", "set_mempolicy_home_node", "mbind"]),
        (Capability.Syslog, ["syslog"]),
        (Capability.Bpf, ["bpf"]),
        (Capability.Perfmon, ["perf_event_open"]),
    ];
}
