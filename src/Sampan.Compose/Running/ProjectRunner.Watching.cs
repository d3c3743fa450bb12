using System.Formats.Tar;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Schema;

namespace Sampan.Compose.Running;

public sealed partial class ProjectRunner
{
    /// <summary>Makes files in a service's running containers what they are here: those that are there are copied, those that are not are removed.</summary>
    /// <param name="service">The service.</param>
    /// <param name="files">Paths of this machine, and those in the containers.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task SyncAsync(Service service, IReadOnlyList<(string Here, string There)> files, CancellationToken cancellationToken)
    {
        var copied = files.Where(f => File.Exists(f.Here)).ToList();
        var removed = files.Where(f => !Path.Exists(f.Here)).Select(f => f.There).ToList();
        foreach (var container in (await SelectAsync([service.Name], all: false, cancellationToken).ConfigureAwait(false)).Where(c => c.Summary.State == "running"))
        {
            if (removed.Count > 0) await ExecuteAsync(container.Id, container.Name, new Mapping(Position.None, [new Member("command", Position.None, Texts(["rm", "-rf", .. removed])), new Member("user", Position.None, Scalar.Of("0"))]), "watch", cancellationToken).ConfigureAwait(false);
            if (copied.Count == 0) continue;
            using var archive = new MemoryStream();
            var writer = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
            await using (writer.ConfigureAwait(false))
                foreach (var (here, there) in copied) await writer.WriteEntryAsync(here, there.TrimStart('/'), cancellationToken).ConfigureAwait(false);
            archive.Position = 0;
            await client.PutContainerArchiveAsync(container.Id, "/", archive, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a trigger's command in a service's running containers.</summary>
    public async Task ExecuteAsync(Service service, WatchTrigger trigger, CancellationToken cancellationToken)
    {
        if (trigger.Tree.Map("exec") is not { } command) return;
        foreach (var container in await SelectAsync([service.Name], all: false, cancellationToken).ConfigureAwait(false))
            await ExecuteAsync(container.Id, container.Name, command, $"services.{service.Name}.develop.watch", cancellationToken).ConfigureAwait(false);
    }
}
