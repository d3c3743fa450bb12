namespace Sampan.DockerApi.Images;

/// <summary>The layers of an image.</summary>
public sealed record ImageRootFs
{
    /// <summary>Always layers.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>Digests of the uncompressed layers, lowest first.</summary>
    public IReadOnlyList<string>? Layers { get; init; }
}
