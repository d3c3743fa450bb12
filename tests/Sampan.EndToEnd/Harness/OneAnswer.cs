using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>An HTTP server on a free port of loopback that answers everything with the same JSON, or the same bytes.</summary>
internal sealed class OneAnswer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    public OneAnswer(string json)
        : this(Encoding.UTF8.GetBytes(json), "application/json")
    {
    }

    public OneAnswer(byte[] body, string type, string status = "200 OK")
    {
        _listener.Start();
        var head = Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n");
        _serving = ServeAsync([.. head, .. body]);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ServeAsync(byte[] answer)
    {
        while (!_end.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_end.Token);
            var stream = client.GetStream();
            var seen = "";
            var buffer = new byte[4096];
            for (int count; !seen.Contains("\r\n\r\n", StringComparison.Ordinal) && (count = await stream.ReadAsync(buffer, _end.Token)) > 0;)
            {
                seen += Encoding.ASCII.GetString(buffer, 0, count);
            }

            await stream.WriteAsync(answer, _end.Token);
            client.Client.Shutdown(SocketShutdown.Send);
            // Until the client has closed: what is closed with something unread would be reset.
            while (await stream.ReadAsync(buffer, _end.Token) > 0)
            {
            }
        }
    }
}
