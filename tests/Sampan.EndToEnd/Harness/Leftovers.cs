using System.Globalization;

namespace Sampan.EndToEnd.Harness;

/// <summary>Removes what a stopped daemon leaves on purpose (bridge, rule set, directories), and what a failed test left by accident.</summary>
internal static class Leftovers
{
    public static async Task RemoveAsync(Daemon daemon)
    {
        foreach (var pid in ProcessesOf(daemon.Root))
        {
            await Shell.RunAsync("/bin/kill", ["-9", pid.ToString(CultureInfo.InvariantCulture)]);
        }

        foreach (var mount in Census.MountsBelow(daemon.Root).OrderByDescending(path => path.Length))
        {
            await Shell.RunAsync("umount", ["-l", mount]);
        }

        foreach (var table in await Census.TablesOfAsync(daemon.Bridge))
        {
            await Shell.ShAsync($"nft delete table {table}");
        }

        foreach (var bridge in BridgesOf(daemon).Where(name => Directory.Exists($"/sys/class/net/{name}")))
        {
            await Shell.RunAsync(Shell.Find("ip") ?? "ip", ["link", "delete", bridge]);
        }

        // Only after nothing is mounted below: a recursive delete must not reach a container's bind mount.
        if (Census.MountsBelow(daemon.Root).Count == 0)
        {
            await Shell.RunAsync("rm", ["-rf", "--one-file-system", daemon.Root]);
        }
    }

    /// <summary>The default bridge and those of the networks on record.</summary>
    public static IReadOnlyList<string> BridgesOf(Daemon daemon)
    {
        var records = Path.Combine(daemon.DataRoot, "network");
        return Directory.Exists(records)
            ? [daemon.Bridge, .. Directory.GetFiles(records, "*.json").Select(path => Path.GetFileName(path)).Where(name => name.Length > 12).Select(name => $"br-{name[..12]}")]
            : [daemon.Bridge];
    }

    /// <summary>Processes whose command line names the throw-away root: supervisors, and nothing else of this machine.</summary>
    public static IReadOnlyList<int> ProcessesOf(string root)
        => Directory.EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && pid != Environment.ProcessId && CommandLine(pid).Contains(root, StringComparison.Ordinal))
            .ToList();

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return string.Empty;
        }
        catch (UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
