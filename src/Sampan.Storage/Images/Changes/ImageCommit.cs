using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Changes;

/// <summary>How a container's changes become an image.</summary>
public sealed record ImageCommit
{
    /// <summary>The name it gets, or null.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>What a container of the new image runs.</summary>
    public required ImageDefaults Defaults { get; init; }

    /// <summary>The remark in the history, or null.</summary>
    public string? Message { get; init; }

    /// <summary>Who made it, or null.</summary>
    public string? Author { get; init; }

    /// <summary>What the container ran, for the history.</summary>
    public string CreatedBy { get; init; } = "";
}
