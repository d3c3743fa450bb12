namespace Sampan.Oci.Plugins;

/// <summary>A mount of the host, or a file system, that a plugin sees.</summary>
public sealed record PluginMount
{
    /// <summary>For people.</summary>
    public string Description { get => field ?? ""; init; }

    /// <summary>Where inside.</summary>
    public string Destination { get => field ?? ""; init; }

    /// <summary>What <c>set</c> calls it.</summary>
    public string Name { get => field ?? ""; init; }

    /// <summary>How, in the words of <c>mount</c>: <c>rbind</c>, <c>ro</c>, <c>rshared</c>.</summary>
    public IReadOnlyList<string>? Options { get; init; }

    /// <summary>What of it may be set: <c>source</c>.</summary>
    public IReadOnlyList<string>? Settable { get; init; }

    /// <summary>What: a path of the host for a bind; null: it has to be set.</summary>
    public string? Source { get; init; }

    /// <summary><c>bind</c>, or a file system.</summary>
    public string Type { get => field ?? ""; init; }
}
