using System.Runtime.InteropServices;

namespace Sampand.Host;

/// <summary>Signals that are requests.</summary>
internal static class Signals
{
    /// <summary>Does something at a signal, in place of what it does by itself.</summary>
    internal static PosixSignalRegistration On(PosixSignal signal, Action work) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            work();
        });
}
