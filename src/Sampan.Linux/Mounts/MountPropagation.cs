namespace Sampan.Linux.Mounts;

/// <summary>Whether mounts made below a mount appear in its copies. See <see href="https://man7.org/linux/man-pages/man7/mount_namespaces.7.html">mount_namespaces(7)</see>.</summary>
public enum MountPropagation
{
    /// <summary>Leave it as it is.</summary>
    Unchanged = 0,

    /// <summary>Neither sends nor receives, and cannot be bound.</summary>
    Unbindable = 1 << 17,

    /// <summary>Neither sends nor receives.</summary>
    Private = 1 << 18,

    /// <summary>Receives, does not send.</summary>
    Slave = 1 << 19,

    /// <summary>Sends and receives.</summary>
    Shared = 1 << 20,
}
