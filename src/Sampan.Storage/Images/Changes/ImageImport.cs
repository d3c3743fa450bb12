using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Changes;

/// <summary>How a tar of a root file system becomes an image: <c>docker import</c>.</summary>
public sealed record ImageImport
{
    /// <summary>The name it gets, or null.</summary>
    public ImageReference? Name { get; init; }

    /// <summary>Dockerfile instructions that set the configuration; see <see cref="ImageChanges"/>.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];

    /// <summary>The remark in the history; null is Docker's own.</summary>
    public string? Message { get; init; }

    /// <summary>The platform it is for; null is this machine's.</summary>
    public Platform? Platform { get; init; }
}
