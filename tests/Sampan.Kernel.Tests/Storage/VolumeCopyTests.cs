using System.Diagnostics;
using System.Formats.Tar;
using Sampan.Storage;
using Sampan.Storage.Volumes;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Volumes cloned, exported and imported.</summary>
public sealed class VolumeCopyTests : StorageTest
{
    private const long HoleBytes = 8L << 20;

    private readonly VolumeStore _store;

    public VolumeCopyTests() => _store = Open();

    [Fact]
    public void A_clone_is_the_volume_with_all_that_its_files_have()
    {
        var source = Filled();

        var clone = _store.Clone("copy", new Dictionary<string, string> { ["k"] = "v" }, readOnly: false, source.MountPoint, CancellationToken.None);

        clone.ShouldSatisfyAllConditions(v => v.Labels["k"].ShouldBe("v"), v => v.MountPoint.ShouldBe(In("volumes/copy/_data")), v => v.ReadOnly.ShouldBeFalse());
        Facts(clone.MountPoint).ShouldBe(Facts(source.MountPoint));
        File.WriteAllText(Path.Combine(clone.MountPoint, "file"), "changed");
        File.ReadAllText(Path.Combine(source.MountPoint, "file")).ShouldBe("content");
        Open().Find("copy").ShouldNotBeNull().Labels["k"].ShouldBe("v");
    }

    [Fact]
    public void An_exported_volume_is_imported_as_it_was()
    {
        var source = Filled();
        var tar = new MemoryStream();
        VolumeStore.Export(source.MountPoint, tar, CancellationToken.None);
        tar.Length.ShouldBeLessThan(HoleBytes / 2);
        tar.Position = 0;

        var imported = _store.Import("back", new Dictionary<string, string>(), tar, CancellationToken.None);

        Facts(imported.MountPoint).ShouldBe(Facts(source.MountPoint));
    }

    [Fact]
    public void GNU_tar_reads_an_exported_volume()
    {
        var source = Filled();
        using (var tar = new FileStream(In("volume.tar"), FileMode.CreateNew))
            VolumeStore.Export(source.MountPoint, tar, CancellationToken.None);
        Directory.CreateDirectory(In("unpacked"));

        Run("tar", "--xattrs", "--xattrs-include=user.*", "-C", In("unpacked"), "-xpf", In("volume.tar"));

        Facts(In("unpacked")).ShouldBe(Facts(source.MountPoint));
    }

    [Fact]
    public void CVE_2025_11395_an_archive_with_links_writes_nothing_outside_of_its_volume()
    {
        Directory.CreateDirectory(In("outside"));
        File.WriteAllText(In("outside/file"), "safe");
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link") { LinkName = In("outside") });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "link/file") { DataStream = new MemoryStream("stolen"u8.ToArray()) });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "up") { LinkName = "../../../outside/file" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "up") { DataStream = new MemoryStream("stolen"u8.ToArray()) });
        }

        tar.Position = 0;
        try
        {
            _store.Import("hostile", new Dictionary<string, string>(), tar, CancellationToken.None);
        }
        catch (StorageException refused)
        {
            refused.Message.ShouldNotBeEmpty();
            _store.Find("hostile").ShouldBeNull();
        }

