using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Mounts;

/// <summary>
/// A mount held by descriptor, at first attached nowhere. Being addressed by descriptor only, it lands where its maker looked and nowhere else,
/// whatever happens to the paths meanwhile (CVE-2021-30465). A tree that was not attached disappears with its descriptor.
/// </summary>
public sealed class MountTree : IDisposable
{
    private MountTree(SafeFd descriptor, string name)
    {
        Descriptor = descriptor;
        Name = name;
    }

    /// <summary>The root of the mount; usable as a directory to resolve paths beneath.</summary>
    public SafeFd Descriptor { get; }

    /// <summary>What is mounted: for messages.</summary>
    public string Name { get; }

    /// <summary>Copies the mount at <paramref name="path"/> (a bind mount); symbolic links are followed.</summary>
    /// <param name="path">A path of the host.</param>
    /// <param name="recursive">True to copy the mounts below too.</param>
    /// <exception cref="LinuxException">There is nothing there, or the caller may not mount.</exception>
    public static MountTree Bind(string path, bool recursive) => Clone(Sys.AT_FDCWD, path, 0, recursive, path);

    /// <summary>Copies the mount at an open file or directory.</summary>
    /// <param name="source">What to bind; O_PATH is enough.</param>
    /// <param name="recursive">True to copy the mounts below too.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="LinuxException">The caller may not mount it.</exception>
    public static MountTree Bind(SafeFd source, bool recursive, string name) => Clone(source.Number, "", Sys.AT_EMPTY_PATH, recursive, name);

    private static MountTree Clone(int directory, string path, uint flags, bool recursive, string name)
    {
        flags |= Sys.OPEN_TREE_CLONE | (recursive ? Sys.AT_RECURSIVE : 0);
        return new MountTree(new SafeFd(Sys.Check(Sys.open_tree(directory, path, flags), "bind", name)), name);
    }

    /// <summary>Makes a mount of a file system.</summary>
    /// <param name="type">Type such as <c>tmpfs</c>.</param>
    /// <param name="source">Source as <c>/proc/mounts</c> shows it, or null.</param>
    /// <param name="options">Options of the file system in order; a null value is a flag.</param>
    /// <param name="attributes">Attributes of the mount.</param>
    /// <exception cref="LinuxException">An option is wrong or the mount is refused; the message has the kernel's own words where it gave some.</exception>
    public static MountTree Create(string type, string? source, IReadOnlyList<KeyValuePair<string, string?>> options, MountAttributes attributes)
    {
        var name = source ?? type;
        var what = $"mount {type} '{name}'";
        using var context = new SafeFd(Sys.Check(Sys.fsopen(type), $"mount file system type '{type}'"));
        if (source is not null)
            Configure(context, Sys.FSCONFIG_SET_STRING, "source", source, what);
        foreach (var (key, value) in options)
            Configure(context, value is null ? Sys.FSCONFIG_SET_FLAG : Sys.FSCONFIG_SET_STRING, key, value, what);
        Configure(context, Sys.FSCONFIG_CMD_CREATE, null, null, what);
        var mount = Sys.fsmount(context.Number, (ulong)attributes);
        return mount >= 0 ? new MountTree(new SafeFd(mount), name) : throw Failure(context, what, null);
    }

    /// <summary>Changes the options of a mounted file system, for all its mounts.</summary>
    /// <param name="mount">The root of one of its mounts; O_PATH is enough.</param>
    /// <param name="options">Options in order; a null value is a flag.</param>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="isReadOnly">True to forbid writing, false to allow it, null to leave that.</param>
    /// <exception cref="LinuxException">EINVAL: it is not the root of a mount; or an option is refused.</exception>
    public static void Reconfigure(SafeFd mount, IReadOnlyList<KeyValuePair<string, string?>> options, string path, bool? isReadOnly)
    {
        var what = $"remount '{path}'";
        using var context = new SafeFd(Sys.Check(Sys.fspick(mount.Number), what));
        foreach (var (key, value) in options)
            Configure(context, value is null ? Sys.FSCONFIG_SET_FLAG : Sys.FSCONFIG_SET_STRING, key, value, what);
        if (isReadOnly is { } readOnly)
            Configure(context, Sys.FSCONFIG_SET_FLAG, readOnly ? "ro" : "rw", null, what);
        Configure(context, Sys.FSCONFIG_CMD_RECONFIGURE, null, null, what);
    }

