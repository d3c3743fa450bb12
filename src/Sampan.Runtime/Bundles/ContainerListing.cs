using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sampan.Runtime.Bundles;

/// <summary>A container as <c>state</c> and <c>list</c> print it: the specification's state and what runc adds.</summary>
internal sealed record ContainerListing
{
    public required string OciVersion { get; init; }

    public required string Id { get; init; }

    /// <summary>0 when stopped.</summary>
    public required int Pid { get; init; }

    public required string Status { get; init; }

    public required string Bundle { get; init; }

    public required string Rootfs { get; init; }

    /// <summary>When, by RFC 3339.</summary>
    public required string Created { get; init; }

    /// <summary>Null if there are none: then they are left out.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public required string Owner { get; init; }

    internal static string Serialize(ContainerListing listing) => JsonSerializer.Serialize(listing, ContainerListingJson.Default.ContainerListing);

    internal static string Serialize(IReadOnlyList<ContainerListing> listings) => JsonSerializer.Serialize(listings, ContainerListingJson.Default.IReadOnlyListContainerListing);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ContainerListing))]
[JsonSerializable(typeof(IReadOnlyList<ContainerListing>))]
internal sealed partial class ContainerListingJson : JsonSerializerContext;
