namespace Sampan.DockerApi.Plugins;

/// <summary>Something that a plugin asks for and its user has to grant.</summary>
public sealed record PluginPrivilege
{
    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>What: <c>network</c>, <c>mount</c>, <c>device</c>, <c>capabilities</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Which.</summary>
    public IReadOnlyList<string>? Value { get; init; }
}
