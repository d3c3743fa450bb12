using System.Globalization;
using System.Net.Sockets;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Storage;
using Sampan.Storage.Registry;
using Sampand.Configuration;

namespace Sampand.Registry;

/// <summary>
/// A socket in a registry's root, which is its owner's alone, by which <c>sampand registry gc</c> asks the registry that serves the root to
/// collect: it alone knows what is just being pushed. A line each way: <c>collect [dry-run] [untagged]</c>, then <c>ok N N N N</c> (as in
/// <see cref="Collected"/>) or <c>error WHY</c>.
/// </summary>
internal sealed class RegistryControl : IAsyncDisposable
{
    private const string FileName = "control.sock";
    private const int MaxLine = 64 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Func<bool, bool, CancellationToken, Collected> _collect;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="socket">Takes connections already.</param>
    /// <param name="collect">Collects: whether only to look, whether what has no tag, too.</param>
    /// <param name="time">The clock for its pauses.</param>
    internal RegistryControl(Socket socket, Func<bool, bool, CancellationToken, Collected> collect, TimeProvider time)
    {
        (_socket, _collect, _time) = (socket, collect, time);
        _loop = ServeAsync();
    }

    /// <summary>Begins to listen; the caller holds the root's lock.</summary>
    /// <param name="root">The registry's root.</param>
    /// <param name="collect">Collects: whether only to look, whether what has no tag, too.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SocketException">The file system has no room or no sockets.</exception>
    internal static RegistryControl Listen(string root, Func<bool, bool, CancellationToken, Collected> collect, TimeProvider time)
    {
        File.Delete(Path.Combine(root, FileName));
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // The name of a socket has 108 bytes at most, the root's path may have more.
            using var directory = DirectoryHandle.Open(root);
            socket.Bind(new UnixDomainSocketEndPoint($"{directory.Descriptor.ProcPath}/{FileName}"));
            socket.Listen();
            return new RegistryControl(socket, collect, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks the registry that serves a root to collect.</summary>
    /// <returns>Null: none answers.</returns>
    /// <exception cref="ConfigurationException">It answers that it could not.</exception>
    internal static async Task<Collected?> AskAsync(string root, bool dryRun, bool untagged, CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var directory = DirectoryHandle.Open(root);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint($"{directory.Descriptor.ProcPath}/{FileName}"), ct);
            await using var stream = new NetworkStream(socket);
            await using var writer = new StreamWriter(stream) { NewLine = "\n" };
            await writer.WriteLineAsync($"collect{(dryRun ? " dry-run" : "")}{(untagged ? " untagged" : "")}".AsMemory(), ct);
            await writer.FlushAsync(ct);
            using var reader = new StreamReader(stream);
            return await reader.ReadLineAsync(ct) is { } answer ? Read(answer) : null;
        }
        catch (Exception gone) when (gone is SocketException or IOException or LinuxException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private static Collected Read(string answer)
    {
        var words = answer.Split(' ');
        if (words is ["ok", var manifests, var links, var blobs, var bytes])
        {
            return new Collected(
                int.Parse(manifests, CultureInfo.InvariantCulture), int.Parse(links, CultureInfo.InvariantCulture), int.Parse(blobs, CultureInfo.InvariantCulture), long.Parse(bytes, CultureInfo.InvariantCulture));
        }
        throw new ConfigurationException(answer.StartsWith("error ", StringComparison.Ordinal) ? answer["error ".Length..] : $"unexpected answer '{answer}'");
    }

    // One after the other: so are collections.
    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _socket.AcceptAsync(_stop.Token);
                await AnswerAsync(client);
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or InvalidOperationException)
            {
                // It stops, or who asked went away.
            }
            catch (SocketException)
            {
                // No descriptors, say: for as long as that lasts, who tries again at once keeps a processor busy.
                await Task.Delay(s_pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        patience.CancelAfter(s_patience);
        await using var stream = new NetworkStream(client);
        var words = (await ReadLineAsync(stream, patience.Token)).Split(' ');
        await using var writer = new StreamWriter(stream) { NewLine = "\n" };
        await writer.WriteLineAsync((await Task.Run(() => Collect(words), CancellationToken.None)).AsMemory(), _stop.Token);
    }

    private static async Task<string> ReadLineAsync(NetworkStream stream, CancellationToken ct)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (line.Count < MaxLine && await stream.ReadAsync(one, ct) == 1 && one[0] != '\n')
            line.Add(one[0]);
        return System.Text.Encoding.ASCII.GetString([.. line]);
    }

    private string Collect(string[] words)
    {
        if (words[0] != "collect" || words.Skip(1).FirstOrDefault(word => word is not ("dry-run" or "untagged")) is not null)
            return $"error this registry does not know '{string.Join(' ', words)}': is it of another version?";
        try
        {
            var done = _collect(words.Contains("dry-run"), words.Contains("untagged"), _stop.Token);
            return string.Create(CultureInfo.InvariantCulture, $"ok {done.Manifests} {done.Links} {done.Blobs} {done.Bytes}");
        }
        catch (OperationCanceledException)
        {
            return "error the registry is stopping";
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or LinuxException or StorageException)
        {
            return $"error {failed.Message.ReplaceLineEndings(" ")}";
        }
    }
}
