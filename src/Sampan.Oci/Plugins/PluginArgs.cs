namespace Sampan.Oci.Plugins;

/// <summary>Arguments that follow a plugin's entry point.</summary>
public sealed record PluginArgs
{
    /// <summary>For people.</summary>
    public string Description { get => field ?? ""; init; }

    /// <summary>What <c>set</c> calls them.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>What of it may be set: <c>value</c>.</summary>
    public IReadOnlyList<string>? Settable { get; init; }

    /// <summary>The arguments unless somebody sets others.</summary>
    public IReadOnlyList<string>? Value { get; init; }
}
