using Sampan.Cli.Arguments;
using Sampan.Cli.Tables;
using Sampan.DockerApi.Plugins;

namespace Sampan.Cli.Commands.Plugins;

/// <summary>plugin ls, enable, disable, rm, set, and the group of all.</summary>
internal static class PluginVerbs
{
    private static readonly Option<IReadOnlyList<string>> s_filter = FilterOption.New("Show only what matches: capability, enabled");
    private static readonly Option<string> s_format = ListFormat.Option();
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't cut ids and descriptions");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Show ids only");
    private static readonly Option<bool> s_disableForce = Option.Flag("force", 'f', "Disable it though volumes are of it");
    private static readonly Option<bool> s_removeForce = Option.Flag("force", 'f', "Remove it though it is enabled or volumes are of it");
    private static readonly Option<long?> s_timeout = Option.Number("timeout", null, "How long it may take until the plugin answers, in seconds (default 30)");

    public static Command Group { get; } = new()
    {
        Name = "plugin",
        Summary = "Manage plugins",
        Subcommands =
        [
            PluginCreateCommand.Command,
            new()
            {
                Name = "disable",
                Summary = "Disable a plugin",
                Details = "Its process ends, what it mounted goes. One that volumes are of is not disabled without --force.",
                Arguments = "PLUGIN",
                MinWords = 1,
                MaxWords = 1,
                Options = [s_disableForce],
                Completes = Candidates.EnabledPlugins,
                Run = DisableAsync,
            },
            new()
            {
                Name = "enable",
                Summary = "Enable a plugin",
                Details = "Its process runs from then on, also when the daemon or the machine is started again.",
                Arguments = "PLUGIN",
                MinWords = 1,
                MaxWords = 1,
                Options = [s_timeout],
                Completes = Candidates.DisabledPlugins,
                Run = EnableAsync,
            },
            InspectCommand.Plugin,
            PluginInstallCommand.Install,
            new() { Name = "ls", OtherNames = ["list"], Summary = "List plugins", Aliases = ["plugin ls", "plugin list"], MaxWords = 0, Options = [s_filter, s_format, s_noTrunc, s_quiet], Run = ListAsync },
            PluginPushCommand.Command,
            new()
            {
                Name = "rm",
                OtherNames = ["remove"],
                Summary = "Remove one or more plugins",
                Details = "With a plugin go its files and what it keeps in them.",
                Aliases = ["plugin rm", "plugin remove"],
                Arguments = "PLUGIN [PLUGIN...]",
                MinWords = 1,
                Options = [s_removeForce],
                Completes = Candidates.Plugins,
                Run = call => call.EachAsync(call.Words, async name =>
                {
                    await call.Client.RemovePluginAsync(name, call.Get(s_removeForce), call.Cancelled).ConfigureAwait(false);
                    call.Out.WriteLine(name);
                }),
            },
            new()
            {
                Name = "set",
                Summary = "Change settings of a disabled plugin",
                Details = "KEY is a variable's name, or NAME.source of a mount, NAME.path of a device, or the name of the arguments: what the plugin lets be set\n('plugin inspect' shows it as Settable).",
                Arguments = "PLUGIN KEY=VALUE [KEY=VALUE...]",
                MinWords = 2,
                Completes = Candidates.DisabledPlugins,
                Run = SetAsync,
            },
            PluginInstallCommand.Upgrade,
        ],
    };

    /// <summary>The columns of plugin ls.</summary>
    /// <param name="full">Nothing is cut.</param>
    internal static RowShape<PluginInspect> Shape(bool full) => new("plugin",
    [
        new("ID", "ID", p => full || p.Id.Length <= 12 ? p.Id : p.Id[..12]),
        new("Name", "NAME", p => p.Name),
        new("Description", "DESCRIPTION", p => Description(p, full)),
        new("Enabled", "ENABLED", p => p.Enabled),
        new("PluginReference", "PLUGIN REFERENCE", p => p.PluginReference ?? ""),
    ]);

    private static string Description(PluginInspect plugin, bool full)
    {
        const int Shown = 45;
        string text = plugin.Config.ValueKind == System.Text.Json.JsonValueKind.Object && plugin.Config.TryGetProperty("Description", out var description) ? description.GetString() ?? "" : "";
        text = text.Replace('\n', ' ').Replace('\r', ' ');
        return full || text.Length <= Shown ? text : text[..(Shown - 1)] + "…";
    }

    private static async Task<int> ListAsync(Invocation call)
    {
        var plugins = await call.Client.ListPluginsAsync(FilterOption.Read(call, s_filter), call.Cancelled).ConfigureAwait(false);
        ListFormat.Write(
            call.Out, call.ListFormat(s_format, "pluginsFormat", call.Get(s_quiet)), Shape(call.Get(s_noTrunc)), plugins.OrderBy(p => p.Name, StringComparer.Ordinal),
            "{{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}", call.Get(s_quiet) ? "{{.ID}}" : null);
        return 0;
    }

    private static async Task<int> EnableAsync(Invocation call)
    {
        long seconds = call.Get(s_timeout) ?? 30;
        if (seconds is < 0 or > int.MaxValue) throw new CommandException($"invalid timeout {seconds}: expected a number of seconds");
        await call.Client.EnablePluginAsync(call.Words[0], (int)seconds, call.Cancelled).ConfigureAwait(false);
        call.Out.WriteLine(call.Words[0]);
        return 0;
    }

    private static async Task<int> DisableAsync(Invocation call)
    {
        await call.Client.DisablePluginAsync(call.Words[0], call.Get(s_disableForce), call.Cancelled).ConfigureAwait(false);
        call.Out.WriteLine(call.Words[0]);
        return 0;
    }

    private static async Task<int> SetAsync(Invocation call)
    {
        await call.Client.SetPluginAsync(call.Words[0], [.. call.Words.Skip(1)], call.Cancelled).ConfigureAwait(false);
        return 0;
    }
}
