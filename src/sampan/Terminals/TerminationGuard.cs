using System.Runtime.InteropServices;

namespace Sampan.Cli.Terminals;

/// <summary>Does one thing before a signal ends the process: the terminal gets its mode back, the signal then takes its course.</summary>
internal sealed class TerminationGuard : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    public TerminationGuard(Action restore) => _registrations =
    [
        .. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, _ => restore())),
    ];

    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }
}
