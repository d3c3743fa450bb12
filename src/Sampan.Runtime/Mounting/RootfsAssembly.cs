using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Linux.Mounts;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Mounting;

/// <summary>
/// Builds the container's file system in its own mount namespace. Everything inside the root is reached through <see cref="RootPath"/> and
/// mounted by descriptor: an image full of symbolic links, or a volume that somebody rearranges meanwhile, cannot lead a mount out of the root
/// (CVE-2019-19921, CVE-2021-30465, CVE-2023-27561, CVE-2026-41579).
/// </summary>
internal sealed partial class RootfsAssembly : IDisposable
{
    private const UnixFileMode Mode755 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly RootPath _root;
    private readonly CgroupView? _cgroups;
    private MountTree? _emptyDirectory;
    private SafeFd? _null;

    private readonly PreparedTrees? _trees;

    private RootfsAssembly(RootPath root, CgroupView? cgroups, PreparedTrees? trees)
    {
        _trees = trees;
        _root = root;
        _cgroups = cgroups;
    }

    /// <summary>The root of the container, before and after the pivot.</summary>
    internal RootPath Root => _root;

    /// <summary>Mounts the root itself: the mounts described, or the directory bound onto itself, so that it can be pivoted to.</summary>
    /// <param name="directory">Directory of the root on the host.</param>
    /// <param name="mounts">What makes the root; empty if the directory is it already.</param>
    /// <param name="cgroups">The container's own groups, or null if it has none.</param>
    /// <param name="trees">Mounts that the launcher opened, or null.</param>
    /// <param name="followsHost">True if what is mounted below the directory later shows in the container.</param>
    internal static RootfsAssembly MountRoot(string directory, IReadOnlyList<MountPlan> mounts, CgroupView? cgroups, PreparedTrees? trees, bool followsHost)
    {
        // Root of a user namespace may not reach the directory; over the old root, which goes with the pivot, is as good a place.
        if (trees?.Root is { } prepared)
        {
            var whole = new RootfsAssembly(Attach(prepared, "/", followsHost), cgroups, trees);
            foreach (var mount in mounts.Skip(1))
                whole.Mount(mount);
            return whole;
        }
        if (mounts.Count == 0)
            return new RootfsAssembly(Attach(MountTree.Bind(directory, recursive: true), directory, followsHost), cgroups, trees);
        RootfsAssembly? assembly = null;
        foreach (var mount in mounts)
        {
            if (assembly is null)
                assembly = new RootfsAssembly(Attach(RootMount(mount, directory), directory, followsHost), cgroups, trees);
            else
                assembly.Mount(mount);
        }
        return assembly!;
    }

    /// <summary>The first mount of a root.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="directory">Where an old kernel must put it first; null to do without such kernels.</param>
    internal static MountTree RootMount(MountPlan mount, string? directory)
    {
        if (mount.IsBind)
        {
            var bind = MountTree.Bind(mount.Source ?? "", mount.Recursive);
            ChangeAttributes(bind, mount);
            return bind;
        }
        return OverlayMount.IsOverlay(mount) ? OverlayMount.Create(mount, directory) : MountTree.Create(mount.Type, mount.Source, mount.Data, mount.Set | mount.RecursiveSet);
    }

    private static RootPath Attach(MountTree tree, string directory, bool followsHost)
    {
        using var target = RootPath.Open(directory);
        // pivot_root refuses a shared root, and nothing mounted below may show outside.
        tree.Change(MountAttributes.None, MountAttributes.None, followsHost ? MountPropagation.Slave : MountPropagation.Private, recursive: true);
        tree.Attach(target.Descriptor, directory);
        return RootPath.FromDescriptor(tree.Descriptor, "the container's root");
    }

    /// <summary>Does one mount of the specification inside the root.</summary>
    internal void Mount(MountPlan mount)
    {
        if (mount.IsRemount)
        {
            Remount(mount);
            return;
        }
        switch (mount.Type)
        {
            case "bind":
                MountBind(mount);
                break;
            case "overlay":
                MountOverlay(mount);
                break;
            case "cgroup" or "cgroup2":
                MountCgroups(mount);
                break;
            case "tmpfs":
                MountTmpfs(mount);
                break;
            default:
                MountFileSystem(mount);
                break;
        }
    }

