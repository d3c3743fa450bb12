using Sampan.Cli.Arguments;

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
        Later = static () => (ComposeOptions.All, All()),
    };

    private static Command[] All() =>
    [
        AttachedVerbs.Attach, BuildCommand.Command, ConfigCommand.Command, AttachedVerbs.Copy, UpCommand.Create, DownCommand.Command, EventsCommand.Command, AttachedVerbs.Exec, AttachedVerbs.Export, AttachedVerbs.Commit, ListVerbs.Images, ServiceVerbs.Kill,
        LogsCommand.Command, ListVerbs.Ls, ServiceVerbs.Pause, ListVerbs.Port, ListVerbs.Ps, ImageVerbs.Pull, ImageVerbs.Push, ServiceVerbs.Restart, ServiceVerbs.Rm, RunCommand.Command, UpCommand.Scale,
        ServiceVerbs.Start, AttachedVerbs.Stats, ServiceVerbs.Stop, ListVerbs.Top, ServiceVerbs.Unpause, UpCommand.Up, ListVerbs.Version, ListVerbs.Volumes, ServiceVerbs.Wait,
        Refused("watch", "Watch build contexts and update services when files change", "watching is not there yet"),
    ];

    /// <summary>A command that docker's tool has and this one has not yet.</summary>
    private static Command Refused(string name, string summary, string reason) => new()
    {
        Name = name,
        Summary = summary,
        Hidden = true,
        Run = _ => throw new Commands.CommandException($"'compose {name}' is not supported: {reason}"),
    };
}
