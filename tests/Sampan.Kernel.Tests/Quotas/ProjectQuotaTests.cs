using System.Diagnostics;
using Sampan.Kernel.Tests.Storage;
using Sampan.Storage.Snapshots;
using Sampan.Storage.Volumes;

namespace Sampan.Kernel.Tests.Quotas;

/// <summary>The size of a volume, on a file system whose kernel counts what a project holds.</summary>
public sealed class ProjectQuotaTests : StorageTest, IDisposable
{
    private readonly bool _mounted;

    public ProjectQuotaTests()
    {
        var mkfs = new[] { "/usr/sbin/mkfs.ext4", "/sbin/mkfs.ext4" }.FirstOrDefault(File.Exists);
        if (!Environment.IsPrivilegedProcess || mkfs is null)
            Assert.Skip("needs root and mkfs.ext4: a file system is made and mounted");
        using (var image = new FileStream(In("disk"), FileMode.CreateNew))
            image.SetLength(48L * 1024 * 1024);
        Directory.CreateDirectory(In("mount"));
        Run(mkfs, "-q", "-O", "quota,project", "-E", "quotatype=prjquota", In("disk")).ShouldBe(0);
        _mounted = Run("mount", "-o", "loop,prjquota", In("disk"), In("mount")) == 0;
        if (_mounted)
            return;
        Dispose();
        Assert.Skip("this kernel has no project quotas (CONFIG_QFMT_V2); the guest's has");
    }

    [Fact]
    public void A_volume_holds_as_much_as_its_size_and_another_one_more()
    {
        var store = VolumeStore.Open(In("mount"), TimeProvider.System);
        var small = store.Create("small", null, new Dictionary<string, string> { ["size"] = "2m" });
        var free = store.Create("free");

        Write(small, "one", 1).ShouldBeTrue();
        Write(small, "two", 2).ShouldBeFalse();
        Write(free, "two", 4).ShouldBeTrue();

        // What was removed leaves room again, and its number another volume.
        store.Remove("small", _ => null);
        var next = store.Create("next", null, new Dictionary<string, string> { ["size"] = "6m" });
        Write(next, "two", 4).ShouldBeTrue();
    }

    [Fact]
    public async Task A_root_holds_as_much_as_its_size_and_another_one_more()
    {
        var images = ImageStoreTests.OpenStore(In("mount"));
        var image = (await images.LoadAsync(new MemoryStream(new TestImage().Layer(new TestLayer().File("below", "b").ToTar()).ToDockerArchive("demo")), null, CancellationToken.None))[0].Image;
        var snapshots = OverlaySnapshotter.Open(images);
        await snapshots.PrepareAsync("small", image, 2L << 20, CancellationToken.None);
        await snapshots.PrepareAsync("free", image, CancellationToken.None);

        Write(snapshots.Describe("small")["UpperDir"], "one", 1).ShouldBeTrue();
        Write(snapshots.Describe("small")["UpperDir"], "two", 2).ShouldBeFalse();
        Write(snapshots.Describe("free")["UpperDir"], "two", 4).ShouldBeTrue();
        // Overlay renames from one to the other, which the kernel does within a project only.
        File.Move(Path.Combine(snapshots.Describe("small")["UpperDir"], "one"), Path.Combine(snapshots.Describe("small")["WorkDir"], "one"));

        snapshots.Remove("small");
        await snapshots.PrepareAsync("next", image, 6L << 20, CancellationToken.None);
        Write(snapshots.Describe("next")["UpperDir"], "two", 4).ShouldBeTrue();
    }

    // As a container writes: the kernel lets CAP_SYS_RESOURCE go beyond every quota, and containers don't have it.
    private static bool Write(VolumeRecord volume, string file, int mebibytes) => Write(volume.MountPoint, file, mebibytes);

    private static bool Write(string directory, string file, int mebibytes) =>
        Run("setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource", "dd", "if=/dev/zero", $"of={Path.Combine(directory, file)}", "bs=1M", $"count={mebibytes}", "conv=fsync") == 0;

    void IDisposable.Dispose()
    {
        if (_mounted)
            Run("umount", In("mount"));
        Dispose();
    }

    private static int Run(string program, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true }) ?? throw new InvalidOperationException($"{program} did not start");
        run.StandardError.ReadToEnd();
        run.WaitForExit();
        return run.ExitCode;
    }
}
