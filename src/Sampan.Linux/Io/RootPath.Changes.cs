using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Io;

/// <summary>The acts that make and change what lies beneath the root.</summary>
public sealed partial class RootPath
{
    private const UnixFileMode DirectoryDefault = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Makes a directory and its missing parents; those that are there stay as they are.</summary>
    /// <param name="path">Path beneath the root; a dangling symbolic link in it is an error.</param>
    /// <param name="mode">Permissions of each directory made, whatever the umask.</param>
    /// <param name="uid">Owner of each directory made.</param>
    /// <param name="gid">Group of each directory made.</param>
    /// <returns>The directory, open and good for every call that takes a parent.</returns>
    /// <exception cref="LinuxException">The kernel refused, or a part of the path is no directory.</exception>
    public SafeFd CreateDirectories(string path, UnixFileMode mode = DirectoryDefault, uint uid = 0, uint gid = 0)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);

        // Find the deepest part that is there, letting the kernel resolve links; below it there are only plain names to make.
        var present = names.Length;
        SafeFd? current;
        while (!TryOpen(string.Join('/', names.AsSpan(0, present)), OpenFlags.Path | OpenFlags.Directory, 0, out current, out var errno))
        {
            if (errno != Errno.ENOENT || present == 0)
                throw Failure("create directory", errno, path);
            present--;
        }

        foreach (var name in names.AsSpan(present))
        {
            using var parent = current;
            current = CreateOne(parent, name, path, mode, uid, gid);
        }

        return current;
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="target">Where it points; anything, it is resolved when somebody follows it.</param>
    /// <param name="path">Where it lies.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void CreateSymbolicLink(string target, string path)
    {
        if (target.Length == 0 || target.Contains('\0'))
            throw Failure("create symbolic link", Errno.EINVAL, path);
        At(path, "create symbolic link", target, static (parent, name, target) => Sys.symlinkat(target, parent, name));
    }

    /// <summary>Makes a device node, fifo, socket or empty regular file.</summary>
    /// <param name="path">Where; nothing may be there.</param>
    /// <param name="kind">What; a directory or link is refused with EINVAL.</param>
    /// <param name="mode">Permissions, whatever the umask.</param>
    /// <param name="device">Which device; 0:0 if it is none.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void CreateNode(string path, FileKind kind, UnixFileMode mode, DeviceNumber device = default)
    {
        if (kind is FileKind.Directory or FileKind.SymbolicLink or FileKind.Unknown)
            throw Failure("create node", Errno.EINVAL, path);
        At(path, "create node", (kind, mode, device), static (parent, name, what) =>
            Sys.mknodat(parent, name, (uint)what.kind | (uint)what.mode, Sys.makedev(what.device.Major, what.device.Minor)) != 0
                ? -1
                : Sys.ChangeModeNoFollow(parent, name, (uint)what.mode));
    }

    /// <summary>Gives a file itself, not what it may link to, another owner.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void ChangeOwner(string path, uint uid, uint gid)
    {
        using var file = OpenFile(path, OpenFlags.Path | OpenFlags.NoFollow);
        if (Sys.fchownat(file.Number, "", uid, gid, Sys.AT_EMPTY_PATH) != 0)
            throw Failure("change owner of", Sys.LastErrno, path);
    }

    private SafeFd CreateOne(SafeFd parent, string name, string path, UnixFileMode mode, uint uid, uint gid)
    {
        // ".." below what is there would climb out of a directory that somebody may have moved.
        if (name is "." or "..")
            throw Failure("create directory", Errno.EINVAL, path);

        var made = Sys.mkdirat(parent.Number, name, (uint)mode) == 0;
        if (!made && Sys.LastErrno != Errno.EEXIST)
            throw Failure("create directory", Sys.LastErrno, path);

        // NoFollow: what stands there now must be the directory itself, or the link somebody put there would lead us out.
        var number = Sys.openat(parent.Number, name, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow);
        if (number < 0)
            throw Failure("create directory", Sys.LastErrno, path);

        var directory = new SafeFd(number);
        if (made && (Sys.fchmod(number, (uint)mode) != 0 || Sys.fchown(number, uid, gid) != 0))
        {
            var errno = Sys.LastErrno;
            directory.Dispose();
            throw Failure("create directory", errno, path);
        }

        return directory;
    }

    private void At<T>(string path, string act, T argument, Func<int, string, T, int> change)
    {
        var (parentPath, name) = Split(path, act);
        using var parent = OpenFile(parentPath, OpenFlags.Path | OpenFlags.Directory);
        if (change(parent.Number, name, argument) != 0)
            throw Failure(act, Sys.LastErrno, path);
    }

    private (string Parent, string Name) Split(string path, string act)
    {
        var trimmed = path.TrimEnd('/');
        var slash = trimmed.LastIndexOf('/');
        var name = trimmed[(slash + 1)..];
        if (name is "" or "." or ".." || name.Contains('\0'))
            throw Failure(act, Errno.EINVAL, path);
        return (slash < 0 ? "" : trimmed[..slash], name);
    }
}
