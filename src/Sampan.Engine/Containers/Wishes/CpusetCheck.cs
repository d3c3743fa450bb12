using System.Globalization;

namespace Sampan.Engine.Containers.Wishes;

/// <summary>Says in Docker's words what is wrong with a list of processors or memory nodes, such as <c>0-3,7</c>.</summary>
internal static class CpusetCheck
{
    // What Docker takes at most.
    private const int Most = 8192;

    /// <summary>What is wrong with the lists of a wish.</summary>
    public static IEnumerable<string> Problems(ResourceLimits limits) =>
        new[]
        {
            Problem(limits.CpusetCpus, "cpuset cpus", "CPUs", "/sys/devices/system/cpu/online"),
            Problem(limits.CpusetMems, "cpuset mems", "memory nodes", "/sys/devices/system/node/online"),
        }.OfType<string>();

    private static string? Problem(string? list, string option, string things, string file)
    {
        if (list is null)
            return null;
        if (Parse(list, out var wanted) is { } wrong)
            return $"Invalid value {list} for {option}: {wrong}";
        // A kernel without NUMA has no such file, and one node.
        var available = File.Exists(file) ? File.ReadAllText(file).Trim() : "0";
        return Parse(available, out var there) is null && !wanted.IsSubsetOf(there) ? $"Requested {things} are not available - requested {list}, available: {available}" : null;
    }

    private static string? Parse(string list, out HashSet<int> numbers)
    {
        numbers = [];
        foreach (var part in list.Split(','))
        {
            var dash = part.IndexOf('-');
            if (!TryNumber(dash < 0 ? part : part[..dash], out var first) || !TryNumber(dash < 0 ? part : part[(dash + 1)..], out var last) || last < first)
                return $"invalid format: {part}";
            if (last > Most)
                return $"value of out range, maximum is {Most}";
            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        return null;
    }

    private static bool TryNumber(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
