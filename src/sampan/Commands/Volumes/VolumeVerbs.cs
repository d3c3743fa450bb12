using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Volumes;

namespace Sampan.Cli.Commands.Volumes;

/// <summary>volume create, ls, inspect, rm, prune, update.</summary>
internal static class VolumeVerbs
{
    private static readonly Option<string> s_driver = new("driver", 'd', "string", "Driver of the volume", "local", static (_, t) => t) { DefaultText = "\"local\"" };
    private static readonly Option<IReadOnlyList<string>> s_label = Option.List("label", null, "list", "Set a label (name=value)");
    private static readonly Option<string> s_name = new("name", null, "string", "Name of the volume", "", static (_, t) => t) { Hidden = true };
    private static readonly Option<IReadOnlyDictionary<string, string>> s_opt = Option.Map("opt", 'o', "map", "Option of the driver (name=value)");
    private static readonly Option<string> s_uid = Option.Text("uid", null, "int", "User who owns the new volume");
    private static readonly Option<string> s_gid = Option.Text("gid", null, "int", "Group who owns the new volume");
    private static readonly Option<string> s_mode = Option.Text("mode", null, "octal", "Permissions of the new volume (default 755)");
    private static readonly Option<string> s_size = Option.Text("size", null, "bytes", "How much it may hold, where the file system has project quotas");
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: dangling, driver, label, name");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show names only");
    private static readonly Option<bool> s_force = Option.Flag("force", 'f', "Don't fail if it doesn't exist");
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "Remove named volumes, too");
    private static readonly Option<IReadOnlyList<string>> s_pruneFilter = FilterOption.New("Remove only what matches (label=…)", letter: false);
    private static readonly Option<bool> s_yes = Option.Flag("force", 'f', "Don't ask");
    private static readonly Option<string> s_availability = new("availability", null, "string", "Cluster volume availability (active, pause, drain)", "active", static (_, t) => t) { DefaultText = "\"active\"" };
    private const string ClusterReason = "cluster volumes need a swarm";

    /// <summary>The columns of volume ls.</summary>
    internal static readonly RowShape<VolumeInspect> Shape = new("volume",
    [
        new("Name", "VOLUME NAME", v => v.Name),
        new("Driver", "DRIVER", v => v.Driver),
        new("Scope", "SCOPE", v => v.Scope),
        new("Mountpoint", "MOUNTPOINT", v => v.Mountpoint),
        new("Labels", "LABELS", v => Texts.Labels(v.Labels)),
        new("Label", "LABEL", _ => "") { WithArgument = (v, name) => v.Labels?.GetValueOrDefault(name) ?? "" },
        new("Links", "LINKS", v => v.UsageData is { } u ? u.RefCount.ToString(System.Globalization.CultureInfo.InvariantCulture) : "N/A"),
        new("Size", "SIZE", v => v.UsageData is { } u ? HumanSize.Decimal(u.Size) : "N/A"),
        new("Availability", "AVAILABILITY", _ => "N/A"),
        new("Group", "GROUP", _ => "N/A"),
        new("Status", "STATUS", _ => "N/A"),
    ]);

    public static Command Group { get; } = new()
    {
        Name = "volume",
        Summary = "Manage volumes",
        Subcommands =
        [
            VolumeCopyVerbs.Clone,
            new()
            {
                Name = "create",
                Summary = "Create a volume",
                Arguments = "[VOLUME]",
                MaxWords = 1,
                Options =
                [
                    s_driver, s_gid, s_label, s_mode, s_name, s_opt, s_size, s_uid,
                    .. new[] { "availability", "group", "limit-bytes", "required-bytes", "scope", "secret", "sharing", "topology-preferred", "topology-required", "type" }.Select(n => Option.Refused(n, null, "string", "", ClusterReason)),
                ],
                Run = CreateAsync,
            },
            VolumeCopyVerbs.Export,
            VolumeCopyVerbs.Import,
            InspectCommand.Volume,
            new() { Name = "ls", OtherNames = ["list"], Summary = "List volumes", Aliases = ["volume ls", "volume list"], MaxWords = 0, Options = [Option.Refused("cluster", null, "", "", ClusterReason), s_filter, s_format, s_quiet], Run = ListAsync },
            new() { Name = "prune", Summary = "Remove unused local volumes", MaxWords = 0, Options = [s_all, s_pruneFilter, s_yes], Run = PruneAsync },
            new() { Name = "rm", OtherNames = ["remove"], Summary = "Remove one or more volumes", Details = "A volume that a container uses is not removed.", Aliases = ["volume rm", "volume remove"], Arguments = "VOLUME [VOLUME...]", MinWords = 1, Options = [s_force], Completes = Candidates.Volumes, Run = RemoveAsync },
            VolumeCopyVerbs.Snapshot,
            new()
            {
                Name = "update",
                Summary = "Update a volume (cluster volumes only)",
                Arguments = "[VOLUME]",
                MinWords = 1,
                MaxWords = 1,
                Options = [s_availability],
                Completes = Candidates.Volumes,
                Run = UpdateAsync,
            },
        ],
    };

    private static async Task<int> CreateAsync(Invocation call)
    {
        string name = call.Words.Count > 0 ? call.Words[0] : call.Get(s_name);
        if (call.Words.Count > 0 && call.Get(s_name).Length > 0) throw new CommandException("conflicting options: cannot specify a volume name through both --name and as a positional arg");
        Dictionary<string, string> labels;
        try
        {
            labels = Requests.SettingFiles.Labels([], call.Get(s_label));
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message, 1, e);
        }
        var volume = await call.Client.CreateVolumeAsync(new VolumeCreateRequest { Name = name, Driver = call.Get(s_driver), DriverOpts = Settings(call), Labels = labels }, call.Cancelled).ConfigureAwait(false);
        call.Out.WriteLine(volume.Name);
        return 0;
    }

    // Options of the local driver by names of their own: the same as -o uid=….
    private static Dictionary<string, string> Settings(Invocation call)
    {
        var settings = new Dictionary<string, string>(call.Get(s_opt), StringComparer.Ordinal);
        foreach (var option in new[] { s_uid, s_gid, s_mode, s_size })
        {
            if (call.Given(option) is { } value && !settings.TryAdd(option.Name, value)) throw new CommandException($"conflicting options: --{option.Name} and --opt {option.Name}");
        }
        return settings;
    }

    private static async Task<int> ListAsync(Invocation call)
    {
        var list = await call.Client.ListVolumesAsync(FilterOption.Read(call, s_filter), call.Cancelled).ConfigureAwait(false);
        var volumes = (list.Volumes ?? []).OrderBy(v => v.Name, StringComparer.Ordinal);
        ListFormat.Write(call.Out, call.ListFormat(s_format, "volumesFormat", call.Get(s_quiet)), Shape, volumes, "{{.Driver}}\t{{.Name}}", call.Get(s_quiet) ? "{{.Name}}" : null);
        foreach (string warning in list.Warnings ?? []) call.Error.WriteLine($"WARNING: {warning}");
        return 0;
    }

    // What docker's client says: there are no cluster volumes without a swarm. One that is not there is told first.
    private static async Task<int> UpdateAsync(Invocation call)
    {
        await call.Client.InspectVolumeJsonAsync(call.Words[0], call.Cancelled).ConfigureAwait(false);
        throw new CommandException("can only update cluster volumes");
    }

    private static Task<int> RemoveAsync(Invocation call) => call.EachAsync(call.Words, async name =>
    {
        await call.Client.RemoveVolumeAsync(name, call.Get(s_force), call.Cancelled).ConfigureAwait(false);
        call.Out.WriteLine(name);
    });

    private static async Task<int> PruneAsync(Invocation call)
    {
        bool all = call.Get(s_all);
        string warning = all ? "WARNING! This will remove all local volumes not used by at least one container." : "WARNING! This will remove anonymous local volumes not used by at least one container.";
        if (!call.Get(s_yes) && !call.Confirm(warning)) return 0;
        var filters = FilterOption.Read(call, s_pruneFilter);
        if (all) filters.Add("all", "true");
        var report = await call.Client.PruneVolumesAsync(filters, call.Cancelled).ConfigureAwait(false);
        if (report.VolumesDeleted is { Count: > 0 } deleted) call.Out.WriteLine("Deleted Volumes:\n" + string.Join('\n', deleted) + "\n");
        call.Out.WriteLine($"Total reclaimed space: {HumanSize.Decimal(report.SpaceReclaimed)}");
        return 0;
    }
}
