using System.Text;
using Sampan.Linux.Proc;

namespace Sampan.Linux.Cgroups;

/// <summary>What both generations of control groups count alike: huge pages, a file per size; RDMA, a line per device.</summary>
internal static class DeviceCounters
{
    private const string PagePrefix = "hugetlb.";

    /// <summary>Huge pages, by size.</summary>
    /// <param name="directory">The group's.</param>
    /// <param name="usage">How the file of the bytes in use ends: <c>.current</c> of <c>hugetlb.2MB.current</c>.</param>
    /// <param name="read">Reads the rest of one size.</param>
    internal static IReadOnlyList<HugePageStatistics> HugePages(string directory, string usage, Func<string, ulong, HugePageStatistics> read)
    {
        var list = new List<HugePageStatistics>();
        foreach (var name in Names(directory, PagePrefix + "*" + usage))
        {
            var size = name[PagePrefix.Length..^usage.Length];
            // "2MB.rsvd" counts reservations, which are not in use.
            if (!size.Contains('.') && CgroupFiles.TryReadNumber(directory, name) is { } bytes)
                list.Add(read(size, bytes));
        }
        list.Sort(static (one, other) => string.CompareOrdinal(one.PageSize, other.PageSize));
        return list;
    }

    private static IEnumerable<string> Names(string directory, string pattern)
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory, pattern).Select(path => Path.GetFileName(path))];
        }
        catch (DirectoryNotFoundException)
        {
            return []; // the group is gone
        }
    }

    /// <summary>RDMA devices, of the files <c>rdma.current</c> and <c>rdma.max</c>.</summary>
    internal static IReadOnlyList<RdmaStatistics> Rdma(string directory) =>
        ParseRdma(CgroupFiles.TryRead(directory, "rdma.current"), CgroupFiles.TryRead(directory, "rdma.max"));

    /// <summary>Lines <c>mlx4_0 hca_handle=2 hca_object=max</c>.</summary>
    internal static IReadOnlyList<RdmaStatistics> ParseRdma(ReadOnlySpan<byte> current, ReadOnlySpan<byte> limits)
    {
        var most = ParseLines(limits).ToDictionary(static one => one.Device, static one => (one.Handles, one.Objects), StringComparer.Ordinal);
        var list = new List<RdmaStatistics>();
        foreach (var (device, handles, objects) in ParseLines(current))
        {
            var (handleLimit, objectLimit) = most.GetValueOrDefault(device);
            list.Add(new RdmaStatistics(device, handles ?? 0, objects ?? 0, handleLimit, objectLimit));
        }
        return list;
    }

    private static List<(string Device, ulong? Handles, ulong? Objects)> ParseLines(ReadOnlySpan<byte> content)
    {
        var lines = new List<(string, ulong?, ulong?)>();
        foreach (var range in content.Split((byte)'\n'))
        {
            var fields = new FieldReader(content[range]);
            if (fields.TryNext(out var device) && fields.TryNext(out var handles) && fields.TryNext(out var objects))
                lines.Add((Encoding.UTF8.GetString(device), Value(handles, "hca_handle="u8), Value(objects, "hca_object="u8)));
        }
        return lines;
    }

    /// <summary>Null for <c>max</c>, too.</summary>
    private static ulong? Value(ReadOnlySpan<byte> field, ReadOnlySpan<byte> name) =>
        field.StartsWith(name) && FieldReader.TryULong(field[name.Length..], out var number) ? number : null;
}
