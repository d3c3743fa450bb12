namespace Sampan.Engine.Logs.Drivers;

/// <summary>
/// Where a remote driver sends entries: one connection, made at the first <see cref="SendAsync"/>. It may throw at any time; the
/// <see cref="LogShipper"/> disposes it then, makes a new one and sends the entry again, so an entry may arrive twice but is not lost.
/// </summary>
internal interface ILogTarget : IAsyncDisposable
{
    /// <summary>How long a <see cref="SendAsync"/> may take.</summary>
    TimeSpan Patience => TimeSpan.FromSeconds(30);

    /// <summary>Sends one entry, connecting first if need be.</summary>
    /// <exception cref="IOException">The receiver cannot be reached, or refused.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The receiver cannot be reached.</exception>
    Task SendAsync(LogEntry entry, CancellationToken ct);
}
