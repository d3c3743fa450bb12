using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Mounting;

/// <summary>Device nodes, the links of /dev, the console; what is masked and made read-only.</summary>
internal sealed partial class RootfsAssembly
{
    private const UnixFileMode Mode666 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead
        | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static readonly DeviceNumber s_null = new(1, 3);

    /// <summary>The nodes every container has. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config-linux.md#default-devices">the specification</see>.</summary>
    private static readonly (string Path, uint Major, uint Minor)[] s_defaults =
    [
        ("/dev/null", 1, 3), ("/dev/zero", 1, 5), ("/dev/full", 1, 7), ("/dev/random", 1, 8), ("/dev/urandom", 1, 9), ("/dev/tty", 5, 0),
    ];

    private static readonly (string Path, string Target)[] s_links =
    [
        ("/dev/fd", "/proc/self/fd"), ("/dev/stdin", "/proc/self/fd/0"), ("/dev/stdout", "/proc/self/fd/1"), ("/dev/stderr", "/proc/self/fd/2"),
        ("/dev/core", "/proc/kcore"), ("/dev/ptmx", "pts/ptmx"),
    ];

    /// <summary>Makes the default devices and links, and those of the specification.</summary>
    internal void MakeDevices(IReadOnlyList<Device> devices)
    {
        foreach (var (path, major, minor) in s_defaults)
            MakeNode(path, FileKind.CharacterDevice, Mode666, new DeviceNumber(major, minor), 0, 0);
        foreach (var device in devices)
            MakeNode(device.Path, DeviceKinds.Parse(device), (UnixFileMode)(device.FileMode ?? (uint)Mode666) & (UnixFileMode)0xfff, new DeviceNumber((uint)device.Major, (uint)device.Minor), device.Uid ?? 0, device.Gid ?? 0);
        foreach (var (path, target) in s_links)
            MakeLink(path, target);
    }

    private void MakeNode(string path, FileKind kind, UnixFileMode mode, DeviceNumber number, uint uid, uint gid)
    {
        try
        {
            _root.CreateNode(path, kind, mode, number);
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENOENT)
        {
            _root.CreateDirectories(path[..path.LastIndexOf('/')], Mode755).Dispose();
            MakeNode(path, kind, mode, number, uid, gid);
            return;
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EPERM && kind != FileKind.Fifo)
        {
            BindNode(path, kind, number);
            return;
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EEXIST)
        {
            // The image's own node will do if it is the same device; anything else in its place is not touched, and not trusted.
            var present = _root.Stat(path);
            if (present.Kind != kind || present.Device != number)
                throw new RuntimeException("devices", $"cannot make device '{path}': the image has something else there");
            return;
        }
        if (uid != 0 || gid != 0)
            _root.ChangeOwner(path, uid, gid);
    }

    /// <summary>Where nodes may not be made (a user namespace) the host's node of the same path will do, if it is that device; it keeps its owner and permissions.</summary>
    private void BindNode(string path, FileKind kind, DeviceNumber number)
    {
        using var host = RootPath.Open("/");
        using var node = host.OpenFile(path, OpenFlags.Path | OpenFlags.NoFollow);
        var status = FileStatus.Of(node);
        if (status.Kind != kind || status.Device != number)
            throw new RuntimeException("devices", $"cannot make device '{path}': nodes may not be made in a user namespace, and the host's '{path}' is another file than {kind} {number}");
        using var tree = MountTree.Bind(node, recursive: false, path);
        using var target = OpenTarget(path, isDirectory: false, noLink: true, anyKind: true);
        tree.Attach(target, path);
    }

    private void MakeLink(string path, string target)
    {
        try
        {
            _root.CreateSymbolicLink(target, path);
        }
        catch (LinuxException failure) when (failure.Errno is Errno.EEXIST)
        {
            // An image that brings its own /dev may have it its own way; inside the root a link can only fool its own programs.
        }
    }

    /// <summary>Makes a terminal in the container's own devpts and binds it on /dev/console.</summary>
    /// <returns>The master, for the launcher, and the peer, for the program.</returns>
    internal (SafeFd Master, SafeFd Peer) MakeConsole(ConsoleSize? size, uint uid, uint gid)
    {
        using var devpts = _root.OpenDirectory("/dev/pts");
        var master = Terminal.OpenMaster(devpts);
        var peer = Terminal.OpenPeer(master);
        if (size is not null)
            Terminal.Resize(master, (ushort)Math.Min(size.Height, ushort.MaxValue), (ushort)Math.Min(size.Width, ushort.MaxValue));
        Terminal.ChangeOwner(peer, uid, gid);
        using var tree = MountTree.Bind(peer, recursive: false, "the terminal");
        using var target = OpenTarget("/dev/console", isDirectory: false, noLink: true, anyKind: true);
        tree.Attach(target, "/dev/console");
        return (master, peer);
    }

    /// <summary>Hides a file behind /dev/null and a directory behind an empty one. A path that is not there needs no hiding.</summary>
    internal void Mask(string path)
    {
        if (!TryOpenPresent(path, out var target))
            return;
        using (target)
        {
            if (FileStatus.Of(target).Kind == FileKind.Directory)
            {
                MaskDirectory(target, path);
                return;
            }
            using var tree = MountTree.Bind(Null(), recursive: false, "/dev/null");
            tree.Attach(target, path);
        }
    }

    /// <summary>Makes a path and all mounted below it read-only. A path that is not there needs nothing.</summary>
    internal void MakeReadOnly(string path)
    {
        if (!TryOpenPresent(path, out var target))
            return;
        using (target)
        {
            using var tree = MountTree.Bind(target, recursive: true, path);
            tree.Change(MountAttributes.ReadOnly, MountAttributes.None, MountPropagation.Unchanged, recursive: true);
            tree.Attach(target, path);
        }
    }

    private bool TryOpenPresent(string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SafeFd? target)
    {
        if (_root.TryOpen(path, OpenFlags.Path, out target, out var errno))
            return true;
        return errno is Errno.ENOENT or Errno.ENOTDIR ? false : throw new LinuxException("open", errno, path);
    }

    /// <summary>/dev/null of the host, and only if it is that: binding whatever lies at the path masked with an attacker's file (CVE-2025-31133).</summary>
    private SafeFd Null()
    {
        if (_null is not null)
            return _null;
        using var host = RootPath.Open("/dev");
        var file = host.OpenFile("null", OpenFlags.Path | OpenFlags.NoFollow);
        var status = FileStatus.Of(file);
        if (status.Kind != FileKind.CharacterDevice || status.Device != s_null)
        {
            file.Dispose();
            throw new RuntimeException("masked paths", "cannot mask: '/dev/null' of the host is not the null device");
        }
        return _null = file;
    }

    /// <summary>One empty file system for all: the first path gets it, the others copies, since only an attached mount can be copied before Linux 6.15.</summary>
    private void MaskDirectory(SafeFd target, string path)
    {
        if (_emptyDirectory is null)
        {
            _emptyDirectory = MountTree.Create("tmpfs", "tmpfs", [new("nr_inodes", "1"), new("mode", "755")], MountAttributes.ReadOnly);
            _emptyDirectory.Attach(target, path);
            return;
        }
        using var tree = MountTree.Bind(_emptyDirectory.Descriptor, recursive: false, "an empty directory");
        tree.Attach(target, path);
    }
}
