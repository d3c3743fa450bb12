using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>
/// Attacks that exchange a directory of the image or of a volume for a symbolic link while the runtime works in it. Each is tried many times against
/// a thread that does nothing else; what the kernel mounted is read from outside, so that the container's own words count for nothing.
/// </summary>
[Trait("guest", "long")]
public sealed class RuntimeRaceTests : IDisposable
{
    /// <summary>Attempts in which the other thread did exchange something. Under emulation each takes seconds, and the same code is tried here in full.</summary>
    private static readonly int s_attempts = Environment.GetEnvironmentVariable("GUEST") is null ? 25 : 4;

    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    /// <summary>Creates the container again and again while <paramref name="first"/> and <paramref name="second"/> are exchanged.</summary>
    private void Race(RuntimeSpec spec, string directory, string first, string second, Action<IReadOnlyList<(string Root, string Point, string Type)>> onCreated)
    {
        _bundle.Write(spec);
        using var exchange = new Exchange(directory, first, second);
        // On a busy machine the thread may not run at all during an attempt: only those in which it did count.
        var raced = 0;
        for (var i = 0; raced < s_attempts && i < 20 * s_attempts; i++)
        {
            var before = exchange.Count;
            if (_bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id).Code == 0)
                onCreated(_bundle.MountsOfCreated());
            _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
            if (exchange.Count > before)
                raced++;
        }
        raced.ShouldBe(s_attempts, "nobody raced");
    }

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("bind")]
    public void CVE_2021_30465_a_volume_rearranged_meanwhile_leads_no_mount_out(string type)
    {
        var volume = Directory.CreateDirectory(_bundle.Location + "/volume").FullName;
        Directory.CreateDirectory(volume + "/sub/deep");
        File.CreateSymbolicLink(volume + "/link", "../../../../../../../../../.." + _bundle.Outside);
        var spec = _bundle.Spec("true");
        spec = spec with
        {
            Mounts =
            [
                .. spec.Mounts,
                new Mount { Destination = "/vol", Type = "bind", Source = volume, Options = ["rbind"] },
                type == "tmpfs"
                    ? new Mount { Destination = "/vol/sub/deep", Type = "tmpfs", Source = "the-mark", Options = [] }
                    : new Mount { Destination = "/vol/sub/deep", Type = "bind", Source = _bundle.Location + "/streams", Options = ["bind"] },
            ],
        };
        Directory.CreateDirectory(_bundle.Location + "/streams");
        Race(spec, volume, "sub", "link", mounts =>
        {
            _bundle.RequireOutsideUntouched();
            // Wherever it landed, it is one of the container's mounts: outside of its root it would have gone with the old root.
            mounts.Count(mount => mount.Point.StartsWith("/vol/", StringComparison.Ordinal) || mount.Point.StartsWith(_bundle.Outside, StringComparison.Ordinal)).ShouldBe(1);
        });
        _bundle.RequireOutsideUntouched();
    }

    [Fact]
    public void CVE_2024_45310_directories_and_files_made_for_mounts_are_made_inside()
    {
        var volume = Directory.CreateDirectory(_bundle.Location + "/volume").FullName;
        Directory.CreateDirectory(volume + "/sub");
        File.CreateSymbolicLink(volume + "/link", _bundle.Outside);
        var spec = _bundle.Spec("true");
        spec = spec with
        {
            Mounts =
            [
                .. spec.Mounts,
                new Mount { Destination = "/vol", Type = "bind", Source = volume, Options = ["rbind"] },
                new Mount { Destination = "/vol/sub/a/b", Type = "tmpfs", Source = "tmpfs", Options = [] },
                new Mount { Destination = "/vol/sub/c/file", Type = "bind", Source = _bundle.Outside + "/secret", Options = ["bind", "ro"] },
            ],
        };
        Race(spec, volume, "sub", "link", _ => _bundle.RequireOutsideUntouched());
        _bundle.RequireOutsideUntouched();
    }

    [Theory]
    [InlineData("CVE-2023-27561", "proc")]
    [InlineData("CVE-2019-19921", "sys")]
    public void Kernel_file_systems_are_not_mounted_behind_a_link_that_appears_meanwhile(string cve, string name)
    {
        var evil = Directory.CreateDirectory(_bundle.Rootfs + "/evil").FullName;
        Directory.CreateDirectory($"{_bundle.Rootfs}/{name}");
        File.CreateSymbolicLink(_bundle.Rootfs + "/link", "/evil");
        Race(_bundle.Spec("true"), _bundle.Rootfs, name, "link", mounts =>
        {
            var points = mounts.Where(mount => mount.Type == (name == "proc" ? "proc" : "sysfs")).Select(mount => mount.Point).ToArray();
            points.ShouldNotBeEmpty(cve);
            // The directory it is mounted on may be called by its other name by now.
            points.ShouldAllBe(point => point == $"/{name}" || point == "/link" || point.StartsWith($"/{name}/", StringComparison.Ordinal) || point.StartsWith("/link/", StringComparison.Ordinal), cve);
        });
        // The mount point of the control groups below /sys may be made there: a directory of the image, inside.
        Directory.GetFileSystemEntries(evil, "*", SearchOption.AllDirectories).Except([evil + "/fs", evil + "/fs/cgroup"]).ShouldBeEmpty(cve);
    }

    [Fact]
    public void CVE_2023_28642_a_false_proc_never_takes_the_words_meant_for_the_kernel()
    {
        var fake = _bundle.Rootfs + "/evil/sys/net/ipv4";
        Directory.CreateDirectory(fake);
        File.WriteAllText(fake + "/ip_forward", "false");
        Directory.CreateDirectory(_bundle.Rootfs + "/proc");
        File.CreateSymbolicLink(_bundle.Rootfs + "/link", "/evil");
        var spec = _bundle.Spec("true");
        spec = spec with { Linux = (spec.Linux ?? new LinuxSection()) with { Sysctl = new Dictionary<string, string>(StringComparer.Ordinal) { ["net.ipv4.ip_forward"] = "1" } } };
        Race(spec, _bundle.Rootfs, "proc", "link", _ => File.ReadAllText(fake + "/ip_forward").ShouldBe("false"));
        File.ReadAllText(fake + "/ip_forward").ShouldBe("false");
    }

    [Fact]
    public void CVE_2025_31133_paths_are_masked_by_the_null_device_whatever_the_images_own_is_meanwhile()
    {
        Directory.CreateDirectory(_bundle.Rootfs + "/dev");
        File.WriteAllText(_bundle.Rootfs + "/planted", "planted");
        File.CreateSymbolicLink(_bundle.Rootfs + "/dev/link", "/planted");
        using (var root = Sampan.Linux.Io.RootPath.Open(_bundle.Rootfs))
            root.CreateNode("/dev/null", Sampan.Linux.Io.FileKind.CharacterDevice, (UnixFileMode)0x1b6, new Sampan.Linux.Io.DeviceNumber(1, 3));
        var spec = _bundle.Spec("true");
        spec = spec with { Mounts = [.. spec.Mounts.Where(mount => !mount.Destination.StartsWith("/dev", StringComparison.Ordinal))] };
        var created = 0;
        Race(spec, _bundle.Rootfs + "/dev", "null", "link", mounts =>
        {
            created++;
            var masks = mounts.Where(mount => mount.Point is "/proc/kcore" or "/proc/keys" or "/proc/timer_list").ToArray();
            masks.ShouldNotBeEmpty();
            masks.ShouldAllBe(mask => mask.Root == "/null");
        });
        created.ShouldBeGreaterThan(0, "no attempt came so far: the race shows nothing");
        File.ReadAllText(_bundle.Rootfs + "/planted").ShouldBe("planted");
    }

    [Fact]
    public void CVE_2026_41579_a_dev_that_becomes_a_link_meanwhile_makes_no_device_outside()
    {
        Directory.CreateDirectory(_bundle.Rootfs + "/dev");
        File.CreateSymbolicLink(_bundle.Rootfs + "/link", "../../../../../../../../../.." + _bundle.Outside);
        var spec = _bundle.Spec("true");
        spec = spec with { Mounts = [.. spec.Mounts.Where(mount => !mount.Destination.StartsWith("/dev", StringComparison.Ordinal))] };
        Race(spec, _bundle.Rootfs, "dev", "link", _ => _bundle.RequireOutsideUntouched());
        _bundle.RequireOutsideUntouched();
    }
}