        File.ReadAllText(In("outside/file")).ShouldBe("safe");
        Directory.GetFileSystemEntries(In("outside")).Length.ShouldBe(1);
    }

    [Fact]
    public void A_broken_archive_leaves_no_volume()
    {
        var tar = new MemoryStream();
        VolumeStore.Export(Filled().MountPoint, tar, CancellationToken.None);
        var cut = new MemoryStream(tar.ToArray()[..(int)(tar.Length / 2)]);

        Should.Throw<StorageException>(() => _store.Import("half", new Dictionary<string, string>(), cut, CancellationToken.None)).Kind.ShouldBe(StorageError.Corrupt);

        _store.Find("half").ShouldBeNull();
        Directory.GetFileSystemEntries(In("volumes")).Select(Path.GetFileName).ShouldBe(["full"]);
    }

    [Fact]
    public void What_a_crash_left_half_made_is_gone_with_the_next_start_and_the_name_is_free()
    {
        Filled();
        Directory.CreateDirectory(In("volumes/.making-copy-0123/_data/deep"));
        var again = Open();

        Directory.Exists(In("volumes/.making-copy-0123")).ShouldBeFalse();
        again.List().Select(v => v.Name).ShouldBe(["full"]);
        again.Clone("copy", new Dictionary<string, string>(), readOnly: true, In("volumes/full/_data"), CancellationToken.None).ReadOnly.ShouldBeTrue();
        Open().Find("copy").ShouldNotBeNull().ReadOnly.ShouldBeTrue();
    }

    [Fact]
    public void A_taken_name_is_a_conflict()
    {
        var source = Filled();
        Should.Throw<StorageException>(() => _store.Clone("full", new Dictionary<string, string>(), false, source.MountPoint, CancellationToken.None)).Kind.ShouldBe(StorageError.Conflict);
        Should.Throw<StorageException>(() => _store.Clone("../x", new Dictionary<string, string>(), false, source.MountPoint, CancellationToken.None)).Kind.ShouldBe(StorageError.InvalidInput);
    }

    private VolumeStore Open() => VolumeStore.Open(Home, TimeProvider.System);

    private VolumeRecord Filled()
    {
        var volume = _store.Create("full");
        var data = volume.MountPoint;
        File.WriteAllText(Path.Combine(data, "file"), "content");
        Run("ln", Path.Combine(data, "file"), Path.Combine(data, "second-name"));
        Directory.CreateDirectory(Path.Combine(data, "deep/er"));
        Run("ln", Path.Combine(data, "file"), Path.Combine(data, "deep/er/third-name"));
        File.CreateSymbolicLink(Path.Combine(data, "link"), "/nowhere");
        Run("mkfifo", Path.Combine(data, "fifo"));
        Run("chown", "1000:33", Path.Combine(data, "file"));
        Run("chown", "-h", "7:8", Path.Combine(data, "link"));
        Run("chmod", "4751", Path.Combine(data, "file"));
        Run("python3", "-c", "import os,sys; os.setxattr(sys.argv[1], 'user.note', b'kept')", Path.Combine(data, "file"));
        using (var sparse = new FileStream(Path.Combine(data, "sparse"), FileMode.CreateNew))
        {
            sparse.SetLength(HoleBytes);
            sparse.Position = HoleBytes / 2;
            sparse.Write("island"u8);
        }

        Run("chown", "5:6", data);
        Run("chmod", "1770", data);
        return volume;
    }

    // Owners, permissions, sizes, links and attributes of all files; blocks of the one with holes, roughly.
    private static string Facts(string directory)
    {
        const string Script = """
            import os, sys, hashlib
            root = sys.argv[1]
            def tell(path, name):
                s = os.lstat(path)
                what = os.readlink(path) if os.path.islink(path) else hashlib.sha256(open(path, 'rb').read()).hexdigest() if os.path.isfile(path) else ''
                notes = {n: os.getxattr(path, n, follow_symlinks=False) for n in os.listxattr(path, follow_symlinks=False) if n.startswith('user.')}
                print(name, oct(s.st_mode), s.st_uid, s.st_gid, s.st_nlink, s.st_size if os.path.isfile(path) else '', what, notes, 'sparse' if s.st_blocks * 512 < s.st_size // 4 else '', s.st_mtime_ns if os.path.isfile(path) else '')
            tell(root, '.')
            for top, directories, files in os.walk(root):
                directories.sort()
                for name in sorted(directories + files):
                    tell(os.path.join(top, name), os.path.relpath(os.path.join(top, name), root))
            """;
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", Script, directory]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var text = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        python.ExitCode.ShouldBe(0);
        text.ShouldContain("sparse");
        return text;
    }

    private static void Run(string program, params string[] arguments)
    {
        using var run = Process.Start(program, arguments);
        run.WaitForExit();
        run.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}");
    }
}
