using System.Buffers.Binary;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>Requests that make no sense, byte by byte: each has at least one thing that makes it wrong whatever the rest is. A container "target" is there.</summary>
internal sealed class MalformedCalls(Random random)
{
    private static readonly string[] s_posts =
    [
        "containers/create", "containers/create?name=new", "networks/create", "volumes/create", "containers/target/update", "containers/target/exec", "commit?container=no-such",
        "build?buildargs=%7B", "build?memory=much", "build/prune?filters=%7B", "images/create", "exec/no-such/start", "networks/bridge/connect", "networks/bridge/disconnect",
        "plugins/pull?remote=", "plugins/pull?remote=127.0.0.1:1/UPPER", "plugins/create", "plugins/create?name=UPPER", "plugins/create?name=new", "plugins/no-such/enable?timeout=much", "plugins/no-such/enable?timeout=-1", "plugins/no-such/set", "plugins/no-such/upgrade?remote=%00",
        "build?version=2", "build?version=2&session=", "build?version=2&buildid=upload-request:none&session=x&outputs=%7B", "build?version=3", "build/cancel", "session", "grpc",
        "containers/create?name=a%00b", "containers/target/rename?name=%00", "containers/target/kill?signal=" + new string('9', 60), "containers/target/resize?h=99999999999999999999&w=x",
    ];

    private static readonly string[] s_bodies =
    [
        "{", "[]", "\"text\"", "nul", "{\"Name\" \"x\"}", new string('[', 5000), "{\"a\":" + new string('9', 400), "\u0000\u0001", "{\"Name\":\"x\",}", string.Concat(Enumerable.Repeat("{\"a\":", 3000)),
        "{\"Image\":5,\"Image\":{},\"Name\":[],\"Name\":{},\"Cmd\":7,\"Container\":1,\"Memory\":\"x\"}", "{\"Name\":\"a\\u0000b\",\"Image\":\"a\\u0000b\",\"Container\":\"\\u0000\",\"Memory\":{},\"Cmd\":{}}",
        "{\"Name\":\"\\ud800\",\"Image\":\"\\udfff\",\"Container\":\"\\ud800\",\"Cmd\":3,\"Memory\":\"\"}", "{\"Name\":\"\xff\xfe",
        Wrong("5", "\"much\""), Wrong("{}", "{}"), Wrong("[[]]", "[]"), Wrong("true", "true"), Wrong("1e999", "1e999"), Wrong("-0.5", "0.5"), Wrong("99999999999999999999999999", "99999999999999999999999999"),
    ];

    private static readonly string[] s_paths =
    [
        "containers/no-such/json", "containers/%00/json", "containers/..%2f..%2fetc/json", "containers/json?filters={", "containers/json?filters=[1]", "containers/json?limit=many", "containers/target/logs", "containers/target/logs?stdout=1&since=yesterday",
        "containers/target/archive", "containers/target/archive?path=/no/such", "images/no-such/history", "images/get?names=no-such", "images/no-such/get", "containers/no-such/export", "containers/target/attach/ws", "containers/json?filters=%7B%22label%22%3A7%7D",
        "containers/target/top?ps_args=%00;reboot", "images/%ff/json", "images/" + new string('x', 4000) + "/json", "networks/no-such", "volumes/no-such", "volumes/..", "exec/no-such/json", "no/such/endpoint", "v0.1/containers/json", "v99.99/containers/json", "events?since=never&until=then", "images/json?filters=%7B%22dangling%22%3A5%7D",
        "plugins?filters=%7B", "plugins?filters=%7B%22enabled%22%3A%5B%22perhaps%22%5D%7D", "plugins/no-such/json", "plugins/%00/json", "plugins/privileges", "plugins/privileges?remote=%2F%2F", "session", "grpc", "sampan/builds/no-such",
        "containers/json?limit=" + new string('9', 60_000), "containers/json?" + new string('&', 30_000) + "filters={", "containers/target/archive?path=%00", "containers/%zz/json", "containers/target/archive?path=/etc/%00passwd",
    ];

