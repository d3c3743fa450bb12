using System.Diagnostics;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>Attacks that once worked on a runtime, by hostile images and specifications, against the executable.</summary>
public sealed class RuntimeSecurityTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private static RuntimeSpec With(RuntimeSpec spec, params Mount[] mounts) => spec with { Mounts = [.. spec.Mounts, .. mounts] };

    private static Mount Bind(string source, string destination, params string[] options) => new() { Source = source, Destination = destination, Type = "bind", Options = ["rbind", .. options] };

    private static RuntimeSpec Without(RuntimeSpec spec, params string[] destinations) =>
        spec with { Mounts = [.. spec.Mounts.Where(mount => !destinations.Any(one => mount.Destination == one || mount.Destination.StartsWith(one + "/", StringComparison.Ordinal)))] };

    [Fact]
    public void A_usual_container_runs_and_leaves_nothing()
    {
        var (code, output, error) = _bundle.Run(_bundle.Spec("echo hello; id -u; exit 3"));
        (code, output).ShouldBe((3, "hello\n0"), error);
    }

    [Theory]
    [InlineData("proc")]
    [InlineData("sys")]
    public void CVE_2019_19921_kernel_file_systems_are_not_mounted_through_links(string name)
    {
        Directory.CreateDirectory(_bundle.Rootfs + "/evil");
        File.CreateSymbolicLink($"{_bundle.Rootfs}/{name}", "/evil");
        var (code, output, _) = _bundle.Run(_bundle.Spec("echo ran"));
        code.ShouldNotBe(0);
        output.ShouldBeEmpty();
        Directory.GetFileSystemEntries(_bundle.Rootfs + "/evil").ShouldBeEmpty();
    }

    [Fact]
    public void CVE_2021_30465_a_mount_point_behind_a_link_stays_inside()
    {
        var volume = Directory.CreateDirectory(_bundle.Rootfs + "/../volume").FullName;
        File.WriteAllText(volume + "/file", "of the volume");
        File.CreateSymbolicLink(_bundle.Rootfs + "/absolute", _bundle.Outside);
        File.CreateSymbolicLink(_bundle.Rootfs + "/relative", "../outside");
        foreach (var link in (string[])["/absolute", "/relative", "/absolute/below", "/relative/below/deep"])
        {
            var (code, output, error) = _bundle.Run(With(_bundle.Spec($"cat {link}/file"), Bind(volume, link)));
            if (code == 0)
                output.ShouldBe("of the volume", error);
            _bundle.RequireOutsideUntouched();
        }
    }

    [Fact]
    public void CVE_2024_45310_mount_points_are_not_made_on_the_host()
    {
        File.CreateSymbolicLink(_bundle.Rootfs + "/link", "../../../../../../../.." + _bundle.Outside);
        var source = _bundle.Outside + "/secret";
        var (code, output, error) = _bundle.Run(With(_bundle.Spec("cat /link/a/b/new"), Bind(source, "/link/a/b/new", "ro")));
        if (code == 0)
            output.ShouldBe("of the host", error);
        _bundle.RequireOutsideUntouched();
    }

    [Fact]
    public void CVE_2026_41579_an_image_whose_dev_is_a_link_writes_nothing_outside()
    {
        foreach (var target in (string[])[_bundle.Outside, "../outside"])
        {
            File.CreateSymbolicLink(_bundle.Rootfs + "/dev", target);
            _bundle.Run(_bundle.Spec("echo x > /dev/null"));
            _bundle.RequireOutsideUntouched();
            _bundle.Run(Without(_bundle.Spec("true"), "/dev"));
            _bundle.RequireOutsideUntouched();
            File.Delete(_bundle.Rootfs + "/dev");
        }
    }

    [Trait("guest", "long")]
    [Fact]
    public void CVE_2024_21626_no_descriptor_of_the_host_leads_out()
    {
        for (var number = 3; number < 40; number++)
        {
            var spec = _bundle.Spec("cat ../../outside/secret ./outside/secret ../secret secret 2>/dev/null; pwd");
            var (code, output, _) = _bundle.Run(spec.WithProcess(process => process with { Cwd = $"/proc/self/fd/{number}" }));
            output.ShouldNotContain("of the host");
            if (code == 0)
                output.ShouldStartWith("/");
        }

        var (_, descriptors, error) = _bundle.Run(_bundle.Spec("cd /proc/self/fd; echo *"));
        descriptors.Split(' ').Except(["0", "1", "2", "3", "10"]).ShouldBeEmpty(error); // the shell's own directory listing and script
    }

    [Fact]
    public void CVE_2025_31133_masks_do_not_bind_what_the_image_put_in_place_of_dev_null()
    {
        Directory.CreateDirectory(_bundle.Rootfs + "/dev");
        File.WriteAllText(_bundle.Rootfs + "/planted", "planted");
        File.CreateSymbolicLink(_bundle.Rootfs + "/dev/null", "/planted");
        var (code, output, _) = _bundle.Run(Without(_bundle.Spec("cat /proc/kcore /proc/keys /proc/timer_list"), "/dev"));
        (code == 0 ? output : "").ShouldBeEmpty();
        File.ReadAllText(_bundle.Rootfs + "/planted").ShouldBe("planted");
    }

    [Fact]
    public void Masked_and_read_only_paths_are_what_they_say()
    {
        var (code, output, error) = _bundle.Run(_bundle.Spec(
            "cat /proc/keys | grep -c .; ls /sys/firmware | grep -c .; echo x 2>/dev/null > /proc/sysrq-trigger || echo no; echo 1 2>/dev/null > /proc/sys/kernel/hostname || echo no; touch /sys/x 2>/dev/null || echo no"));
        (code, output).ShouldBe((0, "0\n0\nno\nno\nno"), error);
    }

    [Theory]
    [InlineData("/proc")]
    [InlineData("/proc/sys")]
    [InlineData("/proc/self/attr")]
    public void CVE_2019_16884_no_volume_takes_the_place_of_proc(string destination)
    {
        var fake = Directory.CreateDirectory(_bundle.Rootfs + "/../fake").FullName;
        var (code, output, _) = _bundle.Run(With(_bundle.Spec("echo ran"), Bind(fake, destination)));
        code.ShouldNotBe(0);
        output.ShouldBeEmpty();
        Directory.GetFileSystemEntries(fake).ShouldBeEmpty();
    }

    [Fact]
    public void CVE_2025_52881_kernel_parameters_are_written_to_the_real_procfs()
    {
        Directory.CreateDirectory(_bundle.Rootfs + "/proc");
        File.CreateSymbolicLink(_bundle.Rootfs + "/proc/sys", "/tmp");
        var spec = _bundle.Spec("cat /proc/sys/net/ipv4/ip_forward; ls /tmp");
        spec = spec with { Linux = (spec.Linux ?? new LinuxSection()) with { Sysctl = new Dictionary<string, string>(StringComparer.Ordinal) { ["net.ipv4.ip_forward"] = "1" } } };
        var (code, output, error) = _bundle.Run(spec);
        (code, output).ShouldBe((0, "1"), error);
    }

    [Theory]
    [InlineData("kernel.core_pattern")]
    [InlineData("kernel.modprobe")]
    [InlineData("vm.overcommit_memory")]
    [InlineData("net/../kernel/core_pattern")]
    [InlineData("net.ipv4.ip_forward+kernel.core_pattern=/x")]
    public void CVE_2022_0811_only_parameters_of_the_container_may_be_set(string name)
    {
        // The value is the host's own: should a spelling get through, the host is none the worse.
        var value = File.ReadAllText("/proc/sys/kernel/core_pattern").TrimEnd();
        var spec = _bundle.Spec("echo ran");
        spec = spec with { Linux = (spec.Linux ?? new LinuxSection()) with { Sysctl = new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value } } };
        var (code, output, error) = _bundle.Run(spec);
        code.ShouldNotBe(0);
        output.ShouldBeEmpty();
        error.ShouldContain("linux.sysctl");
    }

    [Trait("guest", "long")]
    [Fact]
    public void CVE_2019_5736_the_hosts_runtime_cannot_be_written_through_proc_self_exe()
    {
        var before = File.ReadAllBytes(_bundle.Program);

        // The runtime runs once more in the container, as its init. Writing is "text file busy" as long as somebody runs it; changing its mode tells
        // now whether the mount is read-only, which lasts.
        var (_, output, error) = _bundle.Run(TestSpec.For(_bundle.Id, "/proc/self/exe", "init", "--", "/bin/sh", "-c", "echo inside; chmod 755 /proc/1/exe; echo x >> /proc/1/exe"));
        output.ShouldBe("inside", error);
        error.ShouldContain("chmod: /proc/1/exe: Read-only file system");
        File.ReadAllBytes(_bundle.Program).ShouldBe(before);
    }

    [Trait("guest", "long")]
    [Fact]
    public void CVE_2019_5736_nor_where_the_runtime_lies_on_a_read_only_mount_already()
    {
        // Then it does not start over. A bind mount of its own file, in a mount namespace that ends with it.
        _bundle.Write(TestSpec.For(_bundle.Id, "/proc/self/exe", "init", "--", "/bin/sh", "-c", "echo inside; chmod 755 /proc/1/exe"));
        var script = $"mount --bind '{_bundle.Program}' '{_bundle.Program}'; mount -o remount,bind,ro '{_bundle.Program}'; exec '{_bundle.Program}' --root '{_bundle.Location}/state' run --bundle '{_bundle.Location}' {_bundle.Id}";
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "sh", "-ec", script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true }).ShouldNotBeNull();
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
        process.WaitForExit(60_000).ShouldBeTrue();
        output.ShouldBe("inside\n", error);
        error.ShouldContain("chmod: /proc/1/exe: Read-only file system");
    }

    [Fact]
    public void The_small_init_sees_its_child_end_however_it_was_started()
    {
        for (var i = 0; i < 10; i++)
        {
            var (code, output, error) = _bundle.Run(TestSpec.For(_bundle.Id, "/proc/self/exe", "init", "--", "/bin/sh", "-c", "echo inside; exit 7"));
            (code, output).ShouldBe((7, "inside"), error);
        }
    }

    [Fact]
    public void CVE_2019_5736_a_read_only_copy_of_a_mount_stays_read_only_when_nobody_runs_it()
    {
        var file = _bundle.Outside + "/secret";
        using var mount = Sampan.Linux.Mounts.MountTree.Bind(file, recursive: false);
        mount.Change(Sampan.Linux.Mounts.MountAttributes.ReadOnly, Sampan.Linux.Mounts.MountAttributes.None, Sampan.Linux.Mounts.MountPropagation.Private, recursive: false);
        Should.Throw<IOException>(() => File.AppendAllText(mount.Descriptor.ProcPath, "x")).Message.ShouldContain("Read-only");
    }

    [Fact]
    public void CVE_2022_24769_capabilities_are_exactly_those_given()
    {
        var (_, output, error) = _bundle.Run(_bundle.Spec("grep ^Cap /proc/self/status | cat"));
        output.ShouldBe("CapInh:\t0000000000000000\nCapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000", error);
    }

    [Fact]
    public void CVE_2022_36109_groups_are_exactly_those_given()
    {
        var spec = _bundle.Spec("grep -E '^(Uid|Gid|Groups)' /proc/self/status");
        spec = spec.WithProcess(process => process with { User = new OciUser { Uid = 1000, Gid = 1001, AdditionalGids = [1001, 7] } });
        var (_, output, error) = _bundle.Run(spec);
        output.Replace(" \n", "\n", StringComparison.Ordinal).TrimEnd().ShouldBe("Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\nGroups:\t7 1001", error);
    }

    [Fact]
    public void CVE_2023_25809_the_control_groups_are_the_containers_own_and_read_only()
    {
        var (code, output, error) = _bundle.Run(_bundle.Spec("cat /proc/1/cgroup | grep -v ':/$'; for c in memory pids devices unified; do test -d /sys/fs/cgroup/$c || continue; mkdir /sys/fs/cgroup/$c/x 2>/dev/null && echo made $c; echo 0 2>/dev/null > /sys/fs/cgroup/$c/cgroup.procs && echo wrote $c; done; test -e /sys/fs/cgroup/memory/release_agent && echo agent; echo end"));
        (code, output).ShouldBe((0, "end"), error);
    }
}
