using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;

namespace Sampan.Cli.Compose;

/// <summary><c>--dry-run</c>, before a command or behind it: what would be done is told, and the engine is only asked.</summary>
internal static class DryRun
{
    private static readonly Option<bool> s_own = new("dry-run", null, "", "Tell what would be done, and do nothing", false, static (_, text) => Values.Boolean(text)) { Hidden = true };

    // They do what the runner does, which tells each step.
    private static readonly string[] s_planned = ["create", "down", "kill", "pause", "restart", "rm", "rollback", "scale", "start", "stop", "unpause", "up"];

    // They change nothing in any case.
    private static readonly string[] s_asking = ["config", "events", "export", "images", "logs", "ls", "port", "ps", "stats", "top", "version", "volumes", "wait"];

    /// <summary>Whether a call is to change nothing.</summary>
    public static bool IsAsked(Invocation call) => call.Group.Get(ComposeOptions.DryRun) || call.Get(s_own);

    /// <summary>A command with the option.</summary>
    public static Command Of(Command command) => command with
    {
        Options = [.. command.Options, s_own],
        Run = call =>
        {
            if (!IsAsked(call) || command.Run is null) return command.Run?.Invoke(call) ?? Task.FromResult(0);
            if (!s_planned.Concat(s_asking).Contains(command.Name, StringComparer.Ordinal)) throw new CommandException($"--dry-run is not supported by 'compose {command.Name}': what it does is not known before it is done");
            if (s_planned.Contains(command.Name, StringComparer.Ordinal)) call.Client.IsReadOnly = true;
            return command.Run(call);
        },
    };
}