    private static readonly string[] s_garbage =
    [
        "GET\r\n\r\n", "\u0000\u0000\u0000\u0000\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "FROB /containers/json HTTP/1.1\r\nHost: x\r\n\r\n", "GET /containers/json HTTP/1.1\r\n\r\n", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        "POST /containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 30\r\n\r\n{}", $"GET /containers/json HTTP/1.1\r\nHost: x\r\nX: {new string('y', 60_000)}\r\n\r\n",
        // A head that ends in the middle, one of very many lines, a body that ends before it should, one that has no end, and a length that nobody has.
        "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Ty", "GET /info HTTP/1.1\r\nHost: x\r\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"X{i}: y\r\n")) + "\r\n",
        "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{\"Image\":", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        "POST /build HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n" + string.Concat(Enumerable.Repeat("400\r\n" + new string('a', 1024) + "\r\n", 60)),
        "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: a/b/c;;\r\nContent-Length: 2\r\n\r\n{}",
        "POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "POST /containers/target/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 70000\r\n\r\n",
    ];

    /// <summary>The next one.</summary>
    public byte[] Next() => random.Next(8) switch
    {
        0 or 1 or 2 => Request("POST", s_posts[random.Next(s_posts.Length)], s_bodies[random.Next(s_bodies.Length)]),
        3 or 4 => Request("GET", s_paths[random.Next(s_paths.Length)], null),
        5 => [.. Encoding.Latin1.GetBytes("POST /grpc HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"), .. Frames()],
        6 => [.. Encoding.Latin1.GetBytes($"POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nX-Docker-Expose-Session-Uuid: malformed{random.Next()}\r\nX-Docker-Expose-Session-Name: x\r\n\r\n"), .. Frames()],
        _ => Encoding.Latin1.GetBytes(s_garbage[random.Next(s_garbage.Length)]),
    };

    // In every field that one of the endpoints must understand stands what it cannot be.
    private static string Wrong(string text, string number) =>
        $"{{\"Image\":{text},\"Name\":{text},\"Cmd\":{text},\"Container\":{text},\"Memory\":{number}}}";

    private static byte[] Request(string method, string path, string? body)
    {
        var content = Encoding.Latin1.GetBytes(body ?? "");
        var head = $"{method} /{path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n{(body is null ? "" : $"Content-Type: application/json\r\nContent-Length: {content.Length}\r\n")}\r\n";
        return [.. Encoding.Latin1.GetBytes(head), .. content];
    }

    // HTTP/2 and calls of gRPC that break its rules, after a beginning that may be right.
    private byte[] Frames()
    {
        byte[] preface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(4, 0, 0, [])];
        var noise = new byte[random.Next(1, 400)];
        random.NextBytes(noise);
        return random.Next(10) switch
        {
            0 => noise,
            1 => [.. preface, .. noise],
            2 => [.. preface, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1],
            3 => [.. preface, .. Frame(4, 0, 0, [1, 2, 3])],
            4 => [.. preface, .. Frame(0, 1, 0, noise)],
            5 => [.. preface, .. Frame(1, 4, 1, noise)],
            6 => [.. preface, .. Frame(8, 0, 0, [0, 0, 0, 0])],
            7 => [.. preface, .. Frame(1, 4, 1, Call("/moby.buildkit.v1.Control/Solve")), .. Frame(0, 1, 1, [0, 0, 0, 0, 9, .. noise])],
            8 => [.. preface, .. Frame(1, 4, 1, Call("/moby.buildkit.v1.Control/UpdateBuildHistory")), .. Frame(0, 1, 1, [0, 0, 0, 0, 3, 0x0a, 0xff, 0xff])],
            _ => [.. preface, .. Frame(1, 4, 1, Call("/no.such/Method")), .. Frame(0, 0, 1, [0x7f, 0xff, 0xff, 0xff, 0xff])],
        };
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (payload.Length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    // ":method: POST", ":scheme: http", ":path", ":authority", "content-type", "te"; nothing compressed.
    private static byte[] Call(string path) =>
        [0x83, 0x86, 0x44, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 0x41, 1, (byte)'x', 0x5f, 16, .. "application/grpc"u8, 0x40, 2, .. "te"u8, 8, .. "trailers"u8];
}
