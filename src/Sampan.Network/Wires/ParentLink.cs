using System.Globalization;
using Sampan.Linux;
using Sampan.Linux.Netlink.Route;

namespace Sampan.Network.Wires;

/// <summary>The interface whose wire containers share: the host's own, a VLAN of one, or a dummy.</summary>
internal static class ParentLink
{
    private const int HighestVlan = 4094;

    /// <summary>Finds the parent, or makes it: <c>eth0.50</c> is VLAN 50 of <c>eth0</c>, as Docker makes it.</summary>
    /// <param name="route">The host's links.</param>
    /// <param name="name">Its name.</param>
    /// <param name="isDummy">It leads nowhere.</param>
    /// <returns>Its number, and whether it was made, and so has to go with the network.</returns>
    /// <exception cref="NetworkException">There is no such interface.</exception>
    internal static (int Index, bool Made) Ensure(RouteSocket route, string name, bool isDummy)
    {
        if (route.FindLink(name) is { } present)
            return (present.Index, false);
        if (isDummy)
            Commit(route, new RouteBatch().AddDummy(name).SetUp(name), "dummy", "dummy");
        else
            MakeVlan(route, name);
        return (route.FindLink(name)?.Index ?? throw new NetworkException(NetworkError.Internal, $"the interface '{name}' vanished while it was made"), true);
    }

    /// <summary>Makes a link of a kind that not every kernel has.</summary>
    internal static void Commit(RouteSocket route, RouteBatch batch, string kind, string module)
    {
        try
        {
            route.Commit(batch);
        }
        catch (LinuxException unknown) when (unknown.Errno == Errno.EOPNOTSUPP)
        {
            throw new NetworkException(NetworkError.NotSupported, $"this kernel has no links of the kind '{kind}': load the module '{module}', or choose another driver", unknown);
        }
    }

    private static void MakeVlan(RouteSocket route, string name)
    {
        var dot = name.LastIndexOf('.');
        if (dot < 1 || route.FindLink(name[..dot]) is not { } under)
            throw new NetworkException(NetworkError.InvalidInput, $"the parent interface '{name}' is not an interface of this host: name one with -o parent=…, or one with a VLAN's number like 'eth0.50'");
        if (!ushort.TryParse(name[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var vlan) || vlan is 0 or > HighestVlan)
            throw new NetworkException(NetworkError.InvalidInput, $"invalid VLAN '{name[(dot + 1)..]}' of the parent interface '{name}': 1 to {HighestVlan} is expected");
        Commit(route, new RouteBatch().AddVlan(name, under.Index, vlan).SetUp(name), "vlan", "8021q");
    }
}
