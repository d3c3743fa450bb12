using Sampan.Storage.Content;

namespace Sampan.Storage.Tests.Content;

/// <summary>Bytes of a blob on their way to who unpacks it while it is written.</summary>
public sealed class BlobRelayTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(5_000_001, 65_537)]
    [InlineData(3 << 20, 2 << 20)]
    public async Task What_is_written_is_read_in_order(int length, int piece)
    {
        var relay = new BlobRelay();
        var content = Random(length);
        using var read = new MemoryStream();
        var reading = Task.Run(
            () =>
            {
                using var stream = relay.OpenRead();
                stream.CopyTo(read, 100_003);
            },
            TestContext.Current.CancellationToken);

        for (var at = 0; at < length; at += piece)
            relay.Write(content.AsSpan(at, Math.Min(piece, length - at)));
        relay.Complete();
        relay.Tear();
        await reading;

        read.ToArray().ShouldBe(content);
    }

    [Fact]
    public async Task Whoever_writes_does_not_wait_for_a_reader_that_has_ended()
    {
        var relay = new BlobRelay();
        var writing = Task.Run(() => relay.Write(new byte[5 << 20]), TestContext.Current.CancellationToken);
        using var stream = relay.OpenRead();
        stream.ReadExactly(new byte[10]);

        relay.Leave();

        await writing;
    }

    [Fact]
    public async Task A_reader_fails_when_no_more_will_come()
    {
        var relay = new BlobRelay();
        relay.Write(new byte[3]);
        using var stream = relay.OpenRead();
        stream.ReadExactly(new byte[3]);
        var reading = Task.Run(() => stream.ReadByte(), TestContext.Current.CancellationToken);

        relay.Tear();

        await Should.ThrowAsync<IOException>(() => reading);
    }

    private static byte[] Random(int length)
    {
        var content = new byte[length];
        new Random(1).NextBytes(content);
        return content;
    }
}
