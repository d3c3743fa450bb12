using System.Text;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Linux.Tests.Files;

public sealed class TreeCopyTests : IDisposable
{
    private const long HoleBytes = 4L << 20;
    private const UnixFileMode Mode = UnixFileMode.SetUser | UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead;

    private readonly Scratch _scratch = new();
    private readonly DirectoryHandle _source;
    private readonly DirectoryHandle _target;

    public TreeCopyTests()
    {
        Directory.CreateDirectory(_scratch["source/deep/er"]);
        Directory.CreateDirectory(_scratch["target"]);
        _source = DirectoryHandle.Open(_scratch["source"]);
        _target = DirectoryHandle.Open(_scratch["target"]);
    }

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_file_keeps_its_content_permissions_and_time_to_the_nanosecond()
    {
        var time = new FileTime(981173106, 123456789);
        File.WriteAllText(_scratch["source/file"], "content");
        File.SetUnixFileMode(_scratch["source/file"], Mode);
        _source.SetModified("file"u8, time);
        _source.SetModified("deep"u8, time);

        Copy();

        File.ReadAllText(_scratch["target/file"]).ShouldBe("content");
        var file = Status("target/file");
        file.Mode.ShouldBe(Mode);
        file.ModifiedTime.ShouldBe(time);
        Status("target/deep").ModifiedTime.ShouldBe(time);
    }

    [Fact]
    public void Names_of_one_file_are_names_of_one_copy_in_whatever_directory()
    {
        File.WriteAllText(_scratch["source/first"], "");
        using (var er = DirectoryHandle.Open(_scratch["source/deep/er"]))
            er.CreateHardLink(_source, "first"u8, "second"u8);

        Copy();

        Status("target/first").IsSameFile(Status("target/deep/er/second")).ShouldBeTrue();
        Status("target/first").LinkCount.ShouldBe(2u);
    }

    [Fact]
    public void Holes_stay_holes()
    {
        using (var sparse = new FileStream(_scratch["source/sparse"], FileMode.CreateNew))
        {
            sparse.SetLength(HoleBytes);
            sparse.Position = HoleBytes / 2;
            sparse.Write("island"u8);
        }

        Copy();

        File.ReadAllBytes(_scratch["target/sparse"]).ShouldBe(File.ReadAllBytes(_scratch["source/sparse"]));
        Status("target/sparse").AllocatedSize.ShouldBeLessThan(HoleBytes / 4);
    }

    [Fact]
    public void Links_and_fifos_are_copied_themselves()
    {
        File.CreateSymbolicLink(_scratch["source/link"], "/nowhere");
        _source.CreateNode("fifo"u8, FileKind.Fifo, UnixFileMode.UserRead | UnixFileMode.UserWrite, default);

        Copy();

        _target.ReadLink("link"u8).ShouldBe("/nowhere"u8.ToArray());
        Status("target/fifo").Kind.ShouldBe(FileKind.Fifo);
    }

    [Fact]
    public void Attributes_are_kept_and_those_of_overlayfs_only_if_they_are_asked_for()
    {
        File.WriteAllText(_scratch["source/file"], "");
        Assert.SkipWhen(_source.TrySetAttribute("file"u8, "user.note", "kept"u8) == Errno.EOPNOTSUPP, "the file system knows no attributes of users");
        _source.TrySetAttribute("file"u8, "user.overlay.redirect", "/etc"u8).ShouldBe(Errno.None);
        _source.TrySetAttribute("deep"u8, "user.overlay.opaque", "y"u8).ShouldBe(Errno.None);

        Copy();
        Directory.CreateDirectory(_scratch["volume"]);
        using var volume = DirectoryHandle.Open(_scratch["volume"]);
        new TreeCopy(volume, TestContext.Current.CancellationToken) { KeepsOverlayAttributes = true }.Copy(_source);

        _target.GetAttribute("file"u8, "user.note").ShouldBe("kept"u8.ToArray());
        _target.GetAttribute("file"u8, "user.overlay.redirect").ShouldBeNull();
        _target.GetAttribute("deep"u8, "user.overlay.opaque").ShouldBeNull();
        volume.GetAttribute("file"u8, "user.overlay.redirect").ShouldBe("/etc"u8.ToArray());
        volume.GetAttribute("deep"u8, "user.overlay.opaque").ShouldBe("y"u8.ToArray());
    }

    [Fact]
    public void Who_owns_is_asked_for_each_entry_and_for_the_directory_itself()
    {
        File.WriteAllText(_scratch["source/file"], "");
        File.CreateSymbolicLink(_scratch["source/link"], "file");
        var asked = 0;

        new TreeCopy(_target, TestContext.Current.CancellationToken) { Owners = owner => { asked++; return owner; } }.Copy(_source);

        asked.ShouldBe(5, "deep, deep/er, file, link and the directory itself");
    }

    [Fact]
    public void What_vanished_since_it_was_listed_is_left_out_and_what_became_a_fifo_holds_nobody()
    {
        File.WriteAllText(_scratch["source/file"], "");
        var file = Status("source/file");
        var deep = Status("source/deep");
        _source.CreateNode("fifo"u8, FileKind.Fifo, UnixFileMode.UserRead | UnixFileMode.UserWrite, default);
        var changing = new Listed(_source, [("gone", file), ("gone too", deep), ("fifo", file), ("file", file)]);

        new TreeCopy(_target, TestContext.Current.CancellationToken).Copy(changing);

        Directory.GetFileSystemEntries(_scratch["target"]).ShouldBe([_scratch["target/file"]]);
    }

    [Fact]
    public void A_copy_that_is_given_up_goes_no_further()
    {
        File.WriteAllText(_scratch["source/file"], "");
        Should.Throw<OperationCanceledException>(() => new TreeCopy(_target, new CancellationToken(canceled: true)).Copy(_source));
        Directory.GetFileSystemEntries(_scratch["target"]).ShouldBeEmpty();
    }

    private void Copy() => new TreeCopy(_target, TestContext.Current.CancellationToken).Copy(_source);

    private FileStatus Status(string path)
    {
        FileStatus.TryOf(_scratch[path], out var status).ShouldBeTrue();
        return status;
    }

    /// <summary>A directory that was listed a while ago.</summary>
    private sealed class Listed(DirectoryHandle directory, (string Name, FileStatus Status)[] entries) : ITreeSource
    {
        public DirectoryHandle Top => directory;

        public IEnumerable<TreeEntry> Entries() => entries.Select(entry => new TreeEntry(Encoding.UTF8.GetBytes(entry.Name), entry.Status, directory));

        public ITreeSource Descend(TreeEntry entry) => directory.OpenDirectory(entry.Name);

        public void Dispose()
        {
        }
    }
}
