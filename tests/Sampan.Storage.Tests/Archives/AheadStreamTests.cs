using Sampan.Storage.Archives;

namespace Sampan.Storage.Tests.Archives;

public sealed class AheadStreamTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128 * 1024)]
    [InlineData((128 * 1024) + 1)]
    [InlineData(5_000_000)]
    public void All_bytes_come_in_order_whatever_the_pieces(int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        var random = new Random(1);
        using var ahead = new AheadStream(new Pieces(new MemoryStream(content), random));
        using var got = new MemoryStream();
        var buffer = new byte[200_000];

        for (int read; (read = ahead.Read(buffer, 0, random.Next(1, buffer.Length))) > 0;)
            got.Write(buffer, 0, read);

        got.ToArray().ShouldBe(content);
        ahead.Read(buffer).ShouldBe(0);
    }

    [Fact]
    public void What_fails_ahead_fails_here_each_time_it_is_read()
    {
        using var ahead = new AheadStream(new Pieces(new MemoryStream(new byte[1000]), new Random(1)) { FailAtEnd = true });

        for (var i = 0; i < 2; i++)
            Should.Throw<StorageException>(() => ahead.CopyTo(Stream.Null)).Message.ShouldBe("at the end");
    }

    [Fact]
    public void Whoever_has_enough_ends_the_reading()
    {
        var endless = new Pieces(null, new Random(1));
        using (var ahead = new AheadStream(endless))
            ahead.ReadByte().ShouldBe(0);

        var read = endless.Bytes;
        read.ShouldBeLessThanOrEqualTo(2 * 1024 * 1024);
    }

    private sealed class Pieces(Stream? source, Random random) : ReadOnlyStream
    {
        public bool FailAtEnd { get; init; }

        public long Bytes { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var part = buffer[..random.Next(1, Math.Min(buffer.Length, 70_000) + 1)];
            if (source is null)
                part.Clear();
            var read = source?.Read(part) ?? part.Length;
            if (read == 0 && FailAtEnd)
                throw new StorageException(StorageError.Corrupt, "at the end");
            Bytes += read;
            return read;
        }
    }
}
