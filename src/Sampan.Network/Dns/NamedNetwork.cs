using System.Net;
using Sampan.Network.Services;

namespace Sampan.Network.Dns;

/// <summary>What the name servers must know of a bridge network.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Gateways">The host's addresses on it.</param>
/// <param name="IsInternal">It has no way out.</param>
/// <param name="HasNames">Its containers have names: all networks but the default one.</param>
internal sealed record NamedNetwork(string Id, string Name, IReadOnlyList<IPAddress> Gateways, bool IsInternal, bool HasNames)
{
    /// <summary>Those whose containers share an address.</summary>
    public IReadOnlyList<VirtualService> Services { get; init; } = [];
}
