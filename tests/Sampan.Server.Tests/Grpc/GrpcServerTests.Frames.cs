using System.Net.Sockets;
using Google.Protobuf;
using Sampan.BuildKit.Protos.Control;

namespace Sampan.Server.Tests.Grpc;

/// <content>Frames that are wrong, or cost more than they weigh: each ends its own connection, and no call comes of it.</content>
public sealed partial class GrpcServerTests
{
    private const byte Data = 0, Head = 1, Settings = 4, WindowUpdate = 8;
    private const byte EndOfHead = 4;

    // ":method: POST", ":path: /", ":scheme: http" of the static table.
    private static readonly byte[] s_request = [0x83, 0x84, 0x86];

    public static TheoryData<string, byte[]> HostileFrames => new()
    {
        // A field of 3,900 bytes enters the dynamic table, and is then meant by one byte each time: 12,000 bytes are 46 MB.
        { "CVE-2016-6581, a head that grows", FrameOf(Head, EndOfHead, [.. s_request, 0x40, 1, (byte)'a', 0x7f, 0xbd, 0x1d, .. Enumerable.Repeat((byte)'b', 3900), .. Enumerable.Repeat((byte)0xbe, 12_000)]) },
        { "CVE-2026-78659, a window beyond 31 bits", [.. FrameOf(WindowUpdate, 0, [0x7f, 0xff, 0xff, 0xff], stream: 0), .. FrameOf(WindowUpdate, 0, [0x7f, 0xff, 0xff, 0xff], stream: 0)] },
        { "a first window beyond 31 bits", FrameOf(Settings, 0, [0, 4, 0xff, 0xff, 0xff, 0xff], stream: 0) },
        { "frames larger than there may be", FrameOf(Settings, 0, [0, 5, 0xff, 0xff, 0xff, 0xff], stream: 0) },
        { "a frame larger than was agreed", [0xff, 0xff, 0xff, Data, 0, 0, 0, 0, 1] },
        { "settings of a stream", FrameOf(Settings, 0, []) },
        { "data of a stream that was never opened", FrameOf(Data, 0, [1, 2, 3]) },
        { "a table of headers that is not there", FrameOf(Head, EndOfHead, [.. s_request, 0xfe]) },
        { "CVE-2026-78663, trailers that begin again", [.. FrameOf(Head, EndOfHead, s_request), .. FrameOf(Head, EndOfHead, s_request)] },
    };

    [Theory]
    [MemberData(nameof(HostileFrames))]
    public async Task Frames_that_are_wrong_end_their_connection_and_nothing_else(string what, byte[] frames)
    {
        var calls = 0;
        await using var served = await ServeAsync(Echoing().Map("test", "Count2", StatusRequest.Parser, (_, question) =>
        {
            calls++;
            return Task.FromResult<IMessage>(question);
        }));
        using var attacker = await UpgradedClient.UpgradeAsync(served);
        var wire = new NetworkStream(attacker);

        try
        {
            await wire.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray());
            await wire.WriteAsync(frames);
        }
        catch (IOException)
        {
            // Closed before all was said.
        }

        await ReadToEndAsync(wire);
        calls.ShouldBe(0, what);
        using var client = new UpgradedClient(served);
        (await client.CallAsync("/test/Echo", new StatusRequest { Ref = "still here" }, StatusRequest.Parser)).Answers.Single().Ref.ShouldBe("still here");
    }
}
