using System.Formats.Tar;
using Sampan.Cli.Copying;

namespace Sampan.Cli.Tests.Copying;

public sealed class LocalTreeTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-copying-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>A client that is killed in the middle of a file leaves nothing of it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_seen_of_a_file_before_it_is_whole(bool isThere)
    {
        var target = Path.Combine(_directory, "file");
        if (isThere) File.WriteAllText(target, "old");
        var looks = 0;
        using var archive = new Watched(Tar("file", new byte[1 << 20]), () =>
        {
            looks++;
            Directory.EnumerateFileSystemEntries(_directory).ShouldBe(isThere ? [target] : []);
            if (isThere) File.ReadAllText(target).ShouldBe("old");
        });

        LocalTree.ExtractAll(archive, _directory);

        looks.ShouldBeGreaterThan(2);
        Directory.EnumerateFileSystemEntries(_directory).ShouldBe([target]);
        new FileInfo(target).Length.ShouldBe(1 << 20);
    }

    private static MemoryStream Tar(string name, byte[] content)
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        tar.SetLength(tar.Position);
        tar.Position = 0;
        return tar;
    }

    // Looks before each read, until the end of what is there.
    private sealed class Watched(MemoryStream content, Action look) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (content.Length - content.Position > 4096) look();
            return content.Read(buffer);
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
