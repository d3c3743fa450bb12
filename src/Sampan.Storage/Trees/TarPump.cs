using Sampan.Storage.Archives;

namespace Sampan.Storage.Trees;

/// <summary>Connects the synchronous work on tars with asynchronous streams; a few MiB lie between, whatever the archive's size.</summary>
public static class TarPump
{
    /// <summary>Runs <paramref name="work"/> and sends what it writes to <paramref name="target"/>.</summary>
    public static Task WriteAsync(Stream target, Action<Stream> work, CancellationToken ct) => StreamPump.WriteAsync(target, work, ct);

    /// <summary>Runs <paramref name="work"/> on what <paramref name="source"/> gives.</summary>
    public static Task ReadAsync(Stream source, Action<Stream> work, CancellationToken ct) => StreamPump.ReadAsync(
        source,
        stream =>
        {
            work(stream);
            return true;
        },
        ct);
}
