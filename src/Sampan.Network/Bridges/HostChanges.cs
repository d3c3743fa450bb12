namespace Sampan.Network.Bridges;

/// <summary>What the daemon changed on the host beyond its own interfaces, remembered until reboot: <c>&lt;exec-root&gt;/netns/.host.json</c>.</summary>
/// <param name="RoutingTurnedOn">The host did not route between its interfaces before (<c>net.ipv4.ip_forward</c> was 0).</param>
internal sealed record HostChanges(bool RoutingTurnedOn)
{
    /// <summary>Routing of version 6 as well.</summary>
    public bool Routing6TurnedOn { get; init; }

    /// <summary>Interfaces that go on believing routers although the host is one now; before, they did so by default.</summary>
    public IReadOnlyList<string> KeptAdvertisements { get => field ?? []; init; }
}
