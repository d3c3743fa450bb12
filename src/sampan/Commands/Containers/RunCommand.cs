using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Requests;
using Sampan.Cli.Terminals;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Containers;
using Sampan.Linux.Io;
using O = Sampan.Cli.Requests.CreateOptions;

namespace Sampan.Cli.Commands.Containers;

/// <summary>
/// run: (1) create, fetching the image if need be (2) attach (3) begin to wait, so that no exit is missed (4) start
/// (5) join the streams (6) the exit code. Detached: create, start, print the id.
/// </summary>
internal static class RunCommand
{
    private static readonly Option<bool> s_detach = Option.Flag("detach", 'd', "Leave it in the background and print its id");
    internal static readonly Option<string> DetachKeysOption = Option.Text("detach-keys", null, "string", "Keys that leave it in the background (default ctrl-p,ctrl-q)");
    internal static readonly Option<bool> SigProxy = Option.Flag("sig-proxy", null, "Pass received signals on to the process", initial: true);

    public static Command Command { get; } = new()
    {
        Name = "run",
        Summary = "Create and run a new container from an image",
        Details = "The image is fetched if it isn't there. Options end at the image's name: what follows is the\ncommand and its arguments. The exit code is that of the command, or 125 if the container could\nnot be made, 126 if the command can't be executed, 127 if it can't be found.",
        Aliases = ["container run", "run"],
        Arguments = "IMAGE [COMMAND] [ARG...]",
        MinWords = 1,
        OptionsEndAtFirstWord = true,
        Options = [.. CreateOptions.All.Append(s_detach).Append(DetachKeysOption).Append(SigProxy).OrderBy(o => o.Name, StringComparer.Ordinal)],
        Completes = Candidates.Images,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        bool detach = call.Get(s_detach);
        if (detach && call.Get(O.Attach).Count > 0) throw new CommandException("conflicting options: cannot specify both --attach and --detach", 125);
        var request = ContainerCreation.Request(call, "run", detach);
        byte[] keys = ParseKeys(call, 125);
        if (request.AttachStdin && request.Tty && !StandardIo.InIsTerminal) throw new CommandException("the input device is not a TTY", 1);
        if (request.Tty && TerminalMode.Size(1) is var (rows, columns)) request = request with { HostConfig = (request.HostConfig ?? new HostConfig()) with { ConsoleSize = [rows, columns] } };
        // Without input there is never more than one thing to wait for: the output, then the exit.
        call.Client.IsSequential = !request.AttachStdin;
        string id;
        try
        {
            id = await ContainerCreation.CreateAsync(call, request).ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            throw StartFailure.WithHelp(e.Message, "run", 125, e);
        }
        catch (DockerApiException e) when (Failure.IsOfOne(e))
        {
            throw StartFailure.WithHelp(Failure.Text(e), "run", 125, e);
        }
        catch (DockerApiException e)
        {
            throw StartFailure.WithHelp(Failure.Unreachable(e, call.Client.Endpoint), "run", 125, e);
        }
        return detach ? await StartDetachedAsync(call, id).ConfigureAwait(false)
            : await AttachedContainer.WithSignalsAsync(call, id, call.Get(SigProxy), () => RunAttachedAsync(call, id, request, keys), isRaw: request.Tty).ConfigureAwait(false);
    }

    internal static byte[] ParseKeys(Invocation call, int exitCode)
    {
        try
        {
            return DetachKeys.Parse(call.DetachKeys(DetachKeysOption) ?? "");
        }
        catch (FormatException e)
        {
            throw new CommandException(e.Message, exitCode, e);
        }
    }

    private static async Task<int> StartDetachedAsync(Invocation call, string id)
    {
        try
        {
            await call.Client.StartContainerAsync(id, call.DetachKeys(DetachKeysOption), call.Cancelled).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.StatusCode is not null)
        {
            // The container exists all the same: docker prints its id before the error.
            call.Out.WriteLine(id);
            throw StartFailure.For(e, "run");
        }
        call.Out.WriteLine(id);
        return 0;
    }

    private static async Task<int> RunAttachedAsync(Invocation call, string id, ContainerCreateRequest request, byte[] keys)
    {
        bool output = request.AttachStdout || request.AttachStderr;
        AttachedSession? session = null;
        if (request.AttachStdin || output)
        {
            var stream = await call.Client.AttachContainerAsync(
                id, new AttachRequest { Stdin = request.AttachStdin, Stdout = request.AttachStdout, Stderr = request.AttachStderr, DetachKeys = call.DetachKeys(DetachKeysOption) }, call.Cancelled).ConfigureAwait(false);
            session = new AttachedSession(stream, call.Io, request.Tty, request.AttachStdin, output, keys, signalsGoOn: call.Get(SigProxy));
        }
        using (session)
        {
            bool remove = request.HostConfig?.AutoRemove == true;
            var wait = await call.Client.WaitContainerAsync(id, remove ? "removed" : "next-exit", call.Cancelled).ConfigureAwait(false);
            try
            {
                await call.Client.StartContainerAsync(id, call.DetachKeys(DetachKeysOption), call.Cancelled).ConfigureAwait(false);
            }
            catch (DockerApiException e) when (e.StatusCode is not null)
            {
                session?.Dispose();
                if (remove) await IgnoreAsync(Task.Run(wait.ReadAsync)).ConfigureAwait(false);
                throw StartFailure.For(e, "run");
            }
            if (session is null)
            {
                call.Out.WriteLine(id);
                return 0;
            }
            bool detached = await AttachedContainer.WithResizeAsync(
                request.Tty && StandardIo.OutIsTerminal, (rows, columns) => call.Client.ResizeContainerAsync(id, rows, columns, call.Cancelled), () => session.RunAsync(call.Cancelled)).ConfigureAwait(false);
            session.Restore();
            if (detached) return 0;
            WaitResponse result;
            try
            {
                result = await wait.ReadAsync().ConfigureAwait(false);
            }
            catch (DockerApiException e)
            {
                throw new CommandException($"error waiting for container: {e.Message}", 125, e);
            }
            if (result.Error is { Message.Length: > 0 } error) throw new CommandException($"Error waiting for container: {error.Message}", 125);
            return (int)result.StatusCode;
        }
    }

    /// <summary>The removal of a container that never ran: only its end matters here, the start's error is what counts.</summary>
    private static async Task IgnoreAsync(Task<WaitResponse> wait)
    {
        try
        {
            await wait.WaitAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is DockerApiException or TimeoutException)
        {
            // Removed already, or the engine has trouble removing it; the start's error is thrown by the caller.
        }
    }
}
