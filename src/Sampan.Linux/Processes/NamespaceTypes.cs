namespace Sampan.Linux.Processes;

/// <summary>Kinds of namespaces, the kernel's CLONE_NEW values. See <see href="https://man7.org/linux/man-pages/man7/namespaces.7.html">namespaces(7)</see>.</summary>
[Flags]
public enum NamespaceTypes : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Clocks.</summary>
    Time = 0x80,

    /// <summary>Mounts.</summary>
    Mount = 0x20000,

    /// <summary>The root of the cgroup view.</summary>
    Cgroup = 0x2000000,

    /// <summary>Host and domain name.</summary>
    Uts = 0x4000000,

    /// <summary>System V IPC and POSIX message queues.</summary>
    Ipc = 0x8000000,

    /// <summary>User and group ids, capabilities.</summary>
    User = 0x10000000,

    /// <summary>Process ids.</summary>
    Pid = 0x20000000,

    /// <summary>Network devices, addresses, ports.</summary>
    Network = 0x40000000,
}
