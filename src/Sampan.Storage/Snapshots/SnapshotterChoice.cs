using Sampan.Linux.Files;
using Sampan.Storage.Images;

namespace Sampan.Storage.Snapshots;

/// <summary>Which snapshotter suits the file system that the data root is on.</summary>
public static class SnapshotterChoice
{
    // File systems that cannot hold overlayfs' upper directory: they lack trusted.* attributes, whiteout devices or d_type
    // (Documentation/filesystems/overlayfs.rst, "Upper and lower"). An engine inside a container usually stands on overlayfs.
    internal const long Overlay = 0x794c7630;
    private const long Nfs = 0x6969;
    private const long Fuse = 0x65735546;
    private const long Plan9 = 0x01021997;
    private const long Fat = 0x4d44;
    private const long Cifs = 0xff534d42;
    private const long ECrypt = 0xf15f;

    /// <summary>Overlay where the kernel can mount it on the data root's file system, else plain copies.</summary>
    /// <param name="images">The store whose images the containers are made of.</param>
    /// <param name="reason">Why not overlay, in one clause, or null.</param>
    public static ISnapshotter Open(ImageStore images, out string? reason)
    {
        reason = WhyNotOverlay(images.DataRoot);
        return reason is null ? OverlaySnapshotter.Open(images) : PlainCopySnapshotter.Open(images);
    }

    private static string? WhyNotOverlay(string dataRoot)
    {
        // A module that is not loaded yet is loaded by the first mount, if it is on disk; then the kernel's modules directory has it.
        if (!File.ReadLines("/proc/filesystems").Any(line => line.EndsWith("\toverlay", StringComparison.Ordinal)) && !HasModule())
            return "the kernel has no overlayfs";
        using var root = DirectoryHandle.Open(dataRoot);
        var name = root.Descriptor.FileSystemMagic() switch
        {
            Overlay => "overlayfs",
            Nfs => "nfs",
            Fuse => "fuse",
            Plan9 => "9p",
            Fat => "fat",
            Cifs => "cifs",
            ECrypt => "ecryptfs",
            _ => null,
        };
        return name is null ? null : $"data root '{dataRoot}' is on {name}, which cannot hold the upper directory of overlayfs";
    }

    private static bool HasModule()
    {
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        return Directory.Exists($"/lib/modules/{release}/kernel/fs/overlayfs");
    }
}
