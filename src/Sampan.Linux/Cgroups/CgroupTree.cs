using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups;

/// <summary>Directories of one hierarchy: make, list, remove. No links exist in these file systems, so paths are safe to use.</summary>
internal static class CgroupTree
{
    private const int MaxDepth = 64;

    internal static bool Exists(string directory) => FileStatus.TryRead(Sys.AT_FDCWD, directory, 0, out _);

    /// <summary>Makes <paramref name="mountPoint"/>/<paramref name="path"/> anew, with parents.</summary>
    /// <param name="mountPoint">Of the hierarchy.</param>
    /// <param name="path">Of the group.</param>
    /// <param name="onParent">Called with each parent's directory that was made.</param>
    internal static void Create(string mountPoint, string path, Action<string>? onParent = null)
    {
        var directory = mountPoint + path;
        for (var attempt = 0; ; attempt++)
        {
            if (Sys.mkdirat(Sys.AT_FDCWD, directory, 0x1ed) == 0)
                return;

            var errno = Sys.LastErrno;
            if (attempt < 8 && errno == Errno.ENOENT)
                CreateParents(mountPoint, CgroupPath.Parent(path), onParent); // somebody may remove an empty parent meanwhile: again
            else if (attempt < 8 && errno == Errno.EEXIST)
                RemoveLeftover(directory);
            else
                throw new LinuxException("create control group", errno, directory);
        }
    }

    /// <summary>Removes a group and those below, deepest first. Gone already is well.</summary>
    /// <exception cref="LinuxException">EBUSY: processes are in it.</exception>
    internal static void Remove(string directory)
    {
        // The last process may have been seen dying but not have left the group yet: wait a little, longer each time, 0.5 s in all.
        var errno = Errno.None;
        for (var milliseconds = 0; milliseconds < 256; milliseconds = milliseconds == 0 ? 1 : milliseconds * 2)
        {
            Wait(milliseconds);
            errno = TryRemoveTree(directory, 0);
            if (errno is Errno.None or Errno.ENOENT)
                return;
            if (errno != Errno.EBUSY)
                break;
        }

        throw new LinuxException("remove control group", errno, directory);
    }

    /// <summary>Removes one directory; returns why not.</summary>
    internal static Errno TryRemoveOne(string directory) =>
        Sys.unlinkat(Sys.AT_FDCWD, directory, Sys.AT_REMOVEDIR) == 0 ? Errno.None : Sys.LastErrno;

    /// <summary>Adds the process ids of a group and of those below.</summary>
    /// <returns>False if the group is not there.</returns>
    internal static bool AddPids(string directory, ISet<int> pids, int depth = 0)
    {
        if (!SmallFile.TryRead(Sys.AT_FDCWD, directory + "/cgroup.procs", int.MaxValue, out var content, out var errno))
        {
            // ENODEV: it is being removed. EOPNOTSUPP: a threaded v2 group, whose processes are listed above it.
            return errno switch
            {
                Errno.ENOENT or Errno.ENODEV => false,
                Errno.EOPNOTSUPP => true,
                _ => throw new LinuxException("list processes of control group", errno, directory),
            };
        }

        var rest = content.AsSpan();
        foreach (var range in rest.Split((byte)'\n'))
        {
            // 0 stands for a process outside of our pid namespace
            if (FieldReader.TryInt(rest[range], out var pid) && pid > 0)
                pids.Add(pid);
        }

        foreach (var child in Children(directory, depth))
            AddPids(child, pids, depth + 1);
        return true;
    }

    internal static void Wait(int milliseconds)
    {
        if (milliseconds > 0)
        {
            unsafe
            {
                _ = Sys.poll(null, 0, milliseconds);
            }
        }
    }

    private static void CreateParents(string mountPoint, string path, Action<string>? onParent)
    {
        for (var end = path.IndexOf('/', 1); ; end = path.IndexOf('/', end + 1))
        {
            var directory = mountPoint + (end < 0 ? path : path[..end]);
            if (Sys.mkdirat(Sys.AT_FDCWD, directory, 0x1ed) == 0)
                onParent?.Invoke(directory);
            else if (Sys.LastErrno != Errno.EEXIST)
                throw new LinuxException("create control group", Sys.LastErrno, directory);
            if (end < 0)
                return;
        }
    }

    private static void RemoveLeftover(string directory)
    {
        // Old limits must not outlive the container they were set for.
        var errno = TryRemoveTree(directory, 0);
        if (errno is not (Errno.None or Errno.ENOENT))
            throw new LinuxException("create control group: one with processes in it is already there,", errno, directory);
    }

    private static Errno TryRemoveTree(string directory, int depth)
    {
        var errno = TryRemoveOne(directory);
        if (errno is not (Errno.EBUSY or Errno.ENOTEMPTY))
            return errno;

        foreach (var child in Children(directory, depth))
        {
            var below = TryRemoveTree(child, depth + 1);
            if (below is not (Errno.None or Errno.ENOENT))
                return below;
        }

        return TryRemoveOne(directory);
    }

    private static IEnumerable<string> Children(string directory, int depth)
    {
        // kernfs counts subdirectories in the link count: most groups have none and need not be listed.
        if (depth >= MaxDepth || !FileStatus.TryRead(Sys.AT_FDCWD, directory, 0, out var status) || status.LinkCount <= 2)
            return [];
        try
        {
            return Directory.GetDirectories(directory);
        }
        catch (DirectoryNotFoundException)
        {
            return []; // removed meanwhile: then there are no children either
        }
    }
}
