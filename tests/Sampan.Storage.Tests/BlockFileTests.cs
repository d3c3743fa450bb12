using Sampan.Linux.Files;
using Sampan.Storage.Content;

namespace Sampan.Storage.Tests;

/// <summary>Large files in whole blocks, on a disk and in memory, with and without the page cache.</summary>
public sealed class BlockFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((3 << 20) + 4096)]
    [InlineData((5 << 20) + 12345)]
    public void What_is_written_in_pieces_is_read_in_others(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        foreach (var directory in new[] { Path.GetTempPath(), "/dev/shm", Environment.CurrentDirectory })
        {
            using var file = Create(directory);
            using (var writer = new BlockWriter(file))
            {
                for (var at = 0; at < length; at += 70_001)
                    writer.Append(content.AsSpan(at, Math.Min(70_001, length - at)));
                writer.Length.ShouldBe(length);
                writer.Finish();
                writer.Length.ShouldBe(length);
            }
            RandomAccess.GetLength(file).ShouldBe(length);
            Read(file, length).AsSpan().SequenceEqual(content).ShouldBeTrue(directory);
            file.TrySetDirect(true);
            Read(file, length).AsSpan().SequenceEqual(content).ShouldBeTrue(directory);
        }
    }

    [Fact]
    public void A_file_that_is_shorter_than_it_was_is_an_error()
    {
        using var file = Create(Path.GetTempPath());
        RandomAccess.Write(file, new byte[10], 0);
        Should.Throw<EndOfStreamException>(() => Read(file, 11));
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle Create(string directory) =>
        File.OpenHandle(Path.Combine(directory, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, long length)
    {
        using var reader = new BlockReader(file, length);
        using var all = new MemoryStream();
        var buffer = new byte[99_999];
        for (int read; (read = reader.Read(buffer)) > 0;)
            all.Write(buffer, 0, read);
        return all.ToArray();
    }
}
