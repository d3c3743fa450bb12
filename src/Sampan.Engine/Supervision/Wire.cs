namespace Sampan.Engine.Supervision;

/// <summary>A connection to standard streams.</summary>
/// <param name="Stream">Reads output (Docker's frames, or raw bytes on a terminal); writes input.</param>
/// <param name="CloseInput">Says that no more input comes; output goes on.</param>
internal sealed record Wire(Stream Stream, Func<Task> CloseInput) : IAsyncDisposable
{
    /// <summary>Hangs up.</summary>
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
