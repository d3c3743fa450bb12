using System.Collections.ObjectModel;

namespace Sampan.Engine.Networks;

/// <summary>What the user wants of a network.</summary>
public sealed record NetworkWishes
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The driver; empty: <c>bridge</c>.</summary>
    public string Driver { get => field ?? ""; init; }

    /// <summary>The subnets; one without a range is chosen by the engine.</summary>
    public IReadOnlyList<SubnetSnapshot> Subnets { get => field ?? []; init; }

    /// <summary>IPv4 addresses; null: the engine's default, which is yes.</summary>
    public bool? IPv4 { get; init; }

    /// <summary>IPv6 addresses; null: the engine's default, which is no.</summary>
    public bool? IPv6 { get; init; }

    /// <summary>No way out.</summary>
    public bool Internal { get; init; }

    /// <summary>Kept for <c>inspect</c>.</summary>
    public bool Attachable { get; init; }

    /// <summary>No network, but a configuration for others to be made from.</summary>
    public bool ConfigurationOnly { get; init; }

    /// <summary>The configuration that it is made from; empty: none.</summary>
    public string ConfigurationName { get => field ?? ""; init; }

    /// <summary>The address driver; empty: the default one.</summary>
    public string AddressDriver { get => field ?? ""; init; }

    /// <summary>Its options.</summary>
    public IReadOnlyDictionary<string, string> AddressOptions { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The driver's options, in Docker's names.</summary>
    public IReadOnlyDictionary<string, string> Options { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }

    /// <summary>The user's labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
