using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Linux.Processes;
using Sampan.Runtime.Launching;

namespace Sampan.Runtime.Mounting;

/// <summary>Opens what a bind mounts.</summary>
internal static class BindSource
{
    /// <summary>
    /// The source, opened once: what it is and what is mounted are the same file, whatever becomes of the path meanwhile. A part of it is looked up
    /// by the kernel as if the source were the root, so links that whoever writes there leaves lead nowhere else (CVE-2017-1002101, CVE-2021-25741).
    /// </summary>
    /// <exception cref="Linux.LinuxException">It is not there, or the caller may not mount it.</exception>
    internal static MountTree Open(MountPlan mount)
    {
        var source = mount.Source ?? "";
        if (mount.MountNamespace is { } other)
            return InNamespace(other, source, mount.Recursive);
        if (mount.Subpath is not { } part)
            return MountTree.Bind(source, mount.Recursive);
        using var root = RootPath.Open(source);
        return Part(root, part, mount.Recursive);
    }

    /// <summary>
    /// A mount of another container: only a process in that mount namespace can copy it, and what was copied can be attached in any. For the clone,
    /// which has one of its own to come back to and shares its working directory and root with nobody.
    /// </summary>
    private static MountTree InNamespace(string path, string source, bool recursive)
    {
        using var own = NamespaceFile.Open("/proc/self/ns/mnt");
        using var other = NamespaceFile.Open(path);
        CurrentProcess.Join(other, NamespaceTypes.Mount, path);
        try
        {
            return MountTree.Bind(source, recursive);
        }
        finally
        {
            CurrentProcess.Join(own, NamespaceTypes.Mount, "of the container");
        }
    }

    /// <summary>What is at a path beneath a root.</summary>
    internal static MountTree Part(RootPath root, string part, bool recursive)
    {
        using var place = root.OpenFile(part, OpenFlags.Path);
        return MountTree.Bind(place, recursive, $"{root.Name}/{part}");
    }
}
