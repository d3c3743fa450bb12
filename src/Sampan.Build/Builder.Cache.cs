using Sampan.Build.Caching;
using Sampan.Build.Execution;
using Sampan.Engine;

namespace Sampan.Build;

/// <summary>What the cache holds, how it is cut back, and how it travels.</summary>
public sealed partial class Builder
{
    /// <summary>What the cache holds.</summary>
    public IReadOnlyList<BuildCacheEntry> ListCache() => [.. _cache.List(), .. _mounts.List(), .. _contexts.List()];

    /// <summary>How the cache is cut back after builds; empty: never.</summary>
    public IReadOnlyList<CachePolicy> Policies => _policies ?? CachePolicy.Usual(Disk.TotalSize);

    /// <summary>Images were removed: what the builder kept beside their layers may go, too.</summary>
    public void ForgetLost() => _contexts.ForgetLost();

    /// <summary>Removes entries of the cache that no build needs now, what was used longest ago first.</summary>
    /// <param name="which">Which may go.</param>
    /// <param name="room">How much has to go, and how much stays.</param>
    /// <returns>Their ids, and the bytes that they took.</returns>
    public (IReadOnlyList<string> Ids, long Bytes) Prune(Func<BuildCacheEntry, bool> which, CacheRoom room)
    {
        var removed = new List<string>();
        var total = ListCache().Sum(entry => entry.Bytes);
        long left;
        int before;
        do
        {
            before = removed.Count;
            removed.AddRange(PruneOnce(which, room));
            left = ListCache().Sum(entry => entry.Bytes);
        }
        // A layer stays while a step above it does: then its bytes are that one's, and there may still be too many.
        while (removed.Count > before && room.Aim(left, Disk.AvailableFreeSpace) is { } aim && left > aim);
        return (removed, Math.Max(0, total - left));
    }

    private DriveInfo Disk => new(_engine.Steps.DataDirectory);

    private List<string> PruneOnce(Func<BuildCacheEntry, bool> which, CacheRoom room)
    {
        var all = ListCache();
        var left = all.Sum(entry => entry.Bytes);
        var aim = room.Aim(left, Disk.AvailableFreeSpace);
        var doomed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in all.Where(which).OrderBy(entry => entry.LastUsed))
        {
            if (aim is { } bytes && left <= bytes)
                break;
            doomed.Add(entry.Id);
            left -= entry.Bytes;
        }
        return Remove(doomed);
    }

    private List<string> Remove(HashSet<string> doomed)
    {
        List<string> removed = [.. _cache.Remove(entry => doomed.Contains(entry.Id)), .. _mounts.Remove(entry => doomed.Contains(entry.Id)), .. _contexts.Remove(entry => doomed.Contains(entry.Id))];
        _contexts.ForgetLost();
        return removed;
    }

    private void Collect(IReadOnlyList<CachePolicy> policies)
    {
        foreach (var policy in policies)
        {
            var disk = Disk;
            var used = disk.TotalSize - disk.TotalFreeSpace;
            // The cache is not larger than all that is on the disk: no need to measure it.
            if (policy.Room.Aim(used, disk.AvailableFreeSpace) >= used)
                continue;
            var now = _engine.Steps.Time.GetUtcNow();
            Prune(entry => policy.Takes(entry, now), policy.Room);
        }
    }

    // A failed build exports what succeeded; what goes wrong then does not hide why it failed.
    private async Task ExportAsync(BuildRequest request, BuildRun build, string? imageId, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        foreach (var target in request.CacheTargets)
        {
            try
            {
                // One at a time: two that have layers in common would take them from each other.
                await _exporting.WaitAsync(ct);
                try
                {
                    var image = target.IsMinimal && imageId is not null ? _engine.Steps.Find(imageId, null) : null;
                    var count = await build.Export.WriteAsync(target.Name, image, target.HasMounts, ct);
                    progress.Report(new BuildMessage.Text($"exporting cache to {target.Name.Familiar}: {count} steps\n"));
                }
                finally
                {
                    _exporting.Release();
                }
                if (!target.IsPushed)
                    continue;
                try
                {
                    await _engine.Images.PushAsync(target.Name.ToString(), null, await BuildRun.LoginAsync(request, target.Name, ct), null, ct);
                }
                finally
                {
                    if (_engine.Steps.Find(target.Name.ToString(), null) is { } exported)
                        BuildRun.Forget(_engine, exported.Id, target.Name.Name);
                }
            }
            catch (Exception failed) when (imageId is null && failed is EngineException or BuildException or Storage.StorageException)
            {
                progress.Report(new BuildMessage.Text($"[Warning] the cache was not exported to {target.Name.Familiar}: {failed.Message}\n"));
            }
        }
    }
}
