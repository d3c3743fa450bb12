using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Sampan.Server.Tests.Http;

namespace Sampan.Server.Tests.Grpc;

/// <summary>Calls methods over a connection that was upgraded as buildx does it: <c>POST /grpc</c>, then HTTP/2.</summary>
internal sealed class UpgradedClient : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private Socket? _socket;

    internal UpgradedClient(ServedRoutes served) => _http = new HttpMessageInvoker(new SocketsHttpHandler
    {
        ConnectCallback = async (_, ct) => new NetworkStream(_socket = await UpgradeAsync(served, ct), ownsSocket: true),
    });

    /// <summary>Closes the connection in the middle of everything.</summary>
    internal void Break() => _socket?.Close();

    /// <summary>A connection on which HTTP/2 begins with the next byte.</summary>
    internal static async Task<Socket> UpgradeAsync(ServedRoutes served, CancellationToken ct = default)
    {
        var socket = await served.ConnectAsync(ct);
        await socket.SendAsync("POST /v1.45/grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"u8.ToArray(), ct);
        var head = new StringBuilder();
        var octet = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            (await socket.ReceiveAsync(octet, ct)).ShouldBe(1);
            head.Append((char)octet[0]);
        }
        head.ToString().ShouldStartWith("HTTP/1.1 101 ");
        return socket;
    }

    /// <summary>Asks once and reads all answers; the status comes behind them.</summary>
    internal async Task<(int Status, string Message, IReadOnlyList<T> Answers)> CallAsync<T>(string method, IMessage question, MessageParser<T> parser, string? build = null)
        where T : IMessage<T>
    {
        using var request = Ask(method, Frame(question), build);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var body = await answer.Content.ReadAsByteArrayAsync();
        var answers = new List<T>();
        for (var at = 0; at < body.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at + 1));
            answers.Add(parser.ParseFrom(body, at + 5, length));
            at += 5 + length;
        }
        return (int.Parse(Word("grpc-status"), System.Globalization.CultureInfo.InvariantCulture), Uri.UnescapeDataString(Word("grpc-message")), answers);

        string Word(string name) => answer.TrailingHeaders.TryGetValues(name, out var behind) ? behind.Single() : answer.Headers.TryGetValues(name, out var before) ? before.Single() : "";
    }

    /// <summary>Sends bytes as a question.</summary>
    internal Task<HttpResponseMessage> SendAsync(string method, byte[] body) => _http.SendAsync(Ask(method, body, null), TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static HttpRequestMessage Ask(string method, byte[] body, string? build)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://engine" + method) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        if (build is not null)
            request.Headers.TryAddWithoutValidation("buildkit-controlapi-buildid", build);
        return request;
    }

    private static byte[] Frame(IMessage message)
    {
        var frame = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - 5);
        message.WriteTo(frame.AsSpan(5));
        return frame;
    }
}
