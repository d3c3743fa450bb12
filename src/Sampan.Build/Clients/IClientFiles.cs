using Sampan.Storage.Building;

namespace Sampan.Build.Clients;

/// <summary>Files that a client listed and can send; disposed, it sends no more.</summary>
public interface IClientFiles : IAsyncDisposable
{
    /// <summary>The list, directories before what is in them.</summary>
    IReadOnlyList<ReceivedFile> Files { get; }

    /// <summary>Fetches what the receiver wants.</summary>
    /// <exception cref="BuildException">The client did not send it.</exception>
    Task FetchAsync(SourceReceiver receiver, CancellationToken ct);
}
