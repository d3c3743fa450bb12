using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sampan.DockerApi.Client;

/// <summary>
/// One HTTP/1.1 connection to an engine. Our own instead of HttpClient because the command line lives for milliseconds:
/// start plus one request over a Unix socket took 3.1 ms with HttpClient linked in (6.3 MB) and 2.0 ms without (1.8 MB),
/// and because attach and exec need the socket itself, to close one direction of it.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    // One of them.
    private readonly Socket? _socket;
    private readonly IEngineLine? _line;
    private readonly bool _isSequential;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Whether a response has come over this connection, so that a failure may just mean it idled too long.</summary>
    public bool WasUsed { get; private set; }

    /// <param name="socket">The connection.</param>
    /// <param name="isSequential">See <see cref="DockerClient.IsSequential"/>.</param>
    public HttpConnection(Socket socket, bool isSequential) => (_socket, _isSequential) = (socket, isSequential);

    /// <param name="line">The connection.</param>
    public HttpConnection(IEngineLine line) => _line = line;

    /// <summary>Ends the writing direction.</summary>
    /// <exception cref="SocketException">The connection is lost.</exception>
    public void EndSending()
    {
        _line?.EndSending();
        _socket?.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Writes a request: the head, then the body.</summary>
    public async Task SendAsync(HttpRequest request, string path, string authority, CancellationToken cancellationToken)
    {
        var head = new StringBuilder(256)
            .Append(request.Method).Append(' ').Append(path).Append(" HTTP/1.1\r\nHost: ").Append(authority)
            .Append("\r\nUser-Agent: sampan\r\n");
        foreach (var (name, value) in request.Headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (request.Hijack) head.Append("Connection: Upgrade\r\nUpgrade: tcp\r\n");
        if (request.Content is not null || request.Upload is not null) head.Append("Content-Type: ").Append(request.ContentType).Append("\r\n");
        if (request.Upload is not null) head.Append("Transfer-Encoding: chunked\r\n");
        else if (request.Content is { } content) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n");
        else if (request.Method is not ("GET" or "HEAD" or "DELETE")) head.Append("Content-Length: 0\r\n");
        head.Append("\r\n");

        // Head and body leave in one write: one system call, one packet.
        byte[] bytes = new byte[head.Length + (request.Content?.Length ?? 0)];
        Encoding.ASCII.GetBytes(head.ToString(), bytes);
        request.Content?.CopyTo(bytes.AsMemory(head.Length));
        await WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        if (request.Upload is not null) await SendChunksAsync(request.Upload, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the head of the final response; null when the connection ended before its first byte.</summary>
    public async Task<HttpHead?> ReceiveHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            byte[]? bytes = await ReceiveHeadBytesAsync(cancellationToken).ConfigureAwait(false);
            if (bytes is null) return null;
            WasUsed = true;
            var head = HttpHead.TryParse(bytes) ?? throw new DockerApiException(null, "the engine's answer is not HTTP: is the host right?");
            if (head.Status is >= 200 or 101) return head;
        }
    }

    /// <summary>Reads what comes next, buffered bytes first; 0 at the end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> target, CancellationToken cancellationToken)
    {
        if (_start == _end) return ReceiveAsync(target, cancellationToken);
        int n = Math.Min(target.Length, _end - _start);
        _buffer.AsMemory(_start, n).CopyTo(target);
        _start += n;
        return ValueTask.FromResult(n);
    }

    /// <summary>Reads one line without its end, for chunk sizes; null at the end of the connection.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                string line = Encoding.Latin1.GetString(_buffer, _start, newline).TrimEnd('\r');
                _start += newline + 1;
                return line;
            }
            if (!await FillAsync(cancellationToken).ConfigureAwait(false)) return null;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _line?.Send(bytes.Span);
        if (_socket is not { } socket) return;
        while (!bytes.IsEmpty) bytes = bytes[(_isSequential ? socket.Send(bytes.Span) : await socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false))..];
    }

    public void Dispose()
    {
        _line?.Dispose();
        _socket?.Dispose();
    }

    private ValueTask<int> ReceiveAsync(Memory<byte> target, CancellationToken cancellationToken) =>
        _line is not null ? ValueTask.FromResult(_line.Receive(target.Span))
        : _socket is not { } socket ? throw new InvalidOperationException("a connection without a socket")
        : _isSequential ? ValueTask.FromResult(socket.Receive(target.Span))
        : socket.ReceiveAsync(target, SocketFlags.None, cancellationToken);

    private async Task<byte[]?> ReceiveHeadBytesAsync(CancellationToken cancellationToken)
    {
        var collected = new MemoryStream();
        while (true)
        {
            string? line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
            if (line is null)
                return collected.Length == 0 ? null : throw new DockerApiException(null, "the engine closed the connection in the middle of its answer") { IsCutOff = true };
            if (line.Length == 0 && collected.Length > 0) return collected.ToArray();
            if (line.Length == 0) continue;
            collected.Write(Encoding.Latin1.GetBytes(line));
            collected.Write("\r\n"u8);
            if (collected.Length > HttpHead.MaxBytes) throw new DockerApiException(null, "the engine's answer has a head of more than 64 KiB");
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        if (_end == _buffer.Length) throw new DockerApiException(null, "the engine's answer has a line of more than 16 KiB in its head");
        int n = await ReceiveAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += n;
        return n > 0;
    }

    private async Task SendChunksAsync(Stream upload, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        int n;
        while ((n = await upload.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            await WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{n:x}\r\n")), cancellationToken).ConfigureAwait(false);
            await WriteAsync(buffer.AsMemory(0, n), cancellationToken).ConfigureAwait(false);
            await WriteAsync("\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        }
        await WriteAsync("0\r\n\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
    }
}
