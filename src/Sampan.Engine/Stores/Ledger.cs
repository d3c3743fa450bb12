using Sampan.Engine.Containers;
using Sampan.Engine.Recipes;
using Sampan.Storage.Collection;
using Sampan.Storage.Records;

namespace Sampan.Engine.Stores;

/// <summary>
/// The one account of the data root's bytes. <c>system df</c> is a sum of these lines, and all of them together are what <c>du</c> says:
/// every file and directory is in exactly one.
/// </summary>
internal static class Ledger
{
    // Where kinds of things of their own lie; what else there is at the top belongs to the engine.
    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal) { "content", "layers", "images", "snapshots", "containers", "volumes", "plugins", "build" };

    /// <summary>Measures everything.</summary>
    public static IReadOnlyList<LedgerLine> Of(EngineParts parts)
    {
        var root = parts.Options.DataRoot;
        var containers = parts.Registry.All.Select(c => c.Current).ToDictionary(c => c.Id, StringComparer.Ordinal);
        var used = containers.Values.Select(c => c.ImageId).ToHashSet(StringComparer.Ordinal);
        var lines = new List<LedgerLine>(parts.Images.Ledger(image => used.Contains(image.Id.ToString())));
        var meter = new DiskMeter();
        AddContainers(lines, meter, root, containers);
        AddVolumes(lines, meter, root, containers.Values);
        AddPlugins(lines, meter, parts, root);
        foreach (var entry in Directory.EnumerateFileSystemEntries(root).Where(path => !s_known.Contains(Path.GetFileName(path))))
            lines.Add(new LedgerLine(LedgerKind.Engine, Path.GetFileName(entry), entry, meter.Of(entry), "the engine's own record", false));
        foreach (var entry in Entries(Path.Combine(root, "build")))
            lines.Add(BuilderLine(entry, meter.Of(entry)));
        if (Directory.Exists(Path.Combine(root, "build")))
            lines.Add(new LedgerLine(LedgerKind.Engine, "build", Path.Combine(root, "build"), meter.OfDirectoryAlone(Path.Combine(root, "build")), "directory of the store", false));
        foreach (var directory in new[] { root, Path.Combine(root, "snapshots"), Path.Combine(root, "containers"), Path.Combine(root, "volumes"), Path.Combine(root, "plugins") })
            lines.Add(new LedgerLine(LedgerKind.Engine, Path.GetRelativePath(root, directory), directory, meter.OfDirectoryAlone(directory), "directory of the store", false));
        return lines;
    }

    private static LedgerLine BuilderLine(string path, long bytes)
    {
        var name = Path.GetFileName(path);
        return name switch
        {
            "mounts" => new LedgerLine(LedgerKind.BuildCache, name, path, bytes, "directories that RUN steps keep between builds", true),
            "spool" => new LedgerLine(LedgerKind.BuildCache, name, path, bytes, "contexts of builds as clients sent them, kept for the next builds", true),
            _ => new LedgerLine(LedgerKind.BuildCache, name, path, bytes, "the builder's own record", false),
        };
    }

    private static void AddContainers(List<LedgerLine> lines, DiskMeter meter, string root, Dictionary<string, ContainerSnapshot> containers)
    {
        foreach (var directory in Entries(Path.Combine(root, "snapshots")))
        {
            var id = ImageMounts.OwnerOf(Path.GetFileName(directory));
            if (IsNobodys(lines, meter, directory))
                continue;
            lines.Add(containers.TryGetValue(id, out var container)
                ? new LedgerLine(LedgerKind.Container, id, directory, meter.Of(directory), $"files that container {container.Name} ({Word(container)}) wrote", !IsActive(container))
                : new LedgerLine(LedgerKind.Container, id, directory, meter.Of(directory), "files of a container that is not there", true));
        }

        foreach (var directory in Entries(Path.Combine(root, "containers")))
        {
            var id = Path.GetFileName(directory);
            if (IsNobodys(lines, meter, directory))
                continue;
            if (!containers.TryGetValue(id, out var container))
            {
                lines.Add(new LedgerLine(LedgerKind.Container, id, directory, meter.Of(directory), "record of a container that cannot be read", false));
                continue;
            }

            long logs = 0;
            foreach (var file in Entries(directory).Where(file => IsLog(file, container)))
            {
                var bytes = meter.Of(file);
                logs += bytes;
                lines.Add(new LedgerLine(LedgerKind.Container, id, file, bytes, $"log of container {container.Name} ({Word(container)})", !IsActive(container)));
            }

            lines.Add(new LedgerLine(LedgerKind.Container, id, directory, Math.Max(0, new DiskMeter().Of(directory) - logs), $"record of container {container.Name}", !IsActive(container)));
        }
    }

    private static void AddVolumes(List<LedgerLine> lines, DiskMeter meter, string root, IEnumerable<ContainerSnapshot> containers)
    {
        var users = containers.SelectMany(c => c.Mounts.Where(m => m.VolumeName is not null).Select(m => (Volume: m.VolumeName ?? "", c.Name))).ToLookup(pair => pair.Volume, pair => pair.Name);
        foreach (var directory in Entries(Path.Combine(root, "volumes")))
        {
            var name = Path.GetFileName(directory);
            var by = users[name].Distinct().Order(StringComparer.Ordinal).ToList();
            lines.Add(new LedgerLine(LedgerKind.Volume, name, directory, meter.Of(directory), by.Count > 0 ? $"volume of container {string.Join(", ", by)}" : "volume that no container mounts", by.Count == 0));
        }
    }

    private static void AddPlugins(List<LedgerLine> lines, DiskMeter meter, EngineParts parts, string root)
    {
        var names = parts.Images.Plugins().ToDictionary(plugin => plugin.Id, plugin => plugin.Name, StringComparer.Ordinal);
        foreach (var directory in Entries(Path.Combine(root, "plugins")).Where(directory => !IsNobodys(lines, meter, directory)))
        {
            var id = Path.GetFileName(directory);
            lines.Add(new LedgerLine(LedgerKind.Plugin, id, directory, meter.Of(directory), names.TryGetValue(id, out var name) ? $"files and record of plugin {name}" : "plugin that is just being made, or whose record cannot be read", false));
        }
    }

    /// <summary>A container that a prune would leave alone.</summary>
    public static bool IsActive(ContainerSnapshot container) => container.IsRunning || container.RestartsAt is not null;

    private static bool IsLog(string file, ContainerSnapshot container) =>
        container.LogPath is { } log && Path.GetFileName(file).StartsWith(Path.GetFileName(log), StringComparison.Ordinal);

    private static string Word(ContainerSnapshot container) => container.State.Word;

    private static bool IsNobodys(List<LedgerLine> lines, DiskMeter meter, string directory)
    {
        var name = Path.GetFileName(directory);
        var reason = name.StartsWith(RemovedTrees.Prefix, StringComparison.Ordinal) ? "removed, and being emptied"
            : name.StartsWith(RemovedTrees.AheadPrefix, StringComparison.Ordinal) ? "made ahead, for a container to come" : null;
        if (reason is not null)
            lines.Add(new LedgerLine(LedgerKind.Engine, name, directory, meter.Of(directory), reason, false));
        return reason is not null;
    }

    // Containers come and go meanwhile.
    private static string[] Entries(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }
}
