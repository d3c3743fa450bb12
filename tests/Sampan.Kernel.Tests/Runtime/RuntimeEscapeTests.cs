using System.Net.Sockets;
using Sampan.Oci.Runtime;
using Filter = Sampan.Oci.Runtime.Seccomp;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>Attacks by what a container inherits: descriptors, directories, consoles, capabilities, control groups; each beside a control that shows it would work.</summary>
public sealed class RuntimeEscapeTests : IDisposable
{
    private readonly OciBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private static RuntimeSpec Without(RuntimeSpec spec, string destination) =>
        spec with { Mounts = [.. spec.Mounts.Where(mount => mount.Destination != destination && !mount.Destination.StartsWith(destination + "/", StringComparison.Ordinal))] };

    [Fact]
    public void CVE_2024_21626_a_directory_that_the_engine_left_open_is_neither_working_directory_nor_open()
    {
        var spec = _bundle.Spec("echo inside; cat secret; cat /proc/self/fd/3/secret").WithProcess(process => process with { Cwd = "/proc/self/fd/3" });
        _bundle.Write(spec);
        // The caller's descriptor 3 is a directory of the host. The control: with --preserve-fds it is the container's by wish, and leads out.
        var wished = _bundle.CallAfter($"exec 3<{_bundle.Outside}", "run", "--preserve-fds", "1", "--bundle", _bundle.Location, _bundle.Id);
        wished.Output.ShouldNotContain("of the host", customMessage: "a working directory outside of the root is refused even then");
        wished.Error.ShouldContain("working directory");
        _bundle.Write(_bundle.Spec("cat /proc/self/fd/3/secret"));
        _bundle.CallAfter($"exec 3<{_bundle.Outside}", "run", "--preserve-fds", "1", "--bundle", _bundle.Location, _bundle.Id).Output.ShouldBe("of the host", "the control");

        _bundle.CallAfter($"exec 3<{_bundle.Outside}", "run", "--bundle", _bundle.Location, _bundle.Id).Output.ShouldBeEmpty();
        _bundle.Write(spec);
        var attack = _bundle.CallAfter($"exec 3<{_bundle.Outside}", "run", "--bundle", _bundle.Location, _bundle.Id);
        attack.Output.ShouldNotContain("inside");
        attack.Code.ShouldNotBe(0);
    }

    [Fact]
    public void CVE_2024_21626_hooks_that_run_in_the_container_hold_nothing_of_the_host()
    {
        // The program of this kind of hook lies in the image, so the image decides what it does.
        var hook = new Hook { Path = "/bin/sh", Args = ["sh", "-c", "cat /proc/self/fd/3/secret > /tmp/hook; cd /proc/self/fd; echo * >> /tmp/hook; true"], Env = ["PATH=/bin"] };
        _bundle.Write(_bundle.Spec("cat /tmp/hook") with { Hooks = new Hooks { StartContainer = [hook] } });
        var (code, output, error) = _bundle.CallAfter($"exec 3<{_bundle.Outside}", "run", "--bundle", _bundle.Location, _bundle.Id);
        code.ShouldBe(0, error);
        output.ShouldNotContain("of the host");
        output.Split(' ').Except(["0", "1", "2", "3", "10"]).ShouldBeEmpty(error);
    }

