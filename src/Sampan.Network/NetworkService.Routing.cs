using System.Text.Json;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Network.Bridges;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private const string Routing = "net/ipv4/ip_forward";
    private const string Routing6 = "net/ipv6/conf/all/forwarding";
    private const string ChangesFile = ".host.json";
    private HostChanges _changes = new(RoutingTurnedOn: false);

    private string ChangesPath => Path.Combine(_options.ExecDirectory, ChangesFile);

    private void LoadHostChanges()
    {
        if (File.Exists(ChangesPath))
            _changes = JsonSerializer.Deserialize(File.ReadAllBytes(ChangesPath), NetworkJson.Default.HostChanges) ?? _changes;
    }

    private void RememberChanges(HostChanges changes)
    {
        _changes = changes;
        AtomicFile.Write(ChangesPath, JsonSerializer.SerializeToUtf8Bytes(changes, NetworkJson.Default.HostChanges), durable: false);
    }

    /// <summary>Containers are reached and reach out through the host only if it routes. What was there before is remembered first.</summary>
    private void TurnRoutingOn()
    {
        if (Sysctl.Read(Routing) != "0")
            return;
        RememberChanges(_changes with { RoutingTurnedOn = true });
        Sysctl.Write(Routing, "1");
    }

    /// <summary>
    /// The same for version 6, with its first network. A host that routes no longer believes routers' advertisements, and might
    /// lose its own way out: interfaces that did go on doing so.
    /// </summary>
    private void TurnRouting6On()
    {
        if (Sysctl.Read(Routing6) != "0")
            return;
        IReadOnlyList<string> listening = [.. Route.Links().Select(l => l.Name).Where(n => Sysctl.Read(Advertisements(n)) == "1")];
        RememberChanges(_changes with { Routing6TurnedOn = true, KeptAdvertisements = [.. _changes.KeptAdvertisements.Union(listening, StringComparer.Ordinal)] });
        foreach (var name in listening)
            Sysctl.Write(Advertisements(name), "2");
        Sysctl.Write(Routing6, "1");
    }

    /// <summary>Another bridge or tunnel on the host may rely on routing by now: then it stays on.</summary>
    private void TurnRoutingBack()
    {
        if (_changes is { RoutingTurnedOn: false, Routing6TurnedOn: false })
            return;
        if (!Route.Links().Any(l => l.Kind is "bridge" or "tun" or "wireguard"))
        {
            if (_changes.RoutingTurnedOn)
                Sysctl.Write(Routing, "0");
            if (_changes.Routing6TurnedOn)
                Sysctl.Write(Routing6, "0");
            foreach (var name in _changes.KeptAdvertisements)
                Sysctl.Write(Advertisements(name), "1");
        }

        _changes = new HostChanges(RoutingTurnedOn: false);
        File.Delete(ChangesPath);
    }

    private static string Advertisements(string link) => $"net/ipv6/conf/{link}/accept_ra";
}
