using System.Diagnostics;
using Sampan.Storage.Volumes;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>A volume on a server: NFS 4 of this very kernel, where it has both sides; the guest's has.</summary>
[Trait("guest", "long")]
public sealed class NetworkVolumeTests : StorageTest, IDisposable
{
    private const string Control = "/proc/fs/nfsd";
    private readonly Process? _exports;
    private readonly bool _mounted;

    public NetworkVolumeTests()
    {
        if (!File.Exists("/usr/sbin/rpc.nfsd") || !File.Exists("/usr/sbin/rpc.mountd"))
            Assert.Skip("needs Debian's nfs-kernel-server, which the guest has");
        Run("modprobe", "-a", "nfsd", "nfsv4");
        if (!File.ReadAllText("/proc/filesystems").Contains("\tnfsd\n", StringComparison.Ordinal) || !File.ReadAllText("/proc/filesystems").Contains("\tnfs4\n", StringComparison.Ordinal))
            Assert.Skip("this kernel has no NFS; the guest's has");
        Directory.CreateDirectory(In("export"));
        File.WriteAllText(In("export/there"), "on the server\n");
        try
        {
            _mounted = Run("mount", "-t", "nfsd", "nfsd", Control) == 0;
            Run("exportfs", "-i", "-o", "rw,no_root_squash,insecure,no_subtree_check,fsid=0", $"127.0.0.1:{In("export")}").ShouldBe(0);
            _exports = Process.Start(new ProcessStartInfo("/usr/sbin/rpc.mountd", ["--foreground", "--no-nfs-version", "3"]) { UseShellExecute = false });
            Run("rpc.nfsd", "-N", "3", "1").ShouldBe(0);
            // Nobody has opened anything of it before: there is nothing to wait for.
            File.WriteAllText(Control + "/v4_end_grace", "Y");
        }
        catch
        {
            ((IDisposable)this).Dispose();
            throw;
        }
    }

    [Fact]
    public async Task A_volume_of_nfs_is_mounted_while_it_is_used()
    {
        using var store = VolumeStore.Open(In("root"), TimeProvider.System);
        var mounts = new VolumeMounts(store);
        var volume = store.Create("remote", null, new Dictionary<string, string> { ["type"] = "nfs", ["device"] = ":/", ["o"] = "addr=127.0.0.1,vers=4.2,rw,nolock,soft" });

        var path = await mounts.AcquireAsync("remote", "container", CancellationToken.None);

        path.ShouldBe(volume.MountPoint);
        (await File.ReadAllTextAsync(Path.Combine(path, "there"))).ShouldBe("on the server\n");
        await File.WriteAllTextAsync(Path.Combine(path, "written"), "by a container\n");
        (await File.ReadAllTextAsync(In("export/written"))).ShouldBe("by a container\n");
        File.ReadAllText("/proc/self/mounts").ShouldContain($" {path} nfs4 rw,");

        await mounts.ReleaseAsync("remote", "container", CancellationToken.None);
        File.ReadAllText("/proc/self/mounts").ShouldNotContain(path);
        File.Exists(Path.Combine(path, "there")).ShouldBeFalse();
    }

    void IDisposable.Dispose()
    {
        Run("rpc.nfsd", "0");
        Run("exportfs", "-u", $"127.0.0.1:{In("export")}");
        if (_exports is not null)
        {
            _exports.Kill();
            _exports.WaitForExit();
            _exports.Dispose();
        }

        if (_mounted)
            Run("umount", Control);
        Dispose();
    }

    private static int Run(string program, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false }) ?? throw new InvalidOperationException($"{program} did not start");
        run.WaitForExit();
        return run.ExitCode;
    }
}
