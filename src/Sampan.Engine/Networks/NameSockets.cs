using Microsoft.Win32.SafeHandles;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Supervision;
using Sampan.Network;

namespace Sampan.Engine.Networks;

/// <summary>
/// The sockets at which a container asks for names are served by the daemon and kept by the container's supervisor: what is asked while no daemon
/// runs waits in them for the next one. A supervisor of an earlier version keeps nothing; then the next daemon makes new ones.
/// </summary>
internal static class NameSockets
{
    /// <summary>Has them kept. Never fails: the container does not depend on it.</summary>
    public static async Task KeepAsync(EngineParts parts, ContainerSnapshot container, ISupervisor supervisor)
    {
        if (!container.Endpoints.Any(e => ContainerNetwork.HasNames(e.NetworkName)))
            return;
        try
        {
            var copies = await parts.Network.CopyNameSocketsAsync(container.Id);
            try
            {
                if (copies.Count > 0)
                    await supervisor.KeepAsync(copies, CancellationToken.None);
            }
            finally
            {
                foreach (var copy in copies)
                    copy.Dispose();
            }
        }
        catch (NetworkException failure)
        {
            parts.Notices(new EngineNotice(NoticeLevel.Warning, $"container {container.Name} asks for names in vain while no daemon runs: {failure.Message}", failure));
        }
    }

    /// <summary>What was kept, by container.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<SafeFileHandle>>> KeptAsync(IEnumerable<(Container Container, ISupervisor Supervisor)> living, CancellationToken ct)
    {
        var asked = living.Where(one => one.Container.Current.Endpoints.Any(e => ContainerNetwork.HasNames(e.NetworkName)))
            .Select(async one => (one.Container.Id, Kept: await one.Supervisor.KeptAsync(ct)));
        return (await Task.WhenAll(asked)).ToDictionary(one => one.Id, one => one.Kept, StringComparer.Ordinal);
    }
}
