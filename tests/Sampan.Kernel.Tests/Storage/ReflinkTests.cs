using System.Diagnostics;
using Sampan.Storage.Snapshots;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Where the file system can let two files share their blocks, a copy takes no room until one of them is written to.</summary>
public sealed class ReflinkTests : StorageTest, IDisposable
{
    private const int Bytes = 16 * 1024 * 1024;

    private readonly bool _mounted;

    public ReflinkTests()
    {
        if (!File.ReadAllText("/proc/filesystems").Contains("\txfs\n", StringComparison.Ordinal))
            Assert.Skip("this kernel has no xfs, whose files can share blocks");
        if (!new[] { "/usr/sbin/mkfs.xfs", "/sbin/mkfs.xfs" }.Any(File.Exists))
            Assert.Skip("mkfs.xfs is not installed on this machine (scripts/setup test)");
        using (var image = new FileStream(In("disk"), FileMode.CreateNew))
            image.SetLength(320L * 1024 * 1024);
        Directory.CreateDirectory(In("mount"));
        Run("mkfs.xfs", "-q", In("disk"));
        Run("mount", "-o", "loop", In("disk"), In("mount"));
        _mounted = true;
    }

    [Fact]
    public async Task A_plain_copy_of_an_image_and_a_volume_filled_from_it_share_its_blocks()
    {
        var content = new byte[Bytes];
        new Random(3).NextBytes(content);
        var store = ImageStoreTests.OpenStore(In("mount/data"));
        var archive = new TestImage().Layer(new TestLayer().Directory("d/").File("d/large", content).ToTar()).ToDockerArchive("large:1");
        var image = (await store.LoadAsync(new MemoryStream(archive), null, CancellationToken.None))[0].Image;
        var snapshots = PlainCopySnapshotter.Open(store);
        Directory.CreateDirectory(In("mount/volume"));
        var before = Free();

        await snapshots.PrepareAsync("c1", image, CancellationToken.None);
        using (var view = snapshots.OpenView("c1"))
            view.CopyTo("/d", In("mount/volume"));

        (before - Free()).ShouldBeLessThan(Bytes / 4);
        var copy = In("mount/data/snapshots/c1/root/d/large");
        File.ReadAllBytes(copy).ShouldBe(content);
        using (var written = new FileStream(copy, FileMode.Open, FileAccess.Write))
            written.Write(new byte[4096]);
        File.ReadAllBytes(In("mount/volume/large")).ShouldBe(content);
        (await store.CheckAsync(false, key => new Sampan.Storage.Images.SnapshotOwner(key, IsRunning: false), _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
    }

    void IDisposable.Dispose()
    {
        if (_mounted)
            Run("umount", In("mount"));
        Dispose();
    }

    private long Free()
    {
        Run("sync", "-f", In("mount"));
        return new DriveInfo(In("mount")).AvailableFreeSpace;
    }

    private static void Run(string program, params string[] arguments)
    {
        using var run = Process.Start(program, arguments);
        run.WaitForExit();
        run.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}");
    }
}
