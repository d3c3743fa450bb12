using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Storage.Trees;
using Sampan.Storage.Volumes;

namespace Sampan.Engine.Volumes;

/// <content>Volumes made of volumes and of archives.</content>
public sealed partial class VolumeOperations
{
    private const string CloneLabel = "sampan.clone-of";
    private const string SnapshotLabel = "sampan.snapshot-of";

    /// <summary>Makes a volume with a copy of another's content. Blocks are shared where the file system can.</summary>
    /// <param name="source">The other.</param>
    /// <param name="name">The new one; null: a name is made up; for a snapshot of the other's name and the time.</param>
    /// <param name="labels">The new one's labels; one more says what it was made of.</param>
    /// <param name="isSnapshot">It can only be mounted read-only.</param>
    /// <param name="pause">Running containers that mount the other are paused meanwhile, so that the copy is of one moment.</param>
    /// <param name="ct">Gives up; nothing is left then.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>; <see cref="ErrorKind.Conflict"/>: the name is taken.</exception>
    public async Task<VolumeCopied> CloneAsync(string source, string? name, IReadOnlyDictionary<string, string> labels, bool isSnapshot, bool pause, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(name) && isSnapshot)
            name = $"{source}-{_parts.Time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}";
        var all = new Dictionary<string, string>(labels, StringComparer.Ordinal) { [isSnapshot ? SnapshotLabel : CloneLabel] = source };
        var warnings = new List<string>();
        var made = await WithContentAsync(source, pause, warnings, path => Task.Run(() => _parts.Volumes.Clone(name, all, isSnapshot, path, ct), ct), ct);
        Publish(made.Name, "create");
        return new VolumeCopied(Of(made), warnings);
    }

    /// <summary>Writes a volume's content as a tar.</summary>
    /// <param name="name">Which.</param>
    /// <param name="pause">As for <see cref="CloneAsync"/>.</param>
    /// <param name="begin">Gives where the tar goes, once it is sure that there will be one; told what one should know of the content.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>.</exception>
    public async Task ExportAsync(string name, bool pause, Func<IReadOnlyList<string>, Task<Stream>> begin, CancellationToken ct)
    {
        var warnings = new List<string>();
        await WithContentAsync(name, pause, warnings, async path =>
        {
            var output = await begin(warnings);
            await TarPump.WriteAsync(output, stream => VolumeStore.Export(path, stream, ct), ct);
            return true;
        }, ct);
    }

    /// <summary>Makes a volume of a tar, plain or compressed.</summary>
    /// <param name="name">Its name; null: one is made up.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="archive">The tar.</param>
    /// <param name="ct">Gives up; nothing is left then.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: the name is taken. <see cref="ErrorKind.InvalidArgument"/>: the name or the archive.</exception>
    public async Task<VolumeSnapshot> ImportAsync(string? name, IReadOnlyDictionary<string, string> labels, Stream archive, CancellationToken ct)
    {
        VolumeRecord? made = null;
        await Translate.RunAsync(() => TarPump.ReadAsync(archive, stream => made = _parts.Volumes.Import(name, labels, stream, ct), ct));
        var volume = made ?? throw new InvalidOperationException("the import ended without a volume");
        Publish(volume.Name, "create");
        return Of(volume);
    }

    // Held, so that nobody removes it, and mounted, if it has to be.
    private async Task<T> WithContentAsync<T>(string name, bool pause, List<string> warnings, Func<string, Task<T>> work, CancellationToken ct)
    {
        using var lease = _parts.Volumes.Lease();
        _ = await Translate.RunAsync(() => lease.FindAsync(name, ct)) ?? throw EngineException.NotFound($"get {name}: no such volume");
        var user = "copy-" + ContainerName.NewId();
        await using var undo = _parts.NewUndo("copy volume");
        undo.Push($"use volume {name}", () => _parts.VolumeMounts.ReleaseAsync(name, user, CancellationToken.None));
        var path = await Translate.RunAsync(() => _parts.VolumeMounts.AcquireAsync(name, user, ct));
        var running = _parts.Registry.All.Select(c => c.Current).Where(c => c.State is ContainerState.Running && c.Mounts.Any(m => m.VolumeName == name && m.Writable)).ToList();
        if (running.Count > 0 && !pause)
            warnings.Add($"{string.Join(", ", running.Select(c => c.Name))} may write to '{name}' while it is copied: each file is copied whole, but not all at one moment: pause for that");
        foreach (var container in pause ? running : [])
        {
            await _containers.PauseAsync(container.Id, passing: true, ct);
            undo.Push($"pause {container.Name}", () => _containers.UnpauseAsync(container.Id, CancellationToken.None));
        }

        return await Translate.RunAsync(() => work(path));
    }
}
