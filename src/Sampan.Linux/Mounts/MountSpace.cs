using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Mounts;

/// <summary>Acts on the mount namespace of the calling process as a whole.</summary>
public static class MountSpace
{
    /// <summary>Sets the propagation of every mount of the namespace, so that what is mounted here is not seen elsewhere.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void SetPropagation(MountPropagation propagation, bool recursive) =>
        Sys.Check(Sys.mount(null, "/", null, (ulong)propagation | (recursive ? Sys.MS_REC : 0), null), $"make the mount namespace {propagation.ToString().ToLowerInvariant()}");

    /// <summary>Mounts by the old call, for file systems and options that the calls by descriptor do not know.</summary>
    /// <param name="type">File system type.</param>
    /// <param name="source">Device or name.</param>
    /// <param name="directory">Where: an open directory.</param>
    /// <param name="attributes">Attributes of the mount (the four that both calls number alike).</param>
    /// <param name="options">Options of the file system, with commas; at most a page.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MountAt(string type, string source, SafeFd directory, MountAttributes attributes, string options) =>
        Sys.Check(Sys.mount(source, directory.ProcPath, type, (ulong)attributes & 0xf, options), $"mount {type}", source);

    /// <summary>Takes the mount at a path out of the namespace; who has files of it open goes on using them. Nothing happens if none is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Detach(string path)
    {
        if (Sys.umount2(path, Sys.MNT_DETACH | 8 /* UMOUNT_NOFOLLOW */) != 0 && Sys.LastErrno is not (Errno.EINVAL or Errno.ENOENT))
            throw new LinuxException("unmount", Sys.LastErrno, path);
    }

    /// <summary>
    /// Makes <paramref name="root"/>, the root of a mount, the root of the namespace and of the calling process, and drops the old one.
    /// The working directory is the new root then.
    /// </summary>
    /// <remarks>Both arguments of pivot_root(2) are ".", as its manual allows: no directory for the old root is needed.</remarks>
    /// <exception cref="LinuxException">It is not a mount, or shared; or the kernel refused.</exception>
    public static void PivotTo(SafeFd root)
    {
        using var old = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, "/", Io.OpenFlags.Directory | Io.OpenFlags.ReadOnly), "open", "/"));
        Sys.Check(Sys.fchdir(root.Number), "enter the new root");
        Sys.Check(Sys.pivot_root(".", "."), "pivot to the new root");
        // The old root now lies over the new one at "/"; it must not propagate its unmounting to the host.
        Sys.Check(Sys.fchdir(old.Number), "enter the old root");
        Sys.Check(Sys.mount(null, ".", null, Sys.MS_SLAVE | Sys.MS_REC, null), "detach the old root from the host");
        Sys.Check(Sys.umount2(".", Sys.MNT_DETACH), "unmount the old root");
        Sys.Check(Sys.chdir("/"), "enter", "/");
    }

    /// <summary>Moves <paramref name="root"/> over <c>/</c> and changes the root to it: for a root on an initramfs, which cannot be pivoted.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void MoveToRoot(SafeFd root)
    {
        Sys.Check(Sys.fchdir(root.Number), "enter the new root");
        Sys.Check(Sys.mount(".", "/", null, 8192 /* MS_MOVE */, null), "move the new root over the old");
        Sys.Check(Sys.chroot("."), "change the root");
        Sys.Check(Sys.chdir("/"), "enter", "/");
    }
}
