namespace Sampan.Oci.Plugins;

/// <summary>A device of the host that a plugin uses.</summary>
public sealed record PluginDevice
{
    /// <summary>For people.</summary>
    public string Description { get => field ?? ""; init; }

    /// <summary>What <c>set</c> calls it.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Where it is on the host and inside; null: it has to be set.</summary>
    public string? Path { get; init; }

    /// <summary>What of it may be set: <c>path</c>.</summary>
    public IReadOnlyList<string>? Settable { get; init; }
}
