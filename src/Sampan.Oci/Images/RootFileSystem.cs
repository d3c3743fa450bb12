using System.Text.Json.Serialization;

namespace Sampan.Oci.Images;

/// <summary>The layers of an image by the digests of their uncompressed tars.</summary>
public sealed record RootFileSystem
{
    /// <summary>Always <c>layers</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>Digests of the uncompressed tars, lowest first.</summary>
    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<Digest> DiffIds { get; init => field = value ?? []; } = [];
}
