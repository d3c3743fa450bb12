using System.Runtime.InteropServices;

namespace Sampan.Cli.Compose;

/// <summary>Catches ctrl-C and SIGTERM for as long as it lives: the first asks for a clean end, the second for a quick one.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _first = new();
    private readonly CancellationTokenSource _second = new();
    private readonly PosixSignalRegistration[] _registrations;

    public Interruption() => _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Caught), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Caught)];

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Asked => _first.Token;

    /// <summary>Is cancelled by the second signal.</summary>
    public CancellationToken Forced => _second.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    private void Caught(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_first.IsCancellationRequested) _second.Cancel();
        else _first.Cancel();
    }
}
