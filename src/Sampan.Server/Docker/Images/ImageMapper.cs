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
        Descriptor = image.Descriptor is { } target ? ImagePartMapper.ToDescriptor(target) : null,
    };

    /// <summary>An image in full.</summary>
    internal static ImageInspect ToInspect(ImageSnapshot image)
    {
        var config = image.Config;
        return new ImageInspect
        {
            Id = image.Id,
            Identity = ToIdentity(image),
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
            Descriptor = image.Descriptor is { } target ? ImagePartMapper.ToDescriptor(target) : null,
        };
    }

    /// <summary>Where an image comes from: its digests are those of the registries that it was pulled from or pushed to; null: none.</summary>
    internal static ImageIdentity? ToIdentity(ImageSnapshot image)
    {
        var repositories = image.RepoDigests
            .Select(name => ImageReference.TryParse(name, out var reference, out _) ? reference.Name : null)
            .OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return repositories.Count == 0 ? null : new ImageIdentity { Pull = [.. repositories.Select(repository => new PullIdentity { Repository = repository })] };
    }

    private static ImageConfig ToConfig(ImageDefaults defaults) => new()
    {
        User = defaults.User ?? "",
        ExposedPorts = ToSet(defaults.ExposedPorts),
        Env = defaults.Env.Count == 0 ? null : defaults.Env,
        Cmd = defaults.Cmd,
        Healthcheck = HealthMapper.ToConfig(defaults.Healthcheck),
        ArgsEscaped = defaults.ArgsEscaped ? true : null,
        Volumes = ToSet(defaults.Volumes),
        WorkingDir = defaults.WorkingDir ?? "",
        Entrypoint = defaults.Entrypoint,
        OnBuild = defaults.OnBuild.Count == 0 ? null : defaults.OnBuild,
        Labels = defaults.Labels.Count == 0 ? null : defaults.Labels,
        StopSignal = Given(defaults.StopSignal),
        Shell = defaults.Shell,
    };

    private static Dictionary<string, EmptyObject?>? ToSet(IReadOnlyList<string> names) =>
        names.Count == 0 ? null : names.Distinct(StringComparer.Ordinal).ToDictionary(n => n, EmptyObject? (_) => new EmptyObject(), StringComparer.Ordinal);

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
