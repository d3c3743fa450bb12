using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Terminals;
using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Containers;

/// <summary>attach: joins our streams with those of a running container.</summary>
internal static class AttachCommand
{
    private static readonly Option<bool> s_noStdin = Option.Flag("no-stdin", null, "Don't attach stdin");

    public static Command Command { get; } = new()
    {
        Name = "attach",
        Summary = "Attach local standard input, output, and error streams to a running container",
        Details = "Leave it running with ctrl-p ctrl-q (it must have a terminal), or other --detach-keys.",
        Aliases = ["container attach", "attach"],
        Arguments = "CONTAINER",
        MinWords = 1,
        MaxWords = 1,
        Options = [RunCommand.DetachKeysOption, s_noStdin, RunCommand.SigProxy],
        Completes = Candidates.RunningContainers,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var container = await call.Client.InspectContainerAsync(call.Words[0], cancellationToken: call.Cancelled).ConfigureAwait(false);
        if (container.State is not { Running: true } state) throw new CommandException("You cannot attach to a stopped container, start it first");
        if (state.Paused) throw new CommandException("You cannot attach to a paused container, unpause it first");
        if (state.Restarting) throw new CommandException("You cannot attach to a restarting container, wait until it is running");
        bool tty = container.Config?.Tty == true;
        bool input = !call.Get(s_noStdin) && container.Config?.OpenStdin == true;
        if (input && tty && !StandardIo.InIsTerminal) throw new CommandException("the input device is not a TTY");
        byte[] keys = RunCommand.ParseKeys(call, 1);
        return await AttachedContainer.WithSignalsAsync(call, container.Id, call.Get(RunCommand.SigProxy) && !tty, async () =>
        {
            var wait = await call.Client.WaitContainerAsync(container.Id, null, call.Cancelled).ConfigureAwait(false);
            var stream = await call.Client.AttachContainerAsync(container.Id, new AttachRequest { Stdin = input, DetachKeys = call.DetachKeys(RunCommand.DetachKeysOption) }, call.Cancelled).ConfigureAwait(false);
            using var session = new AttachedSession(stream, call.Io, tty, input, true, keys);
            bool detached = await AttachedContainer.WithResizeAsync(
                tty && StandardIo.OutIsTerminal, (rows, columns) => call.Client.ResizeContainerAsync(container.Id, rows, columns, call.Cancelled), () => session.RunAsync(call.Cancelled), redraw: true).ConfigureAwait(false);
            session.Restore();
            if (detached) throw new CommandException("read escape sequence");
            return (int)(await wait.ReadAsync().ConfigureAwait(false)).StatusCode;
        }).ConfigureAwait(false);
    }
}
