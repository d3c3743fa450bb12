using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sampan.EndToEnd.Harness;

/// <summary>Everything an engine holds in the kernel and on disk at one moment, as sorted lines that two moments can be compared by.</summary>
internal sealed partial record Census(
    IReadOnlyList<string> Mounts,
    IReadOnlyList<string> DaemonMounts,
    IReadOnlyList<string> Namespaces,
    IReadOnlyList<string> Cgroups,
    IReadOnlyList<string> Links,
    IReadOnlyList<string> Rules,
    IReadOnlyList<string> BpfObjects,
    IReadOnlyList<string> Processes,
    IReadOnlyList<string> Directories,
    int Descriptors)
{
    /// <summary>A busy daemon may hold a few more descriptors than one just started (a pooled socket, an epoll instance); a leak per container shows as hundreds.</summary>
    private const int DescriptorSlack = 6;

    public static async Task<Census> TakeAsync(Daemon daemon) => new(
        MountsBelow(daemon.Root),
        MountLines($"/proc/{daemon.Pid}/mountinfo", daemon.Root),
        NamespacesOf(daemon),
        CgroupsOf(daemon.Bridge),
        LinksOf(daemon),
        await RulesAsync(daemon.Bridge),
        Harness.BpfObjects.Of(daemon),
        Leftovers.ProcessesOf(daemon.ExecRoot).Where(pid => pid != daemon.Pid).Select(pid => $"{pid}").ToList(),
        DirectoriesBelow(daemon),
        await DescriptorsAsync(daemon));

    /// <summary>Without those of namespaces that are made ahead: they come and go by themselves, two descriptors each.</summary>
    private static async Task<int> DescriptorsAsync(Daemon daemon)
    {
        while (true)
        {
            var before = await PoolAsync(daemon);
            var all = DescriptorsOf(daemon).Count();
            if (await PoolAsync(daemon) == before)
                return all - 2 * before;
        }
    }

    // Where its descriptors lead; libraries that a daemon that is not compiled ahead opens as it comes to them are none of its doing.
    private static IEnumerable<string> DescriptorsOf(Daemon daemon) => Directory.EnumerateFileSystemEntries($"/proc/{daemon.Pid}/fd")
        .Select(file => new FileInfo(file).LinkTarget ?? "")
        .Where(target => !target.EndsWith(".dll", StringComparison.Ordinal));

    // "socket:[#] 12, anon_inode:[eventpoll] 3"
    private static string DescriptorKinds(Daemon daemon) => string.Join(", ", DescriptorsOf(daemon)
        .GroupBy(target => Numbers().Replace(target, "#"), StringComparer.Ordinal)
        .OrderByDescending(kind => kind.Count())
        .Select(kind => $"{kind.Key} {kind.Count()}"));

    [GeneratedRegex("[0-9]+", RegexOptions.None, 1000)]
    private static partial Regex Numbers();

    private static async Task<int> PoolAsync(Daemon daemon)
    {
        var (status, metrics) = await daemon.SendAsync(HttpMethod.Get, "sampan/metrics");
        return status == 200
            ? metrics.Split('\n').Where(line => line.StartsWith("sampan_network_pool_ready{", StringComparison.Ordinal)).Sum(line => int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture))
            : 0;
    }

    /// <summary>Waits until nothing is left beyond <paramref name="before"/>; the test fails naming what is.</summary>
    public static Task ReturnsToAsync(Daemon daemon, Census before) => Eventually.PassesAsync(async () =>
    {
        var now = await TakeAsync(daemon);
        now.Mounts.Except(before.Mounts, StringComparer.Ordinal).ShouldBeEmpty("mounts left");
        now.DaemonMounts.Except(before.DaemonMounts, StringComparer.Ordinal).ShouldBeEmpty("mounts left in the daemon's namespace");
        now.Namespaces.Except(before.Namespaces, StringComparer.Ordinal).ShouldBeEmpty("namespaces left");
        now.Cgroups.Except(before.Cgroups, StringComparer.Ordinal).ShouldBeEmpty("cgroups left");
        now.Links.Except(before.Links, StringComparer.Ordinal).ShouldBeEmpty("links left");
        now.Rules.Except(before.Rules, StringComparer.Ordinal).ShouldBeEmpty("nftables rules or elements left");
        now.BpfObjects.Except(before.BpfObjects, StringComparer.Ordinal).ShouldBeEmpty("BPF programs or tables left");
        now.Processes.Except(before.Processes, StringComparer.Ordinal).ShouldBeEmpty("processes left");
        now.Directories.Except(before.Directories, StringComparer.Ordinal).ShouldBeEmpty("files or directories left");
        now.Descriptors.ShouldBeLessThanOrEqualTo(before.Descriptors + DescriptorSlack, $"descriptors of the daemon left; what it has: {DescriptorKinds(daemon)}");
    });

    public static IReadOnlyList<string> MountsBelow(string root) => MountLines("/proc/self/mountinfo", root);

    /// <summary>The tables that carry the bridge's name, as <c>family name</c>.</summary>
    public static async Task<IReadOnlyList<string>> TablesOfAsync(string bridge)
    {
        var tables = await Shell.RunAsync(Shell.Find("nft") ?? "nft", ["-j", "list", "tables"]);
        if (tables.ExitCode != 0)
        {
            return [];
        }

        using var document = JsonDocument.Parse(tables.Stdout);
        return document.RootElement.GetProperty("nftables").EnumerateArray()
            .Where(entry => entry.TryGetProperty("table", out _))
            .Select(entry => entry.GetProperty("table"))
            .Where(table => table.GetProperty("name").GetString()!.Contains(bridge, StringComparison.Ordinal))
            .Select(table => $"{table.GetProperty("family").GetString()} {table.GetProperty("name").GetString()}")
            .ToList();
    }

    private static List<string> MountLines(string file, string root)
        => File.ReadLines(file)
            .Select(line => line.Split(' ')[4])
            .Where(path => path.StartsWith(root + "/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();

    /// <summary>Namespaces that the daemon's processes live in, or that are bound below its roots.</summary>
    private static List<string> NamespacesOf(Daemon daemon)
    {
        var own = new DirectoryInfo("/proc/self/ns").EnumerateFileSystemInfos().Select(entry => entry.LinkTarget ?? entry.Name).ToHashSet(StringComparer.Ordinal);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pid in Leftovers.ProcessesOf(daemon.ExecRoot).Append(daemon.Pid))
        {
            try
            {
                foreach (var entry in new DirectoryInfo($"/proc/{pid}/ns").EnumerateFileSystemInfos())
                {
                    if (entry.LinkTarget is { } target && !own.Contains(target))
                    {
                        found.Add(target);
                    }
                }
            }
            catch (IOException)
            {
                // It ended meanwhile, and its namespaces with it.
            }
        }

        foreach (var line in File.ReadLines($"/proc/{daemon.Pid}/mountinfo").Where(line => line.Contains(" - nsfs ", StringComparison.Ordinal)))
        {
            var fields = line.Split(' ');
            if (fields[4].StartsWith(daemon.Root, StringComparison.Ordinal))
            {
                found.Add($"{fields[3]} on {fields[4]}");
            }
        }

        return found.Order(StringComparer.Ordinal).ToList();
    }

    /// <summary>Control groups of every controller below the daemon's own, which is named after its bridge.</summary>
    private static List<string> CgroupsOf(string bridge)
        => Directory.EnumerateDirectories("/sys/fs/cgroup", $"sampan-{bridge}", SearchOption.AllDirectories)
            .SelectMany(directory => Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .ToList();

    /// <summary>The bridges and their ports.</summary>
    private static List<string> LinksOf(Daemon daemon)
        => Leftovers.BridgesOf(daemon)
            .Where(bridge => Directory.Exists($"/sys/class/net/{bridge}/brif"))
            .SelectMany(bridge => Directory.EnumerateFileSystemEntries($"/sys/class/net/{bridge}/brif").Select(port => Path.GetFileName(port)).Prepend(bridge))
            .Order(StringComparer.Ordinal)
            .ToList();

    private static async Task<IReadOnlyList<string>> RulesAsync(string bridge)
    {
        var lines = new List<string>();
        foreach (var table in await TablesOfAsync(bridge))
        {
            var listing = await Shell.ShAsync($"nft -s list table {table}");
            // One element of a set or map per line, so that a comparison names the one that stayed.
            lines.AddRange(listing.Stdout.Split(['\n', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }

        return lines;
    }

    /// <summary>Directories of both roots three levels deep: a container, snapshot or volume that stayed has one. Without those that are made ahead, which come and go by themselves.</summary>
    private static List<string> DirectoriesBelow(Daemon daemon)
        => new[] { daemon.DataRoot, daemon.ExecRoot }
            .Where(Directory.Exists)
            .SelectMany(root => Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions
            {
                RecurseSubdirectories = true,
                MaxRecursionDepth = 2,
                AttributesToSkip = FileAttributes.None,
                IgnoreInaccessible = true,
            }))
            .Where(path => !path.Contains("/.ahead-", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
}
