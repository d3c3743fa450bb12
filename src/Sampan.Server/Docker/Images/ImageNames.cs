using Sampan.DockerApi.Images;
using Sampan.Engine.Containers;
using Sampan.Engine.Images;

namespace Sampan.Server.Docker.Images;

/// <summary>Which image each name means now, to tell whether a container's name for its image still holds.</summary>
internal sealed class ImageNames
{
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OciDescriptor> _manifests = new(StringComparer.Ordinal);

    /// <summary>Takes the names of all images.</summary>
    internal ImageNames(IReadOnlyList<ImageSnapshot> images)
    {
        foreach (var image in images)
        {
            if (image.Manifest is { } manifest)
                _manifests[image.Id] = ImageMemberMapper.ToDescriptor(manifest);
            foreach (var name in image.RepoTags.Concat(image.RepoDigests))
                _ids[name] = image.Id;
        }
    }

    /// <summary>A name without the tag that it may have: who names a tag apart means that one.</summary>
    internal static string WithoutTag(string name) => name.LastIndexOf(':') is var colon && colon > name.LastIndexOf('/') && !name.Contains('@', StringComparison.Ordinal) ? name[..colon] : name;

    /// <summary>The manifest of the image that a container was made from; null: it has none, or is no longer here.</summary>
    internal OciDescriptor? Manifest(ContainerSnapshot container) => _manifests.GetValueOrDefault(container.ImageId);

    /// <summary>What <c>docker ps</c> shows: the name that the user gave while it means the container's image, else the image's id.</summary>
    internal string ToShow(ContainerSnapshot container)
    {
        var name = container.Spec.Image;
        var hex = container.ImageId[(container.ImageId.IndexOf(':') + 1)..];
        if (container.ImageId.StartsWith(name, StringComparison.Ordinal) || hex.StartsWith(name, StringComparison.Ordinal))
            return name;
        var familiar = name;
        foreach (var prefix in new[] { "docker.io/library/", "docker.io/" })
        {
            if (familiar.StartsWith(prefix, StringComparison.Ordinal))
                familiar = familiar[prefix.Length..];
        }

        var meant = _ids.GetValueOrDefault(familiar) ?? _ids.GetValueOrDefault(familiar + ":latest");
        return meant == container.ImageId ? name : container.ImageId;
    }
}
