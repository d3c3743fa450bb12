using Sampan.Linux.Io;

namespace Sampan.Linux.Tests.Io;

public sealed class ReservedFileTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(ReservedFlush.Nothing)]
    [InlineData(ReservedFlush.Content)]
    [InlineData(ReservedFlush.All)]
    public void Content_takes_the_whole_place(ReservedFlush flush)
    {
        ReservedFile.Make(_scratch["a"], 1000);
        ReservedFile.Flush(_scratch["a"]);
        ReservedFile.IsFilled(File.ReadAllBytes(_scratch["a"])).ShouldBeFalse();
        File.GetUnixFileMode(_scratch["a"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        ReservedFile.TryFill(_scratch["a"], "content"u8, flush).ShouldBeTrue();

        File.ReadAllText(_scratch["a"]).ShouldBe("content".PadRight(1000));
        ReservedFile.IsFilled(File.ReadAllBytes(_scratch["a"])).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(4096)]
    [InlineData(8192)]
    public void What_is_left_of_it_anywhere_is_seen(int size)
    {
        ReservedFile.Make(_scratch["a"], size);
        var before = File.ReadAllBytes(_scratch["a"]);
        before.Length.ShouldBe(size);

        // A disk writes sectors of 512 bytes whole, in any order.
        for (var sector = 0; sector < size; sector += 512)
        {
            var torn = new byte[size];
            torn.AsSpan().Fill((byte)' ');
            before.AsSpan(sector, Math.Min(512, size - sector)).CopyTo(torn.AsSpan(sector));
            ReservedFile.IsFilled(torn).ShouldBeFalse($"sector {sector / 512}");
        }
    }

    [Fact]
    public void Content_that_is_longer_changes_nothing()
    {
        ReservedFile.Make(_scratch["a"], 10);
        var before = File.ReadAllBytes(_scratch["a"]);

        ReservedFile.TryFill(_scratch["a"], "0123456789a"u8, ReservedFlush.All).ShouldBeFalse();

        File.ReadAllBytes(_scratch["a"]).ShouldBe(before);
        ReservedFile.TryFill(_scratch["a"], "0123456789"u8, ReservedFlush.All).ShouldBeTrue();
    }

    [Fact]
    public void What_is_there_is_not_reserved_and_links_are_not_followed()
    {
        File.WriteAllText(_scratch["a"], "mine");
        File.CreateSymbolicLink(_scratch["link"], _scratch["a"]);

        Should.Throw<LinuxException>(() => ReservedFile.Make(_scratch["a"], 10)).Errno.ShouldBe(Errno.EEXIST);
        Should.Throw<LinuxException>(() => ReservedFile.Flush(_scratch["link"])).Errno.ShouldBe(Errno.ELOOP);
        Should.Throw<LinuxException>(() => ReservedFile.TryFill(_scratch["link"], "x"u8, ReservedFlush.Nothing)).Errno.ShouldBe(Errno.ELOOP);
        File.ReadAllText(_scratch["a"]).ShouldBe("mine");
    }
}
