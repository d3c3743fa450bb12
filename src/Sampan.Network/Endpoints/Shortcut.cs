using System.Collections.Immutable;
using Sampan.Linux;
using Sampan.Linux.Bpf;
using Sampan.Linux.Netlink.Route;
using Sampan.Network.Addresses;
using Sampan.Network.Bridges;

namespace Sampan.Network.Endpoints;

/// <summary>
/// The way of packets to containers past their network's bridge: a filter at the host's end of each pair of links for what neighbours send,
/// one at the bridge for what comes from the host or through it, and two tables that say whose hardware address is whose. Whatever the tables do not know goes by the bridge, so each change to them is safe at
/// any moment. Nothing of it is on disk, and a new daemon brings its own program and tables. Belongs to the host thread, apart
/// from <see cref="Prepare"/>.
/// </summary>
internal sealed class Shortcut : IDisposable
{
    private const string FilterName = "sampan-shortcut";

    // From here on the kernel counts such packets at the container's link (024ee930cb3c, "bpf: Fix dev's rx stats for bpf_redirect_peer
    // traffic"): without, `docker stats` would not see them.
    private static readonly Version s_counting = new(6, 7);

    private readonly NeighbourProgram _program;
    private ImmutableDictionary<string, Place> _places = ImmutableDictionary<string, Place>.Empty;

    // Bridges whose own hardware addresses the tables know.
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _gates = [];

    private Shortcut(NeighbourProgram program) => _program = program;

    private readonly record struct Place(int Bridge, HardwareAddress Address, int Port);

    /// <summary>Loads the program.</summary>
    /// <param name="owner">The engine's first bridge, by which the kernel calls what is loaded.</param>
    /// <param name="why">What is in the way; null: nothing.</param>
    /// <returns>Null: packets go by the bridges.</returns>
    internal static Shortcut? TryLoad(string owner, out string? why)
    {
        var kernel = Environment.OSVersion.Version;
        if (kernel < s_counting)
        {
            why = $"the kernel {kernel.ToString(2)} does not count such packets, {s_counting} does";
            return null;
        }

        try
        {
            why = null;
            return new Shortcut(NeighbourProgram.Load(owner));
        }
        catch (LinuxException refused)
        {
            why = refused.Message;
            return null;
        }
    }

    /// <summary>Puts the filter at the host's end of a pair; what comes in by it goes by the bridge as before. Any thread may call this with a socket of its own.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Prepare(RouteSocket host, int port) => SetFilter(host, port, _program.OfPorts, outgoing: false);

    /// <summary>Puts the filter at a bridge: what the host sends to endpoints that were added goes past it from now on, and what they send to the host by version 6.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void PrepareBridge(RouteSocket host, BridgeNetwork bridge)
    {
        SetFilter(host, bridge.Index, _program.OfBridges, outgoing: true);
        if (bridge.Version6 is not null && host.FindLink(bridge.Name) is { } link && _program.TryLead(bridge.Index, link.HardwareAddress.Span, bridge.Index))
            _gates[bridge.Index] = link.HardwareAddress;
    }

    /// <summary>A bridge is about to go, with its filter. Nothing happens if it had none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void ForgetBridge(int bridge)
    {
        if (_gates.Remove(bridge, out var address))
            _program.Forget(bridge, address.Span);
    }

    /// <summary>The kernel loads the program, and has no place for it: packets go by the bridges.</summary>
    internal bool IsRefused { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); }

    /// <summary>Packets to and from an endpoint take the way past the bridge.</summary>
    /// <param name="endpoint">An endpoint with a pair of links.</param>
    /// <param name="bridge">Its network.</param>
    /// <param name="port">The number of the host's end, where the filter is.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Add(EndpointRecord endpoint, BridgeNetwork bridge, int port)
    {
        if (endpoint.MacAddress is not { } text || !HardwareAddress.TryParse(text, out var address))
            return;
        _places = _places.SetItem(endpoint.EndpointId, new Place(bridge.Index, address.Value, port));
        // What leaves by the bridge is told apart by the open ports: nobody is led to before.
        if (_program.TryOpen(port, bridge.Index))
            _ = _program.TryLead(bridge.Index, address.Value.Bytes.Span, port);
    }

    /// <summary>Packets for an endpoint go by the bridge again. Nothing happens if they did.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Remove(EndpointRecord endpoint)
    {
        if (!_places.TryGetValue(endpoint.EndpointId, out var place))
            return;
        _places = _places.Remove(endpoint.EndpointId);
        if (OwnerOf(place) == place.Port) // else somebody wants to have the same hardware address, and has it now
            _program.Forget(place.Bridge, place.Address.Bytes.Span);
        _program.Close(place.Port);
    }

    /// <summary>Who is led where, by their ids: the number of the host's end, and of the one that the hardware address leads to. Any thread may ask.</summary>
    internal IReadOnlyDictionary<string, (int Port, int? Leads)> Places => _places.ToDictionary(p => p.Key, p => (p.Value.Port, OwnerOf(p.Value)), StringComparer.Ordinal);

    public void Dispose() => _program.Dispose();

    private void SetFilter(RouteSocket host, int link, SafeFd program, bool outgoing)
    {
        try
        {
            host.Commit(new RouteBatch().SetFilter(link, program, FilterName, outgoing));
        }
        catch (LinuxException refused) when (refused.Errno is Errno.ENOENT or Errno.EOPNOTSUPP or Errno.EINVAL)
        {
            // Not this link, which would be ENODEV: there are no such filters (cls_bpf, sch_ingress).
            IsRefused = true;
            throw;
        }
    }

    private int? OwnerOf(Place place) => _program.OwnerOf(place.Bridge, place.Address.Bytes.Span);
}
