namespace Sampan.Oci.Plugins;

/// <summary>Something that a plugin asks for and its user has to grant.</summary>
public sealed record PluginPrivilege
{
    /// <summary>For people.</summary>
    public string Description { get => field ?? ""; init; }

    /// <summary>What: <c>network</c>, <c>mount</c>, <c>device</c>, <c>capabilities</c>.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>Which.</summary>
    public IReadOnlyList<string> Value { get => field ?? []; init; }
}
