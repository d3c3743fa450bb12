namespace Sampan.Linux.Files;

/// <summary>The extended attributes by which overlayfs marks what a layer hides; see <see href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs</see>.</summary>
public static class OverlayAttributes
{
    /// <summary>
    /// True for those that steer overlayfs. They belong to their layer: neither must an image bring its own (a redirect would show other
    /// directories than the image's), nor are they of the files that a mount shows.
    /// </summary>
    public static bool IsReserved(string attribute) =>
        attribute.StartsWith("trusted.overlay.", StringComparison.Ordinal) || attribute.StartsWith("user.overlay.", StringComparison.Ordinal);
}
