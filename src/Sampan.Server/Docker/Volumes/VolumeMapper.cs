using Sampan.DockerApi.Volumes;
using Sampan.Engine.Volumes;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Volumes;

/// <summary>Makes Docker's words from what the engine knows of a volume.</summary>
internal static class VolumeMapper
{
    // Docker marks what it made for a container by this label, and prunes by it.
    private const string AnonymousLabel = "com.docker.volume.anonymous";

    /// <summary>A volume.</summary>
    internal static VolumeInspect ToInspect(VolumeSnapshot volume, VolumeUsage? usage = null) => new()
    {
        Name = volume.Name,
        Driver = volume.Driver,
        Mountpoint = volume.Mountpoint,
        CreatedAt = Timestamp.Write(volume.Created),
        Labels = ToLabels(volume),
        Options = volume.Options.Count == 0 ? null : volume.Options,
        Scope = volume.Scope,
        Status = volume.Status,
        UsageData = usage,
    };

    /// <summary>The labels as Docker shows them; null: none.</summary>
    internal static IReadOnlyDictionary<string, string>? ToLabels(VolumeSnapshot volume)
    {
        if (!volume.Anonymous)
            return volume.Labels.Count == 0 ? null : volume.Labels;
        return new Dictionary<string, string>(volume.Labels, StringComparer.Ordinal) { [AnonymousLabel] = "" };
    }
}
