using Sampan.Cli.Terminals;
using Sampan.DockerApi.Client;
using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Containers;

/// <summary>What run, start -a, attach and exec do around a session: forwarding signals, following the terminal's size.</summary>
internal static class AttachedContainer
{
    /// <summary>
    /// Forwards signals to the container while <paramref name="act"/> runs, if <paramref name="proxy"/> says so. Who asks for the end three times gets it,
    /// also of a program that does not care: the command ends, the container is left. Not on a terminal in raw mode, which only the command's own end gives back.
    /// </summary>
    public static async Task<T> WithSignalsAsync<T>(Invocation call, string id, bool proxy, Func<Task<T>> act, bool isRaw = false)
    {
        if (!proxy) return await act().ConfigureAwait(false);
        int asked = 0;
        var relay = SignalRelay.Forward(async name =>
        {
            // Here, as the command itself may be waiting in the kernel.
            if (!isRaw && (name is "INT" or "TERM") && ++asked == 3) GiveUp(call);
            try
            {
                await call.Client.KillContainerAsync(id, name, call.Cancelled).ConfigureAwait(false);
            }
            catch (DockerApiException e) when (e.StatusCode is 404 or 409)
            {
                // Not yet started or ended already: there is nobody to get the signal.
            }
        });
        await using (relay.ConfigureAwait(false)) return await act().ConfigureAwait(false);
    }

    /// <summary>
    /// Tells the container's terminal our size now and at each change while <paramref name="act"/> runs. With
    /// <paramref name="redraw"/> it is told another size first: the program sees a change and draws itself for whoever has come.
    /// </summary>
    public static async Task<T> WithResizeAsync<T>(bool tty, Func<int, int, Task> resize, Func<Task<T>> act, bool redraw = false)
    {
        if (!tty) return await act().ConfigureAwait(false);
        if (redraw) await SendSizeAsync((rows, columns) => resize(rows + 1, columns + 1)).ConfigureAwait(false);
        await SendSizeAsync(resize).ConfigureAwait(false);
        var relay = SignalRelay.OnResize(() => SendSizeAsync(resize));
        await using (relay.ConfigureAwait(false)) return await act().ConfigureAwait(false);
    }

    private static void GiveUp(Invocation call)
    {
        call.Error.WriteLine("\ngot 3 SIGTERM/SIGINTs, forcefully exiting");
        Environment.Exit(1);
    }

    private static async Task SendSizeAsync(Func<int, int, Task> resize)
    {
        if (TerminalMode.Size(1) is not var (rows, columns)) return;
        try
        {
            await resize(rows, columns).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.StatusCode is not null)
        {
            // A container that has just ended has no terminal left to resize; nothing the user asked for failed.
        }
    }
}
