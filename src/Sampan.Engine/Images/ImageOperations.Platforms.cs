using Sampan.Storage.Images;

namespace Sampan.Engine.Images;

/// <summary>Images for several platforms.</summary>
public sealed partial class ImageOperations
{
    /// <summary>What an image's name stands for: each manifest of its index, or its own one.</summary>
    /// <param name="imageId">Its id, <c>sha256:…</c>.</param>
    public IReadOnlyList<ImageMember> Members(string imageId)
    {
        var id = Find(imageId).Id;
        return Translate.Run(() => _parts.Images.Members(id));
    }

    /// <summary>The ids of all containers, by the id of the image that each was made from.</summary>
    public ILookup<string, string> ContainersByImage() => _parts.Registry.All.Select(c => c.Current).ToLookup(c => c.ImageId, c => c.Id, StringComparer.Ordinal);

    /// <summary>How many containers were made from an image, or from those for other platforms that its names lead to.</summary>
    /// <param name="imageId">Its id.</param>
    public int ContainersUsingAny(string imageId)
    {
        var image = Find(imageId);
        return image.Siblings.Prepend(image.Id).Sum(id => ContainersUsing(id.ToString()));
    }
}