    /// <summary>Changes what is mounted already: with <c>bind</c> the attributes of the mount alone, else the options of its file system too.</summary>
    private void Remount(MountPlan mount)
    {
        using var target = _root.OpenFile(mount.Destination, OpenFlags.Path);
        if (!mount.IsBind)
            MountTree.Reconfigure(target, mount.Data, mount.Destination, isReadOnly: mount.Set.HasFlag(MountAttributes.ReadOnly) ? true : mount.Clear.HasFlag(MountAttributes.ReadOnly) ? false : null);
        ChangeAttributes(target, mount);
        if (mount.Propagation != MountPropagation.Private)
            MountTree.Change(target, MountAttributes.None, MountAttributes.None, mount.Propagation, mount.PropagationRecursive, mount.Destination);
    }

    private void MountFileSystem(MountPlan mount)
    {
        // A link in place of /proc or /sys would put the file system elsewhere and leave the image's own /proc to fool us (CVE-2019-19921).
        var isKernelView = mount.Type is "proc" or "sysfs";
        using var target = OpenTarget(mount.Destination, isDirectory: true, noLink: isKernelView);
        using var tree = CreateFileSystem(mount);
        if (mount.RootLabel is { } label)
            tree.Label(label);
        tree.Attach(target, mount.Destination);
        ChangePropagation(tree, mount);
    }

    private static MountTree CreateFileSystem(MountPlan mount)
    {
        try
        {
            return MountTree.Create(mount.Type, mount.Source, mount.Data, mount.Set | mount.RecursiveSet);
        }
        catch (LinuxException failure) when (mount.Type == "sysfs" && failure.Errno == Errno.EPERM)
        {
            // Root of a user namespace that has not the network as well: the host's view, which shows him no more.
            var host = MountTree.Bind("/sys", recursive: true);
            host.Change(mount.Set | mount.RecursiveSet, mount.Clear | mount.RecursiveClear, MountPropagation.Private, recursive: true);
            return host;
        }
    }

    private void MountTmpfs(MountPlan mount)
    {
        // An existing mount point gives its permissions to the new file system, as runc has it; a missing one leaves tmpfs' own 1777.
        var existed = _root.TryStat(mount.Destination, out var before, out _, followLast: true);
        using var target = OpenTarget(mount.Destination, isDirectory: true, noLink: false);
        var data = existed && !HasMode(mount.Data) ? [.. mount.Data, new("mode", Convert.ToString((int)before.Mode, 8))] : mount.Data;
        using var tree = MountTree.Create("tmpfs", mount.Source, data, MountAttributes.None);
        if (mount.TmpCopyUp)
        {
            using var image = DirectoryHandle.Open(target.ProcPath);
            using var memory = DirectoryHandle.Open(tree.Descriptor.ProcPath);
            new TreeCopy(memory, CancellationToken.None).Copy(image);
        }
        ChangeAttributes(tree, mount);
        tree.Attach(target, mount.Destination);
        ChangePropagation(tree, mount);
    }

    /// <summary>An overlay in the container: an image, or a part of one.</summary>
    private void MountOverlay(MountPlan mount)
    {
        // The directory around its own: an older kernel mounts by path only, and copies only what is mounted somewhere.
        var prepared = _trees?.Find(mount);
        var around = prepared is null && mount.Data.FirstOrDefault(option => option.Key == "upperdir").Value is { } upper && !upper.Contains('\\') ? Path.GetDirectoryName(upper) : null;
        try
        {
            using var whole = prepared ?? OverlayMount.Create(mount, around);
            using var tree = mount.Subpath is { } part ? Part(whole, part, around) : null;
            var shown = tree ?? whole;
            using var target = OpenTarget(mount.Destination, shown.Status.Kind == FileKind.Directory, noLink: false);
            ChangeAttributes(shown, mount);
            shown.Attach(target, mount.Destination);
            ChangePropagation(shown, mount);
        }
        finally
        {
            if (around is not null)
                MountSpace.Detach(around);
        }
    }

    private static MountTree Part(MountTree whole, string part, string? around)
    {
        if (around is not null)
        {
            using var place = RootPath.Open(around);
            whole.Attach(place.Descriptor, around);
        }
        using var root = RootPath.Open(whole.Descriptor.ProcPath);
        return BindSource.Part(root, part, recursive: false);
    }

    private static bool HasMode(IReadOnlyList<KeyValuePair<string, string?>> data)
    {
        foreach (var (key, _) in data)
        {
            if (key == "mode")
                return true;
        }
        return false;
    }

