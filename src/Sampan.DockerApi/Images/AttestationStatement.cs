using System.Text.Json;

namespace Sampan.DockerApi.Images;

/// <summary>A statement about an image: an item of GET /images/{name}/attestations.</summary>
public sealed record AttestationStatement
{
    /// <summary>The blob.</summary>
    public OciDescriptor? Descriptor { get; init; }

    /// <summary>What kind of statement: the URI of its predicate.</summary>
    public string PredicateType { get; init => field = value ?? ""; } = "";

    /// <summary>The statement as it is; null: not asked for.</summary>
    public JsonElement? Statement { get; init; }
}
