using Sampan.Engine.Containers;
using Sampan.Network;

namespace Sampan.Engine.Recipes;

/// <summary>Where a container stands in the network, as its spec and files need it.</summary>
/// <param name="Namespace">The network namespace's path; null: the host's own.</param>
/// <param name="Owner">Whose hostname, hosts and resolv.conf are mounted: its own, or those of the one it shares with.</param>
/// <param name="DnsServers">The network's own servers; empty: the host's.</param>
/// <param name="IsHost">It is in the host's network.</param>
/// <param name="Wired">Completes when packets flow.</param>
internal sealed record NetworkPlace(string? Namespace, ContainerSnapshot Owner, IReadOnlyList<string> DnsServers, bool IsHost, Task Wired)
{
    /// <summary>In another container's.</summary>
    public static NetworkPlace Shared(ContainerSnapshot other) => other.State.ProcessId is { } pid
        ? new NetworkPlace($"/proc/{pid}/ns/net", other, [], IsHost: other.Spec.Network.Mode == "host", Task.CompletedTask)
        : throw EngineException.Conflict($"cannot join network of a non running container: {other.Id}");

    /// <summary>Where the network service put it.</summary>
    public static NetworkPlace Of(ContainerSnapshot container, IReadOnlyList<NetworkAttachment> attachments) => new(
        attachments[0].NetnsPath,
        container,
        [.. attachments.SelectMany(a => a.DnsServers).Distinct()],
        IsHost: attachments[0].NetnsPath is null,
        attachments is [var only] ? only.Wired : Task.WhenAll(attachments.Select(a => a.Wired)));
}
