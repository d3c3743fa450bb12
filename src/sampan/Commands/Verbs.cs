using Sampan.Cli.Arguments;
using Sampan.Cli.Commands.Containers;
using Sampan.Cli.Commands.Engine;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Commands.Networks;
using Sampan.Cli.Commands.Plugins;
using Sampan.Cli.Commands.Volumes;
using Sampan.Cli.Completion;
using Sampan.Cli.Hosts;
using Sampan.Cli.Registries;

namespace Sampan.Cli.Commands;

/// <summary>All commands, in their tree.</summary>
internal static class Verbs
{
    private const string NoSwarm = "the engine is of one machine and in no swarm; 'sampan compose' runs applications of several services";

    private static readonly string[] s_common = ["run", "exec", "ps", "pull", "images", "version", "info"];

    public static Command Root { get; } = new()
    {
        Name = "sampan",
        Summary = "A container engine: builds, ships and runs Docker images",
        Details = "The engine is found by --host, SAMPAN_HOST, DOCKER_HOST, or at unix:///run/sampan/sampan.sock, in that order.",
        OptionsEndAtFirstWord = true,
        Options = GlobalOptions.All,
        Shortcut = Frequent,
        Later = () => ([], All()),
    };

    public static bool IsCommon(string name) => s_common.Contains(name, StringComparer.Ordinal);

    // Making all commands with all their options takes as long as what one of these does.
    private static Command? Frequent(string name) => name switch
    {
        "create" => CreateCommand.Command,
        "exec" => ExecCommand.Command,
        "images" => ImageVerbs.Images,
        "inspect" => InspectCommand.Any,
        "logs" => LogsCommand.Command,
        "ps" => ListCommand.Ps,
        "run" => RunCommand.Command,
        "start" => StartCommand.Command,
        "stats" => StatsCommand.Command,
        "kill" or "rm" or "stop" or "wait" => ContainerVerbs.All.First(command => command.Name == name),
        _ => null,
    };

    private static Command[] All() =>
    [
        AttachCommand.Command, BuildCommand.Command, CommitCommand.Command, CopyCommand.Command, CreateCommand.Command, EventsCommand.Command, ExecCommand.Command, ImageVerbs.History, ImageVerbs.Images, ArchiveVerbs.Import,
        InfoCommand.Command, InspectCommand.Any, ArchiveVerbs.Load, LoginCommand.Login, LoginCommand.Logout, LogsCommand.Command, PortCommand.Command, ListCommand.Ps, ArchiveVerbs.Pull, PushCommand.Command, ImageVerbs.Rmi,
        RunCommand.Command, ArchiveVerbs.Save, SearchCommand.Command, StartCommand.Command, StatsCommand.Command, ImageVerbs.Tag, TopCommand.Command, VersionCommand.Command,
        DiffCommand.Diff, DiffCommand.Export,
        .. ContainerVerbs.All,
        new()
        {
            Name = "container",
            Summary = "Manage containers",
            Subcommands =
            [
                AttachCommand.Command, CommitCommand.Command, CopyCommand.Command, CreateCommand.Command, ExecCommand.Command, InspectCommand.Container, ListCommand.Ls, LogsCommand.Command, PortCommand.Command,
                PruneCommands.Containers, RunCommand.Command, StartCommand.Command, StatsCommand.Command, TopCommand.Command, DiffCommand.Diff, DiffCommand.Export,
                .. ContainerVerbs.All,
            ],
        },
        new()
        {
            Name = "image",
            Summary = "Manage images",
            Subcommands =
            [
                BuildCommand.Command, ExplainCommand.Command, ImageVerbs.History, ArchiveVerbs.Import, InspectCommand.Image, ArchiveVerbs.Load, ImageVerbs.Ls, ImageVerbs.Prune, ArchiveVerbs.Pull, PushCommand.Command, ReferrersCommand.Command, ImageVerbs.Rm,
                ArchiveVerbs.Save, ImageVerbs.Tag,
            ],
        },
        new()
        {
            Name = "builder",
            Summary = "Manage builds",
            Subcommands = [BuildCommand.Command, PastBuildCommands.History, PastBuildCommands.Inspect, PastBuildCommands.Logs, BuildCommand.Prune],
        },
        Compose.ComposeVerbs.Group,
        NetworkVerbs.Group,
        PluginVerbs.Group,
        VolumeVerbs.Group,
        new()
        {
            Name = "system",
            Summary = "Manage Sampan",
            Subcommands = [AuditCommand.Command, CheckCommand.Command, DiskUsageCommand.Command, EventsCommand.Command, InfoCommand.Command, PruneCommands.System],
        },
        CompletionCommand.Command,
        CompletionCommand.Complete,
        .. new[] { "config", "node", "secret", "service", "stack", "swarm" }.Select(name => Command.Refused(name, NoSwarm)),
        Command.Refused("buildx", "the engine has one builder, which 'sampan build' and 'sampan builder' speak to; 'docker buildx' works with it, too"),
        Command.Refused("checkpoint", "processes are not frozen into files and thawed again; 'pause' and 'unpause' hold them in memory"),
        Command.Refused("context", "contexts are docker's; name the engine with --host, SAMPAN_HOST or DOCKER_HOST"),
        Command.Refused("manifest", "it works on registries alone, without an engine: docker's own does, whatever engine there is"),
        Command.Refused("trust", "signatures of Docker's Content Trust are not made or checked"),
    ];
}
