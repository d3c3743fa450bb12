using System.Net;

namespace Sampan.Network;

/// <summary>How the daemon's networks are set up.</summary>
public sealed record NetworkOptions
{
    /// <summary>The interface name of the default bridge, at most 15 bytes; the firewall's table has the same name.</summary>
    public required string Bridge { get; init; }

    /// <summary>The bridge's own address with the subnet's prefix: <c>172.17.0.1/16</c> (<c>--bip</c>).</summary>
    public required string BridgeAddress { get; init; }

    /// <summary>The directory of records that outlive a reboot: <c>&lt;data-root&gt;/network</c>.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The directory of namespaces and endpoints: <c>&lt;exec-root&gt;/netns</c>.</summary>
    public required string ExecDirectory { get; init; }

    /// <summary>The largest packet on the bridge, bytes; null means that of the link the host's default route uses, else 1500.</summary>
    public int? Mtu { get; init; }

    /// <summary>Addresses of version 6 on the default bridge.</summary>
    public bool IPv6 { get; init; }

    /// <summary>The default bridge's subnet of version 6 (<c>--fixed-cidr-v6</c>); null: one of this machine's own (ULA).</summary>
    public string? BridgeSubnet6 { get; init; }

    /// <summary>Where subnets of new networks are cut from; empty: the built-in list.</summary>
    public IReadOnlyList<PoolOptions> AddressPools { get; init; } = [];

    /// <summary>The address ports are published on when the request names none.</summary>
    public IPAddress DefaultBindAddress { get; init; } = IPAddress.Any;

    /// <summary>Containers of the default bridge reach each other.</summary>
    public bool InterContainer { get; init; } = true;

    /// <summary>Published ports are open to those alone whom the host's own input rules let in, unless their network says otherwise.</summary>
    public bool HostPolicy { get; init; }

    /// <summary>Containers of one network talk past its bridge and the host's packet filter, where the kernel can, unless their network says otherwise.</summary>
    public bool Shortcut { get; init; } = true;

    /// <summary>How many namespaces with links are made ahead of the containers that will need them, and half as many without links; 0: none.</summary>
    public int PoolSize { get; init; }

    /// <summary>
    /// Makes a namespace that belongs to the user namespace of containers, and gives a path that keeps it; called on threads of the service. Null: containers
    /// have no user namespace. May throw what the maker declares.
    /// </summary>
    public Func<string>? MakeMapped { get; init; }

    /// <summary>Lets go of such a path.</summary>
    public Action<string> DropMapped { get; init; } = _ => { };

    /// <summary>Where the host's resolvers stand.</summary>
    public string ResolvConf { get; init; } = "/etc/resolv.conf";

    /// <summary>Is told what happened that nobody asked for; called on any thread.</summary>
    public Action<string> Notices { get; init; } = _ => { };

    /// <summary>Whom to ask for names outside; empty: the host's resolvers.</summary>
    public IReadOnlyList<IPEndPoint> Resolvers { get; init; } = [];
}
