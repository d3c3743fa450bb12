namespace Sampan.Storage.Snapshots;

/// <summary>How a layer on disk marks what it takes away from the layers below.</summary>
internal enum WhiteoutStyle
{
    /// <summary>As overlayfs wants it: devices 0:0 and an attribute.</summary>
    Kernel,

    /// <summary>As in the tar: files <c>.wh.NAME</c> and <c>.wh..wh..opq</c>. For data roots on file systems that refuse the kernel's own marks, as overlayfs does.</summary>
    Files,
}
