using System.Collections.ObjectModel;

namespace Sampan.Network.Bridges;

/// <summary>A network as it is stored: <c>&lt;data-root&gt;/network/&lt;id&gt;.json</c>. All that a daemon needs to make it again after a reboot.</summary>
internal sealed record NetworkDocument
{
    internal const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary><c>bridge</c>, <c>host</c> or <c>null</c>.</summary>
    public required string Driver { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>The interface's name; null for the default bridge, whose interface and subnet the daemon's options give.</summary>
    public string? Bridge { get; init; }

    /// <summary>The parent of networks on its wire, or null.</summary>
    public string? Parent { get; init; }

    /// <summary>The parent was made for the network, and goes with it.</summary>
    public bool ParentMade { get; init; }

    /// <summary>Empty for the default networks.</summary>
    public IReadOnlyList<SubnetDocument> Subnets { get => field ?? []; init; }

    public bool Internal { get; init; }

    public bool Attachable { get; init; }

    /// <summary>It is no network, but what others are made from; null: it is one.</summary>
    public ConfigurationDocument? Configuration { get; init; }

    /// <summary>The configuration that it was made from, or null.</summary>
    public string? ConfigurationName { get; init; }

    /// <summary>Options of the address driver, which has none: kept for <c>inspect</c>, as Docker does.</summary>
    public IReadOnlyDictionary<string, string> AddressOptions { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    public IReadOnlyDictionary<string, string> Options { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    public IReadOnlyDictionary<string, string> Labels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
