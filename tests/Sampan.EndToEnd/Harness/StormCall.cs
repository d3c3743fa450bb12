using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>One call of a storm.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">JSON; null: none.</param>
internal sealed record StormCall(string Method, string Path, string? Body = null)
{
    /// <summary>A tar, in place of JSON.</summary>
    public byte[]? Archive { get; init; }

    /// <summary>An answer that may never end: the client goes away when it has waited this long, as one whose user presses Ctrl+C.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>An upgrade to HTTP/2, in place of a body: when it was accepted the client goes away, in its time.</summary>
    public string? Upgrade { get; init; }

    /// <summary>Makes the call and reads the whole answer.</summary>
    /// <returns>Status 0: the client went away before there was one.</returns>
    public async Task<(int Status, string Answer)> SendAsync(Daemon daemon)
    {
        if (Upgrade is not null)
        {
            return (await UpgradeAsync(daemon, Upgrade), "");
        }

        using var request = new HttpRequestMessage(new HttpMethod(Method), Path);
        if (Archive is not null)
        {
            request.Content = new ByteArrayContent(Archive) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        }
        else if (Body is not null)
        {
            request.Content = new StringContent(Body, Encoding.UTF8, "application/json");
        }

        using var patience = new CancellationTokenSource(Patience ?? Shell.Patience);
        try
        {
            using var answer = await daemon.Http.SendAsync(request, patience.Token);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(patience.Token));
        }
        catch (OperationCanceledException) when (Patience is not null)
        {
            return (0, "");
        }
    }

    private async Task<int> UpgradeAsync(Daemon daemon, string headers)
    {
        using var patience = new CancellationTokenSource(Shell.Patience);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket), patience.Token);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{Method} /{Path} HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n{headers}\r\n"), patience.Token);
        var answer = new byte[12];
        for (var read = 0; read < answer.Length;)
        {
            var count = await socket.ReceiveAsync(answer.AsMemory(read), patience.Token);
            if (count == 0)
            {
                return 500;
            }

            read += count;
        }

        await Task.Delay(Patience ?? TimeSpan.Zero, patience.Token);
        return int.Parse(Encoding.ASCII.GetString(answer, 9, 3), CultureInfo.InvariantCulture);
    }
}
