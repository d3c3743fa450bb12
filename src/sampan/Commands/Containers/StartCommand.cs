using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Terminals;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Containers;

/// <summary>start: several in the background, or one with our streams joined to it.</summary>
internal static class StartCommand
{
    private static readonly Option<bool> s_attach = Option.Flag("attach", 'a', "Show its output and pass signals on");
    private static readonly Option<bool> s_interactive = Option.Flag("interactive", 'i', "Attach its stdin");

    public static Command Command { get; } = new()
    {
        Name = "start",
        Summary = "Start one or more stopped containers",
        Aliases = ["container start", "start"],
        Arguments = "CONTAINER [CONTAINER...]",
        MinWords = 1,
        Options =
        [
            s_attach, RunCommand.DetachKeysOption, s_interactive,
            Option.Refused("checkpoint", null, "string", "Restore from a checkpoint", "checkpoints are not built in"),
            Option.Refused("checkpoint-dir", null, "string", "Directory of checkpoints", "checkpoints are not built in"),
        ],
        Completes = Candidates.StoppedContainers,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        bool attach = call.Get(s_attach) || call.Get(s_interactive);
        if (!attach)
        {
            call.Client.IsSequential = true;
            var failed = call.Words.ToList();
            int code = await call.EachAsync(call.Words, async name =>
            {
                await call.Client.StartContainerAsync(name, call.DetachKeys(RunCommand.DetachKeysOption), call.Cancelled).ConfigureAwait(false);
                failed.Remove(name);
                call.Out.WriteLine(name);
            }).ConfigureAwait(false);
            if (code != 0) throw new CommandException($"Error: failed to start containers: {string.Join(", ", failed)}");
            return code;
        }
        if (call.Words.Count > 1) throw new CommandException("you cannot start and attach multiple containers at once");
        var container = await call.Client.InspectContainerAsync(call.Words[0], cancellationToken: call.Cancelled).ConfigureAwait(false);
        bool tty = container.Config?.Tty == true;
        bool input = call.Get(s_interactive) && container.Config?.OpenStdin == true;
        byte[] keys = RunCommand.ParseKeys(call, 1);
        return await AttachedContainer.WithSignalsAsync(call, container.Id, !tty, async () =>
        {
            var stream = await call.Client.AttachContainerAsync(container.Id, new AttachRequest { Stdin = input, DetachKeys = call.DetachKeys(RunCommand.DetachKeysOption) }, call.Cancelled).ConfigureAwait(false);
            using var session = new AttachedSession(stream, call.Io, tty, input, true, keys);
            var wait = await call.Client.WaitContainerAsync(container.Id, container.HostConfig?.AutoRemove == true ? "removed" : "next-exit", call.Cancelled).ConfigureAwait(false);
            await call.Client.StartContainerAsync(container.Id, call.DetachKeys(RunCommand.DetachKeysOption), call.Cancelled).ConfigureAwait(false);
            bool detached = await AttachedContainer.WithResizeAsync(
                tty && StandardIo.OutIsTerminal, (rows, columns) => call.Client.ResizeContainerAsync(container.Id, rows, columns, call.Cancelled), () => session.RunAsync(call.Cancelled)).ConfigureAwait(false);
            session.Restore();
            return detached ? 0 : (int)(await wait.ReadAsync().ConfigureAwait(false)).StatusCode;
        }).ConfigureAwait(false);
    }
}
