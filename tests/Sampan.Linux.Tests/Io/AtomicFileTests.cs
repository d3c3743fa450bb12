using Sampan.Linux.Io;

namespace Sampan.Linux.Tests.Io;

public sealed class AtomicFileTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_first_file_is_there_whole_and_the_owners()
    {
        AtomicFile.WriteFirst(_scratch["a"], "new"u8);
        File.ReadAllText(_scratch["a"]).ShouldBe("new");
        File.GetUnixFileMode(_scratch["a"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(Path.GetDirectoryName(_scratch["a"])!).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Replaces_the_content_and_leaves_nothing_else(bool durable)
    {
        AtomicFile.Write(_scratch["a"], "old and long"u8, durable: durable);
        AtomicFile.Write(_scratch["a"], "new"u8, durable: durable);

        File.ReadAllText(_scratch["a"]).ShouldBe("new");
        Directory.GetFileSystemEntries(_scratch.Path).ShouldBe([_scratch["a"]]);
    }

    [Fact]
    public void Sets_the_mode_whatever_the_umask()
    {
        const UnixFileMode all = (UnixFileMode)0x1ff;
        AtomicFile.Write(_scratch["a"], "x"u8, all);
        File.GetUnixFileMode(_scratch["a"]).ShouldBe(all);
    }

    [Fact]
    public void Replaces_a_symbolic_link_itself()
    {
        File.WriteAllText(_scratch["victim"], "untouched");
        File.CreateSymbolicLink(_scratch["a"], _scratch["victim"]);

        AtomicFile.Write(_scratch["a"], "x"u8);

        File.ReadAllText(_scratch["victim"]).ShouldBe("untouched");
        new FileInfo(_scratch["a"]).LinkTarget.ShouldBeNull();
    }

    [Fact]
    public void Fails_without_leftovers_when_the_target_is_a_directory()
    {
        Directory.CreateDirectory(_scratch["dir"]);
        var failure = Should.Throw<LinuxException>(() => AtomicFile.Write(_scratch["dir"], "x"u8));
        failure.Errno.ShouldBe(Errno.EISDIR);
        Directory.GetFileSystemEntries(_scratch.Path).ShouldBe([_scratch["dir"]]);
    }

    [Fact]
    public void Names_what_is_missing()
    {
        var failure = Should.Throw<LinuxException>(() => AtomicFile.Write(_scratch["no/file"], "x"u8));
        failure.Errno.ShouldBe(Errno.ENOENT);
        failure.Message.ShouldContain(_scratch["no"]);
    }

    [Fact]
    public void Readers_see_one_whole_version_while_writers_race()
    {
        AtomicFile.Write(_scratch["a"], new byte[4096], durable: false);
        Parallel.For(1, 200, i =>
        {
            var content = new byte[4096];
            Array.Fill(content, (byte)i);
            AtomicFile.Write(_scratch["a"], content, durable: false);
            var seen = File.ReadAllBytes(_scratch["a"]);
            seen.Length.ShouldBe(4096);
            seen.ShouldAllBe(one => one == seen[0]);
        });
        Directory.GetFileSystemEntries(_scratch.Path).Length.ShouldBe(1);
    }
}