    private static void Configure(SafeFd context, uint command, string? key, string? value, string what)
    {
        if (Sys.fsconfig(context.Number, command, key, value) != 0)
            throw Failure(context, key is null ? what : $"set option {key} to {what}", value);
    }

    /// <summary>The context is also a log: one line per read, <c>e text</c> for an error.</summary>
    private static LinuxException Failure(SafeFd context, string what, string? operand)
    {
        var errno = Sys.LastErrno;
        Span<byte> line = stackalloc byte[512];
        var length = Sys.ReadSome(context.Number, line);
        var words = length > 2 && line[0] == (byte)'e' ? System.Text.Encoding.UTF8.GetString(line[2..(int)length]).Trim() : null;
        return new LinuxException(words is null ? what : $"{what} ({words})", errno, operand);
    }

    /// <summary>Changes the attributes of the mount.</summary>
    /// <param name="set">Attributes to set.</param>
    /// <param name="clear">Attributes to clear first.</param>
    /// <param name="propagation">Propagation to give, too.</param>
    /// <param name="recursive">True for the mounts below as well.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Change(MountAttributes set, MountAttributes clear, MountPropagation propagation, bool recursive) =>
        Change(Descriptor, set, clear, propagation, recursive, Name);

    /// <summary>Changes the attributes of the mount whose root is open as <paramref name="mount"/>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static unsafe void Change(SafeFd mount, MountAttributes set, MountAttributes clear, MountPropagation propagation, bool recursive, string name)
    {
        var attr = new Sys.MountAttr { Set = (ulong)set, Clear = (ulong)clear, Propagation = (ulong)propagation };
        Sys.Check(Sys.mount_setattr(mount.Number, recursive ? Sys.AT_RECURSIVE : 0, &attr), "change attributes of mount", name);
    }

    /// <summary>Shows files as belonging to other ids; the files stay as they are.</summary>
    /// <param name="userNamespace">Its map says which: ids inside are those of the file system, ids outside those shown.</param>
    /// <param name="recursive">True for the mounts below as well.</param>
    /// <exception cref="LinuxException">EINVAL: the file system does not support it, or has other owners already.</exception>
    public unsafe void MapIds(SafeFd userNamespace, bool recursive)
    {
        var attr = new Sys.MountAttr { Set = Sys.MOUNT_ATTR_IDMAP, UserNamespace = (ulong)userNamespace.Number };
        Sys.Check(Sys.mount_setattr(Descriptor.Number, recursive ? Sys.AT_RECURSIVE : 0, &attr), "map the ids of mount", Name);
    }

    /// <summary>Attaches the mount over an open directory or file; the descriptor then means the attached mount.</summary>
    /// <param name="target">A directory for a directory, a file for a file; O_PATH is enough.</param>
    /// <param name="path">What to call the target in messages.</param>
    /// <exception cref="LinuxException">ENOTDIR: one is a directory, the other is not; or the kernel refused.</exception>
    public void Attach(SafeFd target, string path)
    {
        if (Sys.move_mount(Descriptor.Number, target.Number) != 0)
            throw new LinuxException($"mount '{Name}' on", Sys.LastErrno, path);
    }

    /// <summary>Status of the mount's root.</summary>
    public FileStatus Status => FileStatus.Of(Descriptor);

    /// <summary>Closes the descriptor; an unattached mount disappears.</summary>
    public void Dispose() => Descriptor.Dispose();

    /// <summary>Gives the root of the tree an SELinux label, where the file system cannot be made with one.</summary>
    /// <exception cref="LinuxException">The kernel refused: it does not know the label, or the file system takes none.</exception>
    public unsafe void Label(string label)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(label + '\0');
        fixed (byte* value = text)
            Sys.Check(Sys.setxattr(Descriptor.ProcPath, "security.selinux", value, (nuint)text.Length, 0), "label", label);
    }
}
