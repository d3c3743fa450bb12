using System.Net;
using Sampan.Network.Addresses;

namespace Sampan.Network.Endpoints;

/// <summary>What a container's link is to be, decided before anything is made.</summary>
internal sealed record LinkPlan
{
    /// <summary>The name of the host's end of a pair; empty on a parent's wire.</summary>
    internal required string HostName { get; init; }

    /// <summary>The name of the container's end.</summary>
    internal required string ContainerName { get; init; }

    /// <summary>Null: the parent's.</summary>
    internal required HardwareAddress? Hardware { get; init; }

    /// <summary>The container's addresses with the lengths of their prefixes.</summary>
    internal required IReadOnlyList<(IPAddress Address, int PrefixLength)> Addresses { get; init; }

    /// <summary>The default routes that go this way, whatever way they went before.</summary>
    internal required IReadOnlyList<IPAddress> Gateways { get; init; }

    /// <summary>The default routes go out by the link itself, without a next hop.</summary>
    internal bool IsRouted { get; init; }

    /// <summary>
    /// The container may call its own published port by the host's address. Where br_netfilter is loaded, the bridge itself
    /// rewrites such a packet and would not send it back by the port it came from. Only for containers that publish: it also
    /// shows a container its own broadcasts.
    /// </summary>
    internal bool Hairpin { get; init; }

    /// <summary>The user's kernel parameters of the link, paths below <c>/proc/sys</c>.</summary>
    internal IReadOnlyList<(string Name, string Value)> Parameters { get; init; } = [];
}
