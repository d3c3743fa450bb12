using Sampan.Storage.Images;

namespace Sampan.Engine.Images;

/// <summary>Images for several platforms.</summary>
public sealed partial class ImageOperations
{
    /// <summary>What an image's name stands for: each manifest of its index, or its own one.</summary>
    /// <param name="imageId">Its id, <c>sha256:…</c>.</param>
    public IReadOnlyList<ImagePart> Parts(string imageId)
    {
        var id = Find(imageId).Id;
        var containers = _parts.Registry.All.Select(c => c.Current).ToLookup(c => c.ImageId, c => c.Id, StringComparer.Ordinal);
        return [.. Translate.Run(() => _parts.Images.Members(id)).Select(member => Of(member, containers))];
    }

    /// <summary>How many containers were made from an image, or from those for other platforms that its names lead to.</summary>
    /// <param name="imageId">Its id.</param>
    public int ContainersUsingAny(string imageId)
    {
        var image = Find(imageId);
        return image.Siblings.Prepend(image.Id).Sum(id => ContainersUsing(id.ToString()));
    }

    private static ImagePart Of(ImageMember member, ILookup<string, string> containers) => new()
    {
        Descriptor = member.Descriptor,
        IsComplete = member.IsComplete,
        ContentBytes = member.ContentBytes,
        IsAttestation = member.IsAttestation,
        Attests = member.Attests?.ToString(),
        ImageId = member.ImageId?.ToString(),
        Platform = member.Platform,
        UnpackedBytes = member.UnpackedBytes,
        Containers = member.ImageId is { } id ? [.. containers[id.ToString()]] : [],
    };
}
