using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Sampan.Cli.Terminals;

/// <summary>Catches signals for as long as it lives and hands them to one handler, in order.</summary>
internal sealed class SignalRelay : IAsyncDisposable
{
    // Those that a user or a supervisor sends; SIGCHLD, SIGPIPE and the runtime's own stay with us.
    private static readonly (PosixSignal Signal, string Name)[] s_forwarded =
    [
        (PosixSignal.SIGHUP, "HUP"), (PosixSignal.SIGINT, "INT"), (PosixSignal.SIGQUIT, "QUIT"), (PosixSignal.SIGTERM, "TERM"), (PosixSignal.SIGCONT, "CONT"),
        (PosixSignal.SIGTSTP, "TSTP"), ((PosixSignal)10, "USR1"), ((PosixSignal)12, "USR2"), ((PosixSignal)14, "ALRM"),
    ];

    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Channel<string> _signals = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly Task _loop;

    private SignalRelay(Func<string, Task> handle) => _loop = RunAsync(handle);

    /// <summary>Passes each signal, by name without SIG, to <paramref name="handle"/>.</summary>
    public static SignalRelay Forward(Func<string, Task> handle)
    {
        var relay = new SignalRelay(handle);
        foreach (var (signal, name) in s_forwarded) relay.Catch(signal, name);
        return relay;
    }

    /// <summary>Calls <paramref name="handle"/> whenever the terminal's size changes.</summary>
    public static SignalRelay OnResize(Func<Task> handle)
    {
        var relay = new SignalRelay(_ => handle());
        relay.Catch(PosixSignal.SIGWINCH, "WINCH");
        return relay;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _signals.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private void Catch(PosixSignal signal, string name) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _signals.Writer.TryWrite(name);
    }));

    private async Task RunAsync(Func<string, Task> handle)
    {
        await foreach (string name in _signals.Reader.ReadAllAsync().ConfigureAwait(false)) await handle(name).ConfigureAwait(false);
    }
}
