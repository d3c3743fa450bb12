using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Snapshots;

/// <summary>
/// How overlayfs marks in a layer what the layer takes away from those below:
/// a whiteout is a character device 0:0, an opaque directory has the attribute <c>trusted.overlay.opaque=y</c>.
/// See <see href="https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories">overlayfs</see>.
/// </summary>
internal static class OverlayFormat
{
    internal const string OpaqueAttribute = "trusted.overlay.opaque";

    /// <summary>Attributes that steer overlayfs: an image must not bring its own (a redirect would show other directories than the image's).</summary>
    internal static bool IsReserved(string attribute) =>
        attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal) || attribute.StartsWith("user.overlay.", StringComparison.Ordinal);

    internal static bool IsWhiteout(this in FileStatus status) => status is { Kind: FileKind.CharacterDevice, Device: { Major: 0, Minor: 0 } };

    internal static void CreateWhiteout(this DirectoryHandle directory, ReadOnlySpan<byte> name) =>
        directory.CreateNode(name, FileKind.CharacterDevice, 0, new DeviceNumber(0, 0));

    internal static void SetOpaque(this DirectoryHandle directory)
    {
        var errno = directory.Descriptor.TrySetAttribute(OpaqueAttribute, "y"u8);
        if (errno != Linux.Errno.None)
            throw new Linux.LinuxException($"set '{OpaqueAttribute}'", errno);
    }

    internal static bool IsOpaque(this DirectoryHandle directory) => directory.GetAttribute([], OpaqueAttribute) is [(byte)'y'];
}
