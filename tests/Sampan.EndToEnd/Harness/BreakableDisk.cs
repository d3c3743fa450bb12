using System.Runtime.InteropServices;

namespace Sampan.EndToEnd.Harness;

/// <summary>A file system of its own that can be made to answer everything with EIO, as one whose device has failed, and be mounted anew; or to stand still.</summary>
internal sealed class BreakableDisk : IAsyncDisposable
{
    private const uint ShutDown = 0x8004587d; // FS_IOC_SHUTDOWN, of <linux/fs.h>
    private const uint Freeze = 0xc0045877; // FIFREEZE and FITHAW, of <linux/fs.h>
    private const uint Thaw = 0xc0045878;
    private readonly Scratch _scratch = new();
    private readonly List<string> _devices = [];
    private readonly string _place;

    private BreakableDisk(string place) => _place = place;

    private string Image => Path.Combine(_scratch.Path, "disk");

    public static async Task<BreakableDisk> MountAsync(string place)
    {
        var mkfs = Shell.Find("mkfs.ext4");
        if (mkfs is null || !File.Exists("/dev/loop-control"))
            Assert.Skip("needs mkfs.ext4 and loop devices: a file system is made and mounted");
        var disk = new BreakableDisk(place);
        (await Shell.ShAsync($"truncate -s 96M {disk.Image} && {mkfs} -q {disk.Image}")).Succeeded();
        await disk.MountAsync();
        return disk;
    }

    /// <summary>From now on nothing can be read or written. What was written before is on the disk.</summary>
    public void Break()
    {
        using var root = File.OpenHandle(Directory.GetFiles(_place)[0]);
        var flush = 0;
        Control(root.DangerousGetHandle().ToInt32(), ShutDown, ref flush).ShouldBe(0, $"errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>From now on who writes waits, until <see cref="GoOnAsync"/>.</summary>
    public Task StandStillAsync() => ControlAsync(Freeze);

    /// <summary>Whoever waited goes on.</summary>
    public Task GoOnAsync() => ControlAsync(Thaw);

    /// <summary>Another device with the same content takes its place; who has the old one open sees it fail on.</summary>
    public async Task MendAsync()
    {
        (await Shell.RunAsync("umount", ["-l", _place])).Succeeded();
        await MountAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync("umount", ["-l", _place]);
        foreach (var device in _devices)
            await Shell.RunAsync("losetup", ["-d", device]);
        _scratch.Dispose();
    }

    // A freeze waits until all that is under way is written.
    private Task ControlAsync(uint request) => Task.Run(() =>
    {
        using var root = File.OpenHandle(Directory.GetFiles(_place)[0]);
        var nothing = 0;
        Control(root.DangerousGetHandle().ToInt32(), request, ref nothing).ShouldBe(0, $"errno {Marshal.GetLastPInvokeError()}");
    });

    private async Task MountAsync()
    {
        _devices.Add((await Shell.RunAsync("losetup", ["--find", "--show", Image])).Succeeded());
        (await Shell.RunAsync("mount", [_devices[^1], _place])).Succeeded();
    }

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int descriptor, nuint request, ref int argument);
}
