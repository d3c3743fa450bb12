using System.Globalization;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Commands.Engine;

/// <summary>system df.</summary>
internal static class DiskUsageCommand
{
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: type=image|container|volume|build-cache, with --verbose label=…", letter: false);
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<bool> s_why = Option.Flag("why", null, "Show why each byte is there, and what limits the build cache");

    private static readonly Option<bool> s_verbose = Option.Flag("verbose", 'v', "Show every image, container and volume with its size");

    public static Command Command { get; } = new()
    {
        Name = "df",
        Summary = "Show disk usage",
        MaxWords = 0,
        Options = [s_filter, s_format, s_verbose, s_why],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        if (call.Get(s_why) && call.Get(s_filter).Count > 0) throw new CommandException("--filter can't be used with --why");
        var filter = DiskUsageFilter.Read(call.Get(s_filter), call.Get(s_verbose));
        if (call.Get(s_why)) return await DiskUsageDetails.PrintReasonsAsync(call).ConfigureAwait(false);
        var usage = await call.Client.GetDiskUsageAsync(cancellationToken: call.Cancelled).ConfigureAwait(false);
        if (call.Get(s_verbose))
        {
            string format = call.Get(s_format);
            if (format.StartsWith("table ", StringComparison.Ordinal)) throw new CommandException("--verbose has a table for each kind of object: say 'table', 'json', or a template of .Images, .Containers, .Volumes and .BuildCache");
            DiskUsageTables.Write(call.Out, filter.Narrow(usage), filter.Wants, format, call.Time);
            return 0;
        }
        var shape = new RowShape<UsageLine>("disk usage",
        [
            new("Type", "TYPE", l => l.Type),
            new("TotalCount", "TOTAL", l => l.Total.ToString(CultureInfo.InvariantCulture)),
            new("Active", "ACTIVE", l => l.Active.ToString(CultureInfo.InvariantCulture)),
            new("Size", "SIZE", l => HumanSize.Decimal(l.Size)),
            new("Reclaimable", "RECLAIMABLE", l => HumanSize.Decimal(l.Reclaimable) + (l.Size > 0 && l.Type != "Build Cache" ? string.Create(CultureInfo.InvariantCulture, $" ({l.Reclaimable * 100 / l.Size}%)") : "")),
        ]);
        ListFormat.Write(call.Out, call.Get(s_format), shape, Lines(usage).Where(l => filter.Wants(l.Kind)), "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}");
        return 0;
    }

    private static IEnumerable<UsageLine> Lines(DiskUsage u)
    {
        var images = u.Images ?? [];
        long imageSize = u.LayersSize ?? images.Sum(i => i.Size);
        long used = images.Where(i => i.Containers != 0 && i.Size >= 0 && i.SharedSize >= 0).Sum(i => i.Size - i.SharedSize);
        yield return u.ImageUsage is { } iu ? new UsageLine("Images", iu.TotalCount, iu.ActiveCount, iu.TotalSize, iu.Reclaimable)
            : new UsageLine("Images", images.Count, images.Count(i => i.Containers > 0), imageSize, Math.Max(0, imageSize - used));
        var containers = u.Containers ?? [];
        yield return u.ContainerUsage is { } cu ? new UsageLine("Containers", cu.TotalCount, cu.ActiveCount, cu.TotalSize, cu.Reclaimable)
            : new UsageLine("Containers", containers.Count, containers.Count(IsActive), containers.Sum(c => c.SizeRw ?? 0), containers.Where(c => !IsActive(c)).Sum(c => c.SizeRw ?? 0));
        var volumes = u.Volumes ?? [];
        yield return u.VolumeUsage is { } vu ? new UsageLine("Local Volumes", vu.TotalCount, vu.ActiveCount, vu.TotalSize, vu.Reclaimable)
            : new UsageLine("Local Volumes", volumes.Count, volumes.Count(v => v.UsageData?.RefCount > 0), volumes.Sum(v => Math.Max(0, v.UsageData?.Size ?? 0)), volumes.Where(v => v.UsageData?.RefCount == 0).Sum(v => Math.Max(0, v.UsageData?.Size ?? 0)));
        var cache = u.BuildCache ?? [];
        yield return u.BuildCacheUsage is { } bu ? new UsageLine("Build Cache", bu.TotalCount, bu.ActiveCount, bu.TotalSize, bu.Reclaimable)
            : new UsageLine("Build Cache", cache.Count, cache.Count(b => b.InUse), cache.Where(b => !b.Shared).Sum(b => b.Size), cache.Where(b => !b.InUse && !b.Shared).Sum(b => b.Size));
    }

    private static bool IsActive(DockerApi.Containers.ContainerSummary c) => c.State is "running" or "paused" or "restarting";

    private sealed record UsageLine(string Type, long Total, long Active, long Size, long Reclaimable)
    {
        /// <summary>What a filter calls it.</summary>
        public string Kind => Type switch { "Images" => "image", "Containers" => "container", "Local Volumes" => "volume", _ => "build-cache" };
    }
}
