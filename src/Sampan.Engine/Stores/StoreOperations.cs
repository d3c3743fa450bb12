using Sampan.Engine.Recipes;
using Sampan.Storage;
using Sampan.Storage.Collection;
using Sampan.Storage.Images;

namespace Sampan.Engine.Stores;

/// <summary>What can be asked of the store as a whole. Thread-safe.</summary>
public sealed class StoreOperations
{
    private const string NoRecord = "its record is missing";

    private readonly EngineParts _parts;

    internal StoreOperations(EngineParts parts) => _parts = parts;

    /// <summary>Every byte on the data root and why it is there.</summary>
    public IReadOnlyList<LedgerEntry> Ledger() => Translate.Run<IReadOnlyList<LedgerEntry>>(() =>
        [.. Stores.Ledger.Of(_parts).Select(line => new LedgerEntry(Word(line.Kind), line.Id, line.Path, line.Bytes, line.Reason, line.IsReclaimable))]);

    /// <summary>Verifies every blob, layer, snapshot and record.</summary>
    /// <param name="repair">Whether to mend what can be mended.</param>
    /// <param name="tell">Told of each step, for people.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<CheckReport> CheckAsync(bool repair, Action<string> tell, CancellationToken ct)
    {
        var check = await Translate.RunAsync(() => _parts.Images.CheckAsync(repair, OwnerOf, tell, ct));
        var findings = check.Findings.Select(found => new Finding(Word(found.Kind), found.Id, found.Problem, found.Remedy, found.IsRepaired)).ToList();
        findings.AddRange(_parts.Volumes.Damaged.Select(damaged => new Finding("volume", damaged.Key, damaged.Reason, "its data is below the volumes' directory: copy it, and make the volume anew", false)));
        findings.AddRange(await CheckRecordsAsync(repair, ct));
        foreach (var container in _parts.Registry.All.Select(c => c.Current))
        {
            if (!_parts.Snapshots.Exists(container.Id))
                findings.Add(new Finding("container", container.Id, "its files are missing", $"remove container {container.Name}", false));
        }

        return new CheckReport(check.Blobs, check.Layers, check.Records + _parts.Registry.All.Count + _parts.Volumes.List().Count, findings);
    }

    /// <summary>Where an image's bytes come from, layer by layer.</summary>
    /// <param name="referenceOrId">Which image.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>.</exception>
    public Explanation Explain(string referenceOrId, CancellationToken ct)
    {
        var explained = Translate.Run(() => _parts.Images.Explain(referenceOrId, ct));
        return new Explanation(
            explained.Image.Id.ToString(),
            explained.Bytes,
            explained.Wasted,
            [.. explained.Layers.Select(layer => new ExplainedStep
            {
                DiffId = layer.DiffId.ToString(),
                CreatedBy = layer.CreatedBy,
                Bytes = layer.Bytes,
                BlobBytes = layer.BlobBytes,
                Added = layer.Added,
                Changed = layer.Changed,
                Deleted = layer.Deleted,
                Wasted = layer.Wasted,
            })],
            [.. explained.WastedPaths.Select(path => new WastedFile(path.Path, path.Bytes, path.Copies, path.IsDeleted))]);
    }

    private async Task<IReadOnlyList<Finding>> CheckRecordsAsync(bool repair, CancellationToken ct)
    {
        var findings = new List<Finding>();
        foreach (var container in _parts.Registry.All)
        {
            await container.Gate.WaitAsync(ct);
            try
            {
                if (container.Removed.IsCompleted || container.Current.Removal is not null || WhyUnread(container.Id) is not { } problem)
                    continue;
                if (repair)
                    _parts.Save(container.Current, durable: true);
                findings.Add(new Finding("container", container.Id, problem, repair ? "written again" : "system check --repair would write it again", repair));
            }
            finally
            {
                container.Gate.Release();
            }
        }

        // Left as they are when the daemon started: who knows what they held.
        var known = _parts.Registry.All.Select(c => c.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var directory in Directory.EnumerateDirectories(Path.Combine(_parts.Options.DataRoot, "containers")))
        {
            var key = Path.GetFileName(directory);
            if (!key.StartsWith('.') && !known.Contains(key) && WhyUnread(key) is { } problem && problem != NoRecord)
                findings.Add(new Finding("container", key, problem, $"mend it in '{directory}' and start the daemon again, or remove that directory", false));
        }

        return findings;
    }

    private string? WhyUnread(string key)
    {
        try
        {
            return _parts.Records.Find(key) is null ? NoRecord : null;
        }
        catch (StorageException unreadable)
        {
            return unreadable.Message;
        }
    }

    private SnapshotOwner? OwnerOf(string key) =>
        _parts.Registry.All.Select(c => c.Current).FirstOrDefault(c => c.Id == ImageMounts.OwnerOf(key)) is { } container ? new SnapshotOwner(container.Name, container.IsRunning)
        : _parts.Registry.IsBeingCreated(ImageMounts.OwnerOf(key)) ? new SnapshotOwner("that is being created", IsRunning: true) : null;

    private static string Word(LedgerKind kind) => kind.ToString().ToLowerInvariant();
}
