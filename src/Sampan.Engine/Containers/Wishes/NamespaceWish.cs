namespace Sampan.Engine.Containers.Wishes;

/// <summary>Which namespaces are shared, in Docker's words. Null: a namespace of its own.</summary>
public sealed record NamespaceWish
{
    /// <summary><c>none</c>, <c>private</c>, <c>shareable</c>, <c>host</c> or <c>container:ID</c>.</summary>
    public string? Ipc { get; init; }

    /// <summary><c>host</c> or <c>container:ID</c>.</summary>
    public string? Pid { get; init; }

    /// <summary><c>host</c>.</summary>
    public string? Uts { get; init; }

    /// <summary><c>host</c> or <c>private</c>.</summary>
    public string? Cgroup { get; init; }

    /// <summary><c>host</c>: its users are not mapped, whatever the daemon does with others'.</summary>
    public string? User { get; init; }
}
