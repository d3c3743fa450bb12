using System.Collections.ObjectModel;

namespace Sampan.Network.Bridges;

/// <summary>What a configuration network (<c>--config-only</c>) keeps for networks that will be made from it.</summary>
internal sealed record ConfigurationDocument
{
    public IReadOnlyList<SubnetRequest> Subnets { get => field ?? []; init; }

    /// <summary>As in <see cref="NetworkRequest"/>.</summary>
    public bool? IPv4 { get; init; }

    /// <summary>As in <see cref="NetworkRequest"/>.</summary>
    public bool? IPv6 { get; init; }

    public IReadOnlyDictionary<string, string> AddressOptions { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
