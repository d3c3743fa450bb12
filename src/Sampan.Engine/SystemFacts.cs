using Sampan.Engine.Containers.States;
using Sampan.Engine.Devices;
using Sampan.Storage.Collection;
using Sampan.Storage.Images;

namespace Sampan.Engine;

/// <summary>Answers to <c>info</c> and <c>system df</c>.</summary>
internal static class SystemFacts
{
    /// <summary>The machine and what is on it.</summary>
    public static SystemSummary Summary(EngineParts parts, string id)
    {
        var containers = parts.Registry.All.Select(c => c.Current.State).ToList();
        var paused = containers.Count(s => s is ContainerState.Paused);
        var running = containers.Count(s => s.ProcessId is not null) - paused;
        var warnings = new List<string>();
        if (!HostFacts.Forwards())
            warnings.Add("WARNING: IPv4 forwarding is disabled");
        var missing = parts.KnownCapabilities.Where(c => !parts.GrantableCapabilities.Contains(c)).ToList();
        if (missing.Count > 0)
            warnings.Add($"WARNING: this machine does not grant {string.Join(", ", missing)} to containers");
        return new SystemSummary
        {
            Id = id,
            Running = running,
            Paused = paused,
            Stopped = containers.Count - running - paused,
            MapsUsers = parts.Users is not null,
            NoNewPrivileges = parts.Options.NoNewPrivileges,
            Images = parts.Images.List().Count(image => image.IsListed),
            Driver = parts.Snapshots.Driver,
            DriverStatus = parts.Snapshots.Driver == "overlay2" ? [new("Backing Filesystem", HostFacts.FileSystem(parts.Options.DataRoot)), new("Supports d_type", "true")] : [],
            CgroupVersion = HostFacts.CgroupVersion(),
            CgroupDriver = parts.Options.SystemdCgroups ? "systemd" : "cgroupfs",
            KernelVersion = HostFacts.KernelVersion(),
            OperatingSystem = HostFacts.Release("PRETTY_NAME"),
            OsVersion = HostFacts.Release("VERSION_ID"),
            Architecture = HostFacts.Architecture(),
            Processors = Environment.ProcessorCount,
            Memory = HostFacts.MemoryBytes(),
            Hostname = Environment.MachineName,
            DataRoot = parts.Options.DataRoot,
            Version = parts.Options.Version,
            EventListeners = parts.Events.ListenerCount,
            IPv4Forwarding = HostFacts.Forwards(),
            Runtimes = parts.Options.Runtimes.Select(r => (r.Key, r.Value.Path, r.Value.Arguments)).Append((EngineOptions.OwnRuntime, EngineOptions.OwnRuntime, []))
                .OrderBy(r => r.Key, StringComparer.Ordinal).ToDictionary(r => r.Key, r => (r.Path, r.Arguments), StringComparer.Ordinal),
            DefaultRuntime = parts.Options.DefaultRuntime,
            CdiDirectories = parts.Options.CdiDirectories,
            CdiDevices = [.. CdiDirectory.Read(parts.Options.CdiDirectories).Names.Select(name => name.ToString())],
            Warnings = warnings,
        };
    }

    /// <summary>What takes room: sums over the ledger.</summary>
    public static DiskUsage Usage(EngineParts parts, ContainerEngine engine)
    {
        var containers = parts.Registry.All.Select(c => c.Current).ToList();
        var lines = Translate.Run(() => Stores.Ledger.Of(parts));
        var images = lines.Where(line => line.Kind is LedgerKind.Layer or LedgerKind.Blob or LedgerKind.Image or LedgerKind.Unfinished).ToList();
        var own = lines.Where(line => line.Kind == LedgerKind.Container).ToLookup(line => line.Id, line => line.Bytes, StringComparer.Ordinal);
        var volumes = lines.Where(line => line.Kind == LedgerKind.Volume).ToLookup(line => line.Id, line => line.Bytes, StringComparer.Ordinal);
        var sizes = ImageSizes(parts, images);
        return new DiskUsage
        {
            LayersSize = images.Sum(line => line.Bytes),
            ReclaimableLayers = images.Where(line => line.IsReclaimable).Sum(line => line.Bytes),
            Images = [.. engine.Images.List().Select(i =>
            {
                var (size, shared) = sizes.GetValueOrDefault(i.Id);
                return (i, containers.Count(c => c.ImageId == i.Id), size, shared);
            })],
            Containers = [.. containers.Select(c =>
            {
                var bytes = own[c.Id].Sum();
                return (c, bytes, bytes + sizes.GetValueOrDefault(c.ImageId).Size);
            })],
            Volumes = [.. engine.Volumes.List().Where(v => v.Driver == "local").Select(v => (v, volumes[v.Name].Sum(), containers.Count(c => c.Mounts.Any(m => m.VolumeName == v.Name))))],
        };
    }

    private static Dictionary<string, (long Size, long Shared)> ImageSizes(EngineParts parts, IReadOnlyList<LedgerLine> lines)
    {
        var bytes = lines.GroupBy(line => line.Kind == LedgerKind.Layer ? line.Id + "/tree" : line.Id, StringComparer.Ordinal).ToDictionary(line => line.Key, line => line.Sum(l => l.Bytes), StringComparer.Ordinal);
        var parted = parts.Images.List().Select(image => (Id: image.Id.ToString(), Parts: Parts(image).Distinct(StringComparer.Ordinal).ToList())).ToList();
        var members = parts.Images.List().ToDictionary(image => image.Id.ToString(), image => image.Siblings.Select(id => id.ToString()).ToList(), StringComparer.Ordinal);
        var own = parted.ToDictionary(image => image.Id, image => image.Parts, StringComparer.Ordinal);
        // Those for other platforms under the same name are its bytes, too.
        parted = [.. parts.Images.List().Where(image => image.IsListed).Select(image => image.Id.ToString()).Where(own.ContainsKey).Select(id => (id, own[id].Concat(members[id].SelectMany(other => own.GetValueOrDefault(other) ?? [])).Distinct(StringComparer.Ordinal).ToList()))];
        var users = parted.SelectMany(image => image.Parts).GroupBy(part => part, StringComparer.Ordinal).ToDictionary(part => part.Key, part => part.Count(), StringComparer.Ordinal);
        return parted.ToDictionary(
            image => image.Id,
            image => (image.Parts.Sum(part => bytes.GetValueOrDefault(part)), image.Parts.Where(part => users[part] > 1).Sum(part => bytes.GetValueOrDefault(part))),
            StringComparer.Ordinal);

        static IEnumerable<string> Parts(ImageRecord image) =>
        [
            image.Id.ToString(), image.Id.Hex + ".json", .. image.Manifest is { } manifest ? [manifest.Digest.ToString()] : Array.Empty<string>(),
            .. image.Indexes.Select(index => index.Digest.ToString()), .. image.Layers.Select(layer => layer.Blob.Digest.ToString()), .. image.Layers.Select(layer => layer.ChainId + "/tree"),
        ];
    }
}
