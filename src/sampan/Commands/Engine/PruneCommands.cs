using Sampan.Cli.Arguments;
using Sampan.Cli.Output;

namespace Sampan.Cli.Commands.Engine;

/// <summary>container prune and system prune.</summary>
internal static class PruneCommands
{
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Remove only what matches (until=…, label=…)", letter: false);
    private static readonly Option<bool> s_force = Option.Flag("force", 'f', "Don't ask");
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Remove all unused images, not only those without a name");
    private static readonly Option<bool> s_volumes = Option.Flag("volumes", null, "Remove anonymous volumes, too");

    public static Command Containers { get; } = new()
    {
        Name = "prune",
        Summary = "Remove all stopped containers",
        MaxWords = 0,
        Options = [s_filter, s_force],
        Run = PruneContainersAsync,
    };

    public static Command System { get; } = new()
    {
        Name = "prune",
        Summary = "Remove unused data",
        MaxWords = 0,
        Options = [s_all, s_filter, s_force, s_volumes],
        Run = PruneAllAsync,
    };

    private static async Task<int> PruneContainersAsync(Invocation call)
    {
        if (!call.Get(s_force) && !call.Confirm("WARNING! This will remove all stopped containers.")) return 0;
        long space = await RemoveContainersAsync(call).ConfigureAwait(false);
        call.Out.WriteLine($"Total reclaimed space: {HumanSize.Decimal(space)}");
        return 0;
    }

    private static async Task<int> PruneAllAsync(Invocation call)
    {
        bool all = call.Get(s_all);
        bool volumes = call.Get(s_volumes);
        if (volumes && FilterOption.Read(call, s_filter).Contains("until")) throw new CommandException("the \"until\" filter is not supported with \"--volumes\"");
        string warning = "WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n"
            + (volumes ? "  - all anonymous volumes not used by at least one container\n" : "")
            + (all ? "  - all images without at least one container associated to them\n  - all build cache\n" : "  - all dangling images\n  - unused build cache\n")
            + (call.Get(s_filter) is { Count: > 0 } filters ? "\n  Items to be pruned will be filtered with:\n" + string.Concat(filters.Order(StringComparer.Ordinal).Select(f => $"  - {f}\n")) : "");
        if (!call.Get(s_force) && !call.Confirm(warning)) return 0;
        long space = await RemoveContainersAsync(call).ConfigureAwait(false);
        var networks = await call.Client.PruneNetworksAsync(FilterOption.Read(call, s_filter), call.Cancelled).ConfigureAwait(false);
        if (networks.NetworksDeleted is { Count: > 0 } gone) call.Out.WriteLine("Deleted Networks:\n" + string.Join('\n', gone) + "\n");
        if (volumes)
        {
            var report = await call.Client.PruneVolumesAsync(FilterOption.Read(call, s_filter), call.Cancelled).ConfigureAwait(false);
            if (report.VolumesDeleted is { Count: > 0 } names) call.Out.WriteLine("Deleted Volumes:\n" + string.Join('\n', names) + "\n");
            space += report.SpaceReclaimed;
        }
        var images = await call.Client.PruneImagesAsync(FilterOption.Read(call, s_filter).Add("dangling", all ? "false" : "true"), call.Cancelled).ConfigureAwait(false);
        if (images.ImagesDeleted is { Count: > 0 } deleted)
            call.Out.WriteLine("Deleted Images:\n" + string.Join('\n', deleted.Select(i => i.Untagged is { Length: > 0 } u ? $"untagged: {u}" : $"deleted: {i.Deleted}")) + "\n");
        var caches = await call.Client.PruneBuildsAsync(all, null, FilterOption.Read(call, s_filter), null, null, call.Cancelled).ConfigureAwait(false);
        if (caches.CachesDeleted is { Count: > 0 } forgotten) call.Out.WriteLine("Deleted build cache objects:\n" + string.Join('\n', forgotten) + "\n");
        call.Out.WriteLine($"Total reclaimed space: {HumanSize.Decimal(space + images.SpaceReclaimed + caches.SpaceReclaimed)}");
        return 0;
    }

    private static async Task<long> RemoveContainersAsync(Invocation call)
    {
        var report = await call.Client.PruneContainersAsync(FilterOption.Read(call, s_filter), call.Cancelled).ConfigureAwait(false);
        if (report.ContainersDeleted is { Count: > 0 } deleted) call.Out.WriteLine("Deleted Containers:\n" + string.Join('\n', deleted) + "\n");
        return report.SpaceReclaimed;
    }
}
