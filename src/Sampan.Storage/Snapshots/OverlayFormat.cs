using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// How overlayfs marks in a layer what the layer takes away from those below:
/// a whiteout is a character device 0:0, an opaque directory has the attribute <c>trusted.overlay.opaque=y</c>.
/// See <see href="https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories">overlayfs</see>.
/// Where that cannot be stored the marks of the tar stand for them: <see cref="WhiteoutStyle.Files"/>.
/// </summary>
internal static class OverlayFormat
{
    internal const string OpaqueAttribute = "trusted.overlay.opaque";

    private const UnixFileMode MarkMode = UnixFileMode.UserRead;

    private static ReadOnlySpan<byte> FilePrefix => ".wh."u8;

    private static ReadOnlySpan<byte> OpaqueFile => ".wh..wh..opq"u8;

    internal static bool IsWhiteout(this in FileStatus status) => status is { Kind: FileKind.CharacterDevice, Device: { Major: 0, Minor: 0 } };

    /// <summary>Hides a name of the layers below that this layer does not have itself.</summary>
    internal static void CreateWhiteout(this DirectoryHandle directory, ReadOnlySpan<byte> name, WhiteoutStyle style)
    {
        if (style == WhiteoutStyle.Kernel)
            directory.CreateNode(name, FileKind.CharacterDevice, 0, new DeviceNumber(0, 0));
        else
            CreateMark(directory, [.. FilePrefix, .. name]);
    }

    /// <summary>Hides all names of the layers below in a directory.</summary>
    internal static void SetOpaque(this DirectoryHandle directory, WhiteoutStyle style)
    {
        if (style == WhiteoutStyle.Files)
        {
            CreateMark(directory, OpaqueFile);
            return;
        }
        var errno = directory.Descriptor.TrySetAttribute(OpaqueAttribute, "y"u8);
        if (errno != Errno.None)
            throw new LinuxException($"set '{OpaqueAttribute}'", errno);
    }

    internal static bool IsOpaque(this DirectoryHandle directory, WhiteoutStyle style) => style == WhiteoutStyle.Kernel
        ? directory.GetAttribute([], OpaqueAttribute) is [(byte)'y']
        : directory.TryStat(OpaqueFile, out _);

    /// <summary>True if a mark beside it hides the name in the layers below; the kernel's style has its mark in the name's own place.</summary>
    internal static bool HasMark(this DirectoryHandle directory, ReadOnlySpan<byte> name, WhiteoutStyle style) =>
        style == WhiteoutStyle.Files && directory.TryStat([.. FilePrefix, .. name], out _);

    /// <summary>True if a listed name is itself a mark; <paramref name="hidden"/> is what it hides below.</summary>
    internal static bool IsMark(byte[] name, WhiteoutStyle style, out ReadOnlySpan<byte> hidden)
    {
        var isMark = style == WhiteoutStyle.Files && name.AsSpan().StartsWith(FilePrefix);
        hidden = isMark ? name.AsSpan(FilePrefix.Length) : [];
        return isMark;
    }

    private static void CreateMark(DirectoryHandle directory, ReadOnlySpan<byte> name)
    {
        if (!directory.TryStat(name, out _))
            directory.CreateFile(name, MarkMode).Dispose();
    }
}
