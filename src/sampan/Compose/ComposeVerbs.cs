using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;

namespace Sampan.Cli.Compose;

/// <summary>compose and its commands. Their tables are made when compose is called, and not when another command starts.</summary>
internal static class ComposeVerbs
{
    public static Command Group { get; } = new()
    {
        Name = "compose",
        Summary = "Define and run applications of several containers",
        Details = "Files are those of the Compose Specification. Without -f it is compose.yaml here or in a directory above.",
        OptionsEndAtFirstWord = true,
        Later = static () => (ComposeOptions.All, [.. All().Select(DryRun.Of)]),
    };

    private static Command[] All() =>
    [
        AttachedVerbs.Attach, BuildCommand.Command, ConfigCommand.Command, AttachedVerbs.Copy, UpCommand.Create, DownCommand.Command, EventsCommand.Command, AttachedVerbs.Exec, AttachedVerbs.Export, AttachedVerbs.Commit, ListVerbs.Images, ServiceVerbs.Kill,
        LogsCommand.Command, ListVerbs.Ls, ServiceVerbs.Pause, ListVerbs.Port, ListVerbs.Ps, ImageVerbs.Pull, ImageVerbs.Push, ServiceVerbs.Restart, ServiceVerbs.Rm, ServiceVerbs.Rollback, RunCommand.Command, UpCommand.Scale,
        ServiceVerbs.Start, AttachedVerbs.Stats, ServiceVerbs.Stop, ListVerbs.Top, ServiceVerbs.Unpause, UpCommand.Up, ListVerbs.Version, ListVerbs.Volumes, ServiceVerbs.Wait, WatchCommand.Command,
        Missing("publish", "a project is not made an artifact of a registry: send its files, and its images with 'compose push'"),
        Missing("bridge", "projects are not translated for other engines"),
        Missing("alpha", "what was tried there has become a command of its own, or nothing"),
    ];

    // What docker's tool has, told apart from typing errors.
    private static Command Missing(string name, string reason) => new()
    {
        Name = name,
        Summary = reason,
        Hidden = true,
        OptionsEndAtFirstWord = true,
        Run = _ => throw new CommandException($"'compose {name}' is not supported: {reason}"),
    };
}
