using System.Text;

namespace Sampan.Server.Tests.Http;

/// <summary>A client of a hijacked connection that sends until it is hung up on, and reads all the same.</summary>
internal static class StillSending
{
    // More than Kestrel takes off a connection that nobody reads.
    private const int Much = (1 << 20) + (64 << 10);

    /// <summary>Asks for a path, and holds what comes to be so many bytes and then the end.</summary>
    internal static async Task GetsAllAsync(Stream stream, string path, int bytes)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"));
        var much = new TaskCompletionSource();
        var sending = SendAsync(stream, much);
        await much.Task;

        var text = await new StreamReader(stream, Encoding.Latin1, leaveOpen: true).ReadToEndAsync();

        text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..].Length.ShouldBe(bytes);
        await stream.DisposeAsync();
        await sending;
    }

    private static async Task SendAsync(Stream stream, TaskCompletionSource much)
    {
        var chunk = new byte[16 << 10];
        try
        {
            for (var sent = 0; ; sent += chunk.Length)
            {
                await stream.WriteAsync(chunk);
                if (sent > Much)
                    much.TrySetResult();
            }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException)
        {
            much.TrySetResult();
        }
    }
}
