using System.Collections.ObjectModel;

namespace Sampan.Engine.Networks;

/// <summary>A subnet of a network.</summary>
/// <param name="Subnet">The range, as <c>172.17.0.0/16</c>.</param>
/// <param name="Gateway">The host's address.</param>
/// <param name="Range">The part that containers get addresses from; null: all of it.</param>
public sealed record SubnetSnapshot(string Subnet, string? Gateway = null, string? Range = null)
{
    /// <summary>Addresses that no container gets, by name.</summary>
    public IReadOnlyDictionary<string, string> Auxiliary { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