    [Theory]
    [InlineData("/planted")]
    [InlineData("/proc/sysrq-trigger")]
    [InlineData("/dev/pts/0")]
    public void CVE_2025_52565_a_console_that_is_a_link_in_the_image_is_not_bound_through(string target)
    {
        Directory.CreateDirectory(_bundle.Rootfs + "/dev");
        File.WriteAllText(_bundle.Rootfs + "/planted", "planted");
        File.CreateSymbolicLink(_bundle.Rootfs + "/dev/console", target);
        var spec = Without(_bundle.Spec("true"), "/dev");
        // The image's own /dev, with a devpts in it.
        spec = spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["newinstance", "ptmxmode=0666"] }] };
        CreateWithTerminal(spec, (code, error) =>
        {
            code.ShouldBe(1);
            error.ShouldContain("/dev/console");
        });
        File.ReadAllText(_bundle.Rootfs + "/planted").ShouldBe("planted");
    }

    [Fact]
    public void CVE_2025_52565_a_console_is_a_terminal_of_the_containers_own_instance()
    {
        CreateWithTerminal(_bundle.Spec("true"), (code, error) =>
        {
            code.ShouldBe(0, error);
            var console = _bundle.MountsOfCreated().Single(mount => mount.Point == "/dev/console");
            (console.Type, console.Root).ShouldBe(("devpts", "/0"));
        });
    }

    [Fact]
    public void CVE_2025_52565_a_multiplexer_that_the_image_put_in_place_is_not_opened()
    {
        Directory.CreateDirectory(_bundle.Rootfs + "/dev/pts");
        File.CreateSymbolicLink(_bundle.Rootfs + "/dev/pts/ptmx", "/planted");
        File.WriteAllText(_bundle.Rootfs + "/planted", "planted");
        CreateWithTerminal(Without(_bundle.Spec("true"), "/dev"), (code, error) =>
        {
            code.ShouldBe(1);
            error.ShouldContain("ptmx");
        });
        File.ReadAllText(_bundle.Rootfs + "/planted").ShouldBe("planted");
    }

    private void CreateWithTerminal(RuntimeSpec spec, Action<int, string> check)
    {
        var path = _bundle.Location + "/console.sock";
        File.Delete(path);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        _bundle.Write(spec.WithProcess(process => process with { Terminal = true }));
        try
        {
            var (code, _, error) = _bundle.Call("create", "--bundle", _bundle.Location, "--console-socket", path, _bundle.Id);
            check(code, error);
        }
        finally
        {
            _bundle.Call("delete", "--force", _bundle.Id).Code.ShouldBe(0);
        }
    }

    [Theory]
    [InlineData("apparmor")]
    [InlineData("selinux")]
    public void CVE_2019_16884_a_label_is_never_written_to_a_false_proc(string module)
    {
        var fake = Directory.CreateDirectory(_bundle.Location + "/fake/self/attr").FullName;
        Directory.CreateDirectory(fake + "/apparmor");
        foreach (var file in (string[])["/exec", "/apparmor/exec"])
            File.WriteAllText(fake + file, "nothing");
        var spec = Without(_bundle.Spec("echo ran"), "/proc");
        spec = spec with { Mounts = [new Mount { Destination = "/proc", Type = "bind", Source = _bundle.Location + "/fake", Options = ["rbind"] }, .. spec.Mounts] };
        spec = spec.WithProcess(process => module == "apparmor" ? process with { ApparmorProfile = "docker-default" } : process with { SelinuxLabel = "system_u:system_r:container_t:s0" });
        var (code, output, _) = _bundle.Run(spec);
        code.ShouldNotBe(0);
        output.ShouldBeEmpty();
        (File.ReadAllText(fake + "/exec") + File.ReadAllText(fake + "/apparmor/exec")).ShouldBe("nothingnothing");
    }

    [Theory]
    [InlineData("/link")]
    [InlineData("/link/sys/kernel")]
    [InlineData("/link/1/attr")]
    public void CVE_2019_16884_no_link_of_the_image_brings_a_volume_over_proc(string destination)
    {
        File.CreateSymbolicLink(_bundle.Rootfs + "/link", "/proc");
        var fake = Directory.CreateDirectory(_bundle.Location + "/fake").FullName;
        foreach (var mount in (Mount[])[new() { Destination = destination, Type = "bind", Source = fake, Options = ["rbind"] }, new() { Destination = destination, Type = "tmpfs", Source = "tmpfs" }])
        {
            var spec = _bundle.Spec("echo ran");
            var (code, output, error) = _bundle.Run(spec with { Mounts = [.. spec.Mounts, mount] });
            code.ShouldNotBe(0);
            output.ShouldBeEmpty();
            error.ShouldContain("'/proc'");
        }
    }

    [Fact]
    public void CVE_2021_43784_a_specification_of_any_length_says_what_it_says_and_no_more()
    {
        // Lengths beyond 16 bits once wrapped around, and what followed was read as further orders: join these namespaces instead.
        var orders = string.Concat(Enumerable.Repeat("ipc:/proc/1/ns/ipc,net:/proc/1/ns/net,mnt:/proc/1/ns/mnt\u0001\u0002", 1200));
        orders.Length.ShouldBeGreaterThan(ushort.MaxValue);
        var spec = _bundle.Spec("for n in ipc net mnt pid uts; do readlink /proc/self/ns/$n; done; echo ${#LONG}")
            .WithProcess(process => process with { Env = [.. process.Env, "LONG=" + orders] });
        var (code, output, error) = _bundle.Run(spec with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["x"] = orders } });
        code.ShouldBe(0, error);
        var lines = output.Split('\n');
        foreach (var (line, name) in lines.Zip(["ipc", "net", "mnt", "pid", "uts"]))
        {
            line.ShouldStartWith(name + ":[");
            line.ShouldNotBe(new FileInfo("/proc/self/ns/" + name).LinkTarget);
        }
        lines[^1].ShouldBe(orders.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));

        var linux = (spec.Linux ?? new LinuxSection()) with { Namespaces = [new Namespace { Type = "mount" }, new Namespace { Type = "network", Path = "/" + orders }] };
        _bundle.Run(spec with { Linux = linux }).Code.ShouldBe(1);
    }

    [Fact]
    public void CVE_2022_27650_capabilities_given_cannot_be_inherited_past_a_change_of_user()
    {
        // A file with inheritable capabilities passes on what the process has in its inheritable set: that must be nothing.
        var spec = _bundle.Spec("grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status").WithProcess(process => process with { User = new OciUser { Uid = 1000, Gid = 1000 } });
        const string nothing = "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapAmb:\t0000000000000000";
        _bundle.Run(spec).Output.ShouldBe(nothing);
        // The control: what is asked for by name is there.
        var asked = spec.WithProcess(process => process with { Capabilities = process.Capabilities! with { Inheritable = ["CAP_CHOWN"], Ambient = ["CAP_CHOWN"] } });
        _bundle.Run(asked).Output.ShouldBe(nothing.Replace("0000000000000000", "0000000000000001", StringComparison.Ordinal));
    }

    [Fact]
    public void CVE_2022_0492_the_release_agent_is_out_of_reach()
    {
        const string attack = "unshare -Urm sh -c 'mkdir /tmp/cg; mount -t cgroup -o memory cgroup /tmp/cg && echo /evil > /tmp/cg/release_agent && echo LEAK'; mount -o remount,rw /sys/fs/cgroup/memory && echo LEAK; mkdir /sys/fs/cgroup/memory/x && echo LEAK; ls /sys/fs/cgroup/memory/release_agent && echo LEAK; echo end";
        foreach (var filter in (bool[])[false, true])
        {
            var spec = _bundle.Spec(attack);
            if (filter)
                spec = spec with { Linux = spec.Linux! with { Seccomp = new Filter { DefaultAction = "SCMP_ACT_ALLOW", Syscalls = [new SeccompRule { Names = ["unshare", "mount"], Action = "SCMP_ACT_ERRNO" }] } } };
            var (_, output, error) = _bundle.Run(spec);
            output.ShouldBe("end", error);
            error.Contains("unshare: ", StringComparison.Ordinal).ShouldBe(filter, error); // the control: without a filter the namespaces are made
        }
    }

    [Fact]
    public void CVE_2023_25809_without_a_namespace_of_its_own_the_view_of_the_groups_is_read_only_too()
    {
        var spec = _bundle.Spec("for c in memory pids; do test -d /sys/fs/cgroup/$c || continue; mkdir /sys/fs/cgroup/$c/x && echo LEAK; echo 0 > /sys/fs/cgroup/$c/cgroup.procs && echo LEAK; done; mkdir /sys/fs/cgroup/x && echo LEAK; echo 0 > /sys/fs/cgroup/cgroup.procs && echo LEAK; grep -q ' /sys/fs/cgroup[^ ]* cgroup' /proc/mounts || echo none; grep ' /sys/fs/cgroup' /proc/mounts | grep -v ' ro,'; echo end");
        spec = spec with { Linux = spec.Linux! with { Namespaces = [.. spec.Linux!.Namespaces.Where(one => one.Type != "cgroup")] } };
        var (code, output, error) = _bundle.Run(spec);
        (code, output).ShouldBe((0, "end"), error);
    }

    [Fact]
    public void CVE_2025_24965_an_image_chooses_no_other_handler_and_no_file_to_be_written()
    {
        File.CreateSymbolicLink(_bundle.Rootfs + "/.krun_config.json", "../outside/secret");
        var (code, output, error) = _bundle.Run(_bundle.Spec("echo ran") with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["run.oci.handler"] = "krun", ["krun.use_passt"] = "1" } });
        (code, output).ShouldBe((0, "ran"), error);
        _bundle.RequireOutsideUntouched();
    }

    [Trait("guest", "long")]
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CVE_2022_0847_the_page_cache_of_the_runtime_and_of_read_only_files_is_not_written_through_a_pipe(bool runtime)
    {
        AttackProgram.PutInto(_bundle.Rootfs);
        var before = File.ReadAllBytes(_bundle.Program);
        // The program of the container's init is the host's runtime, as in CVE-2019-5736.
        var spec = runtime
            ? TestSpec.For(_bundle.Id, "/proc/self/exe", "init", "--", "/bin/sh", "-c", "/bin/attacks dirtypipe /proc/1/exe")
            : _bundle.Spec("/bin/attacks dirtypipe /shared/secret");
        if (!runtime)
            spec = spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/shared", Type = "bind", Source = _bundle.Outside, Options = ["rbind", "ro"] }] };
        var (code, output, error) = _bundle.Run(spec);
        (code, output).ShouldBe((0, "unchanged"), error);
        File.ReadAllBytes(_bundle.Program).ShouldBe(before);
        _bundle.RequireOutsideUntouched();
    }
}
