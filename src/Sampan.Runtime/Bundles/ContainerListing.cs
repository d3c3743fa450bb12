using System.Text;
using System.Text.Json;

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

    internal static string Serialize(ContainerListing listing) => Write(listing.Write);

    internal static string Serialize(IReadOnlyList<ContainerListing> listings) => Write(json =>
    {
        json.WriteStartArray();
        foreach (var listing in listings)
            listing.Write(json);
        json.WriteEndArray();
    });

    private static string Write(Action<Utf8JsonWriter> value)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
            value(json);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("ociVersion"u8, OciVersion);
        json.WriteString("id"u8, Id);
        json.WriteNumber("pid"u8, Pid);
        json.WriteString("status"u8, Status);
        json.WriteString("bundle"u8, Bundle);
        json.WriteString("rootfs"u8, Rootfs);
        json.WriteString("created"u8, Created);
        if (Annotations is not null)
        {
            json.WriteStartObject("annotations"u8);
            foreach (var (name, value) in Annotations)
                json.WriteString(name, value);
            json.WriteEndObject();
        }
        json.WriteString("owner"u8, Owner);
        json.WriteEndObject();
    }
}
