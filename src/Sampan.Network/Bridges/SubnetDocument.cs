using System.Collections.ObjectModel;

namespace Sampan.Network.Bridges;

/// <summary>A subnet of a stored network.</summary>
internal sealed record SubnetDocument
{
    public required string Subnet { get; init; }

    public required string Gateway { get; init; }

    public string? Range { get; init; }

    public IReadOnlyDictionary<string, string> Auxiliary { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
