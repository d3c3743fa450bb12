using Sampan.Engine.Containers;

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
            Images = parts.Images.List().Count,
            Driver = parts.Snapshots.Driver,
            CgroupVersion = HostFacts.CgroupVersion(),
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
            Warnings = warnings,
        };
    }

    /// <summary>What takes room.</summary>
    public static DiskUsage Usage(EngineParts parts, ContainerEngine engine)
    {
        var containers = parts.Registry.All.Select(c => c.Current).ToList();
        return new DiskUsage
        {
            LayersSize = Translate.Run(parts.Images.LayersSize),
            Images = [.. engine.Images.List().Select(i => (i, containers.Count(c => c.ImageId == i.Id)))],
            Containers = [.. containers.Select(c =>
            {
                var (own, all) = engine.Containers.Sizes(c.Id);
                return (c, own, all);
            })],
            Volumes = [.. engine.Volumes.List().Select(v => (v, DirectorySize(v.Mountpoint), containers.Count(c => c.Mounts.Any(m => m.VolumeName == v.Name))))],
        };
    }

    /// <summary>The bytes of the regular files below a directory.</summary>
    public static long DirectorySize(string directory) =>
        new DirectoryInfo(directory) is { Exists: true } root
            ? root.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true }).Sum(f => f.Length)
            : 0;
}
