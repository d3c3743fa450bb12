namespace Sampan.Network.Bridges;

/// <summary>A network as it is stored: <c>&lt;data-root&gt;/network/&lt;id&gt;.json</c>.</summary>
internal sealed record NetworkDocument
{
    internal const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary><c>bridge</c>, <c>host</c> or <c>null</c>.</summary>
    public required string Driver { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Null for the default bridge, whose interface and subnet the daemon's options give.</summary>
    public string? Bridge { get; init; }

    /// <summary>The gateway's address with the subnet's prefix; null for the default bridge.</summary>
    public string? BridgeAddress { get; init; }

    public int? Mtu { get; init; }

    public bool Internal { get; init; }

    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
