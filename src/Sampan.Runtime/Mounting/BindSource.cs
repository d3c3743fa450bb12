using Sampan.Linux.Io;
using Sampan.Linux.Mounts;

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
        if (mount.Subpath is not { } part)
            return MountTree.Bind(source, mount.Recursive);
        using var root = RootPath.Open(source);
        return Part(root, part, mount.Recursive);
    }

    /// <summary>What is at a path beneath a root.</summary>
    internal static MountTree Part(RootPath root, string part, bool recursive)
    {
        using var place = root.OpenFile(part, OpenFlags.Path);
        return MountTree.Bind(place, recursive, $"{root.Name}/{part}");
    }
}
