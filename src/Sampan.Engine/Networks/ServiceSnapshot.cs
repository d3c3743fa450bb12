namespace Sampan.Engine.Networks;

/// <summary>Containers that share a virtual address on a network.</summary>
public sealed record ServiceSnapshot
{
    /// <summary>What its containers call it.</summary>
    public required string Name { get; init; }

    /// <summary>The virtual address of version 4, or null.</summary>
    public string? Address { get; init; }

    /// <summary>The virtual address of version 6, or null.</summary>
    public string? Address6 { get; init; }

    /// <summary>Further names that mean the virtual address.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Its running containers on the network.</summary>
    public IReadOnlyList<ServiceTask> Tasks { get; init; } = [];
}
