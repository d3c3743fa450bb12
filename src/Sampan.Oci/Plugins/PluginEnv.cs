namespace Sampan.Oci.Plugins;

/// <summary>A variable of a plugin's environment.</summary>
public sealed record PluginEnv
{
    /// <summary>For people.</summary>
    public string Description { get => field ?? ""; init; }

    /// <summary>The variable.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>What of it may be set: <c>value</c>.</summary>
    public IReadOnlyList<string>? Settable { get; init; }

    /// <summary>Its value unless somebody sets another; null: it is not there.</summary>
    public string? Value { get; init; }
}
