using System.Text.Json.Serialization;

namespace Sampan.DockerApi.Containers;

/// <summary>One mount asked for in the long form (Docker's schema calls it Mount).</summary>
public sealed record MountRequest
{
    /// <summary>bind, volume, tmpfs, image, npipe or cluster.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>Path on the host, volume name or image; null for tmpfs and anonymous volumes.</summary>
    public string? Source { get; init; }

    /// <summary>Path in the container.</summary>
    public string Target { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the mount is read-only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ReadOnly { get; init; }

    /// <summary>Accepted and unused on Linux.</summary>
    public string? Consistency { get; init; }

    /// <summary>Sampan only: other owners for the files, as <c>uids=FILE-SEEN-COUNT;gids=FILE-SEEN-COUNT</c>; null: those they have.</summary>
    public string? IdMap { get; init; }

    /// <summary>Options of a bind mount.</summary>
    public BindOptions? BindOptions { get; init; }

    /// <summary>Options of a volume.</summary>
    public VolumeOptions? VolumeOptions { get; init; }

    /// <summary>Options of an image mount.</summary>
    public ImageMountOptions? ImageOptions { get; init; }

    /// <summary>Options of a temporary filesystem.</summary>
    public TmpfsOptions? TmpfsOptions { get; init; }
}
