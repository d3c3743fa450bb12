using Sampan.Build.History;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;
using Sampan.Engine.Images;
using Sampan.Oci.Images;
using Sampan.Server.Docker.Containers;
using Sampan.Server.Http;
using ImageConfig = Sampan.DockerApi.Images.ImageConfig;

namespace Sampan.Server.Docker.Images;

/// <summary>Makes Docker's words from what the engine knows of an image.</summary>
internal static class ImageMapper
{
    /// <summary>An image in a list.</summary>
    /// <param name="image">What the engine knows.</param>
    /// <param name="containers">How many containers use it.</param>
    internal static ImageSummary ToSummary(ImageSnapshot image, int containers) => new()
    {
        Id = image.Id,
        ParentId = image.ParentId ?? "",
        RepoTags = image.RepoTags,
        RepoDigests = image.RepoDigests,
        Created = image.Created.ToUnixTimeSeconds(),
        Size = image.Size,
        // Not computed, as Docker unless it is asked to.
        SharedSize = -1,
        Labels = image.Config.Config.Labels.Count == 0 ? null : image.Config.Config.Labels,
        Containers = containers,
        Descriptor = image.Descriptor is { } target ? ImageMemberMapper.ToDescriptor(target) : null,
    };

    /// <summary>An image in full.</summary>
    /// <param name="image">What the engine knows.</param>
    /// <param name="identity">Where it comes from; null: nobody knows.</param>
    internal static ImageInspect ToInspect(ImageSnapshot image, ImageIdentity? identity = null)
    {
        var config = image.Config;
        return new ImageInspect
        {
            Id = image.Id,
            Identity = identity,
            RepoTags = image.RepoTags,
            RepoDigests = image.RepoDigests,
            Parent = image.ParentId,
            Comment = Given(config.Comment),
            Created = config.Created is null ? null : Timestamp.Write(config.Created),
            DockerVersion = Given(config.DockerVersion),
            Author = Given(config.Author),
            Config = ToConfig(config.Config),
            Architecture = config.Architecture,
            Variant = Given(config.Variant),
            Os = config.Os,
            OsVersion = Given(config.OsVersion),
            Size = image.Size,
            RootFS = new ImageRootFs { Type = "layers", Layers = image.DiffIds },
            Metadata = new ImageMetadata { LastTagTime = Timestamp.Write(image.LastTagged) },
            Descriptor = image.Descriptor is { } target ? ImageMemberMapper.ToDescriptor(target) : null,
        };
    }

    /// <summary>Where an image comes from: its digests are those of the registries that it was pulled from or pushed to; null: nobody knows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="builds">The builds that made it, as far as they are remembered.</param>
    internal static ImageIdentity? ToIdentity(ImageSnapshot image, IEnumerable<BuildRecord> builds)
    {
        var repositories = image.RepoDigests
            .Select(name => ImageReference.TryParse(name, out var reference, out _) ? reference.Name : null)
            .OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var made = builds.Select(build => new BuildIdentity { Ref = build.Id, CreatedAt = Timestamp.Write(build.Created) }).ToList();
        if (repositories.Count == 0 && made.Count == 0)
            return null;
        return new ImageIdentity
        {
            Pull = repositories.Count == 0 ? null : [.. repositories.Select(repository => new PullIdentity { Repository = repository })],
            Build = made.Count == 0 ? null : made,
        };
    }

    // What is not set is left out, as in the specification of images; older versions of the API had it empty.
    private static ImageConfig ToConfig(ImageDefaults defaults) => new()
    {
        User = Given(defaults.User),
        ExposedPorts = ToSet(defaults.ExposedPorts),
        Env = defaults.Env.Count == 0 ? null : defaults.Env,
        Cmd = defaults.Cmd is { Count: > 0 } command ? command : null,
        Healthcheck = HealthMapper.ToConfig(defaults.Healthcheck),
        ArgsEscaped = defaults.ArgsEscaped ? true : null,
        Volumes = ToSet(defaults.Volumes),
        WorkingDir = Given(defaults.WorkingDir),
        Entrypoint = defaults.Entrypoint is { Count: > 0 } words ? words : null,
        OnBuild = defaults.OnBuild.Count == 0 ? null : defaults.OnBuild,
        Labels = defaults.Labels.Count == 0 ? null : defaults.Labels,
        StopSignal = Given(defaults.StopSignal),
        Shell = defaults.Shell,
    };

    private static Dictionary<string, EmptyObject?>? ToSet(IReadOnlyList<string> names) =>
        names.Count == 0 ? null : names.Distinct(StringComparer.Ordinal).ToDictionary(n => n, EmptyObject? (_) => new EmptyObject(), StringComparer.Ordinal);

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
