using Sampan.Storage.Images;

namespace Sampan.Storage.Building;

/// <summary>Something that goes into an image whose files are data for programs, not for containers. A closed set.</summary>
/// <param name="Path">Where it lies in the image, without a slash at its beginning.</param>
public abstract record BundlePart(string Path)
{
    /// <summary>The topmost layer of an image or a step, as a plain tar.</summary>
    public sealed record Layer(string Path, ImageRecord Image) : BundlePart(Path);

    /// <summary>A directory of the host with all that is in it.</summary>
    public sealed record Tree(string Path, string HostDirectory) : BundlePart(Path);

    /// <summary>A small file.</summary>
    public sealed record Document(string Path, byte[] Content) : BundlePart(Path);
}