    private void MountBind(MountPlan mount)
    {
        if (mount.Source is not { Length: > 0 } source)
            throw new RuntimeException("mounts", $"cannot bind on '{mount.Destination}': it has no source");
        using var tree = _trees?.Find(mount) ?? BindSource.Open(mount);
        // Something else in its place would answer for the kernel (CVE-2019-16884).
        if (Path.GetFullPath("/" + mount.Destination) == "/proc")
            ProcHandle.RequireProc(tree.Descriptor, source);
        var isDirectory = tree.Status.Kind == FileKind.Directory;
        using var target = OpenTarget(mount.Destination, isDirectory, noLink: false);
        if (mount.CopyUp && isDirectory)
            CopyUp(tree, target);
        ChangeAttributes(tree, mount);
        tree.Attach(target, mount.Destination);
        ChangePropagation(tree, mount);
    }

    /// <summary>
    /// An empty volume takes over what the image has at its place. The place was resolved inside the root (CVE-2022-23648) and both sides are
    /// held by descriptor.
    /// </summary>
    private static void CopyUp(MountTree volume, SafeFd target)
    {
        using var source = DirectoryHandle.Open(target.ProcPath);
        using var into = DirectoryHandle.Open(volume.Descriptor.ProcPath);
        if (IsEmpty(into) && !IsEmpty(source))
            new TreeCopy(into, CancellationToken.None).Copy(source);
    }

    // mkfs puts lost+found into a new file system.
    private static bool IsEmpty(DirectoryHandle directory) => directory.List().All(entry => entry.Name.AsSpan().SequenceEqual("lost+found"u8));

    private static void ChangeAttributes(MountTree tree, MountPlan mount) => ChangeAttributes(tree.Descriptor, mount);

    private static void ChangeAttributes(SafeFd tree, MountPlan mount)
    {
        if ((mount.RecursiveSet | mount.RecursiveClear) != 0)
            MountTree.Change(tree, mount.RecursiveSet, mount.RecursiveClear, MountPropagation.Unchanged, recursive: true, mount.Destination);
        if ((mount.Set | mount.Clear) != 0)
            MountTree.Change(tree, mount.Set, mount.Clear, MountPropagation.Unchanged, recursive: false, mount.Destination);
    }

    private static void ChangePropagation(MountTree tree, MountPlan mount)
    {
        if (!mount.IsBind && mount.Propagation == MountPropagation.Private)
            return;
        // What is mounted below the source is not meant by the word, and must not share with the host for that.
        if (!mount.PropagationRecursive && mount.Propagation != MountPropagation.Shared)
            tree.Change(MountAttributes.None, MountAttributes.None, mount.Propagation == MountPropagation.Slave ? MountPropagation.Slave : MountPropagation.Private, recursive: true);
        tree.Change(MountAttributes.None, MountAttributes.None, mount.Propagation, mount.PropagationRecursive);
    }

    /// <summary>Opens what will be mounted over, and makes it where it is missing: a directory for a directory, an empty file for anything else.</summary>
    private SafeFd OpenTarget(string path, bool isDirectory, bool noLink, bool anyKind = false)
    {
        if (_root.TryOpen(path, noLink ? OpenFlags.Path | OpenFlags.NoFollow : OpenFlags.Path, out var found, out var errno))
        {
            // A link of the image must not bring a mount where its plain name would be refused (CVE-2019-16884, CVE-2023-28642).
            if (!SpecValidator.MayBeMounted(path) && ProcHandle.IsProc(found, path))
            {
                found.Dispose();
                throw new RuntimeException("mounts", $"cannot mount on '{path}': it leads into '/proc'");
            }
            var kind = noLink ? FileStatus.Of(found).Kind : FileKind.Directory;
            if (kind == FileKind.Directory || (anyKind && kind != FileKind.SymbolicLink))
                return found;
            found.Dispose();
            throw new RuntimeException("mounts", $"cannot mount on '{path}': it is a {kind}, and must not be");
        }
        if (errno != Errno.ENOENT)
            throw new LinuxException("open mount point", errno, path);
        if (isDirectory)
            return _root.CreateDirectories(path, Mode755);
        CreateFile(path, Mode755 & ~(UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
        return _root.OpenFile(path, OpenFlags.Path);
    }

    private void CreateFile(string path, UnixFileMode mode)
    {
        var slash = path.LastIndexOf('/');
        if (slash > 0)
            _root.CreateDirectories(path[..slash], Mode755).Dispose();
        _root.CreateNode(path, FileKind.Regular, mode);
    }

    /// <summary>Makes the root itself read-only; the mounts below keep their own attributes.</summary>
    internal void MakeRootReadOnly() =>
        MountTree.Change(_root.Descriptor, MountAttributes.ReadOnly, MountAttributes.None, MountPropagation.Unchanged, recursive: false, "/");

    public void Dispose()
    {
        _emptyDirectory?.Dispose();
        _null?.Dispose();
        _root.Dispose();
    }
}
