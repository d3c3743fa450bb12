using Sampan.Linux.Files;
using Sampan.Linux.Mounts;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Fields;

/// <summary>User namespaces, and mounts whose files have other owners.</summary>
[Trait("guest", "long")]
public sealed class UserNamespaceTests : IDisposable
{
    private const uint First = 200_000;
    private static readonly IdMapping[] s_map = [new IdMapping { ContainerId = 0, HostId = First, Size = 65_536 }];

    private readonly OciBundle _bundle = new();

    public UserNamespaceTests()
    {
        // The root belongs to root of the namespace, as an engine prepares it; the directories above are closed to its host id.
        foreach (var path in (string[])[_bundle.Rootfs, _bundle.Rootfs + "/bin", _bundle.Rootfs + "/tmp"])
            Chown(path, First);
    }

    public void Dispose() => _bundle.Dispose();

    private static void Chown(string path, uint id)
    {
        using var directory = Linux.Io.RootPath.Open(Path.GetDirectoryName(path)!);
        directory.ChangeOwner(Path.GetFileName(path), id, id);
    }

    private RuntimeSpec InUserNamespace(string script, Func<RuntimeSpec, RuntimeSpec>? change = null)
    {
        var spec = _bundle.Spec(script);
        var linux = spec.Linux!;
        spec = spec with { Linux = linux with { Namespaces = [.. linux.Namespaces, new Namespace { Type = "user" }], UidMappings = s_map, GidMappings = s_map } };
        return change is null ? spec : change(spec);
    }

    [Fact]
    public void Root_inside_is_somebody_else_outside()
    {
        var (code, output, error) = _bundle.Run(InUserNamespace("id -u; busybox tr -s ' ' < /proc/self/uid_map; touch /tmp/made; stat -c %u /tmp/made"));
        (code, error).ShouldBe((0, ""));
        output.ShouldBe($"0\n 0 {First} 65536\n0");
        using var root = Linux.Io.RootPath.Open(_bundle.Rootfs);
        root.Stat("tmp/made").Uid.ShouldBe(First);
    }

    [Fact]
    public void The_process_runs_as_the_mapped_user()
    {
        var spec = InUserNamespace("id -u; id -g; grep CapEff /proc/self/status", spec => spec.WithProcess(process => process with { User = new OciUser { Uid = 7, Gid = 8 }, Capabilities = new CapabilitySets() }));
        _bundle.Run(spec).ShouldBe((0, "7\n8\nCapEff:\t0000000000000000", ""));
    }

    [Fact]
    public void Devices_names_limits_and_file_systems_work_inside()
    {
        var script = "echo x > /dev/null && busybox head -c 3 /dev/zero | busybox wc -c; cat /proc/sys/kernel/hostname; grep -c . /proc/mounts >/dev/null && echo mounts; ls /sys/class >/dev/null && echo sys; "
            + "(echo > /proc/sysrq-trigger) 2>/dev/null || echo closed; cat /proc/kcore 2>/dev/null | busybox head -c 1 | busybox wc -c";
        _bundle.Run(InUserNamespace(script)).ShouldBe((0, "3\nbox\nmounts\nsys\nclosed\n0", ""));
    }

    [Fact]
    public void Clocks_badness_and_kernel_parameters_are_set_inside()
    {
        var spec = InUserNamespace("cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_forward; cat /proc/self/timens_offsets | grep -c 86400", spec => spec.WithProcess(process => process with { OomScoreAdj = 500 }) with
        {
            Linux = spec.Linux! with
            {
                Namespaces = [.. spec.Linux.Namespaces, new Namespace { Type = "time" }],
                TimeOffsets = new Dictionary<string, TimeOffset> { ["boottime"] = new() { Secs = 86_400 } },
                Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" },
            },
        });
        _bundle.Run(spec).ShouldBe((0, "500\n1\n1", ""));
    }

    [Theory]
    [InlineData("idmap", false, 0u)]
    [InlineData("ridmap", true, 0u)]
    [InlineData("idmap", true, 0u)]
    public void A_bind_shows_its_files_with_mapped_owners(string option, bool own, uint seen)
    {
        // Files of root of the host: without a map they belong to nobody inside.
        var volume = Directory.CreateDirectory(_bundle.Outside + "/../volume").FullName;
        File.WriteAllText(volume + "/file", "x");
        var mount = new Mount { Destination = "/data", Type = "bind", Source = volume, Options = ["rbind", option], UidMappings = own ? s_map : [], GidMappings = own ? s_map : [] };
        var spec = InUserNamespace("stat -c %u /data/file; echo more >> /data/file && touch /data/new; stat -c %u /data/new", spec => spec with { Mounts = [.. spec.Mounts, mount] });
        _bundle.Run(spec).ShouldBe((0, $"{seen}\n{seen}", ""));
        using var root = Linux.Io.RootPath.Open(volume);
        root.Stat("new").Uid.ShouldBe(0u);
    }

    [Fact]
    public void A_bind_is_mapped_without_a_user_namespace_too()
    {
        var volume = Directory.CreateDirectory(_bundle.Outside + "/../volume").FullName;
        File.WriteAllText(volume + "/file", "x");
        IdMapping[] map = [new IdMapping { ContainerId = 0, HostId = 5000, Size = 10 }];
        var spec = _bundle.Spec("stat -c '%u %g' /data/file");
        spec = spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/data", Type = "bind", Source = volume, Options = ["bind", "idmap"], UidMappings = map, GidMappings = map }] };
        _bundle.Run(spec).ShouldBe((0, "5000 5000", ""));
        spec = spec with { Mounts = [.. spec.Mounts.SkipLast(1), spec.Mounts[^1] with { UidMappings = [], GidMappings = [] }] };
        _bundle.Run(spec).Error.Plain().ShouldContain("mounts[7].options: idmap without uidMappings and gidMappings");
    }

    [Fact]
    public void A_file_system_that_can_show_no_other_owners_is_told()
    {
        var volume = Directory.CreateDirectory(_bundle.Outside + "/../volume").FullName;
        IdMapping[] map = [new IdMapping { ContainerId = 0, HostId = 5000, Size = 10 }];
        var spec = _bundle.Spec("true");
        spec = spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/data", Type = "bind", Source = volume, Options = ["rbind", "idmap"], UidMappings = map, GidMappings = map }] };
        using (var place = DirectoryHandle.Open(volume))
            MountSpace.MountAt("ramfs", "ramfs", place.Descriptor, MountAttributes.None, "");
        try
        {
            _bundle.Run(spec).Error.Plain().ShouldContain($"cannot show the files of '{volume}' on '/data' with other owners (idmap): its file system does not support it");
        }
        finally
        {
            MountSpace.Detach(volume);
        }
    }

    [Fact]
    public void A_created_container_is_started_and_entered()
    {
        _bundle.Write(InUserNamespace("sleep 1000"));
        try
        {
            _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id).Code.ShouldBe(0);
            _bundle.Call("start", _bundle.Id).Code.ShouldBe(0);
            var (code, output, _) = _bundle.Call("exec", _bundle.Id, "/bin/sh", "-c", "id -u; touch /tmp/entered && stat -c %u /tmp/entered");
            (code, output.TrimEnd()).ShouldBe((0, "0\n0"));
        }
        finally
        {
            _bundle.Call("delete", "--force", _bundle.Id);
        }
    }

    [Fact]
    public void Maps_that_cannot_be_are_refused_by_their_place()
    {
        string Error(Func<LinuxSection, LinuxSection> change) => _bundle.Run(InUserNamespace("true", spec => spec with { Linux = change(spec.Linux!) })).Error.Plain();
        Error(linux => linux with { UidMappings = [] }).ShouldContain("linux.uidMappings: is missing");
        Error(linux => linux with { GidMappings = [s_map[0] with { Size = 0 }] }).ShouldContain("linux.gidMappings[0].size: 0 ids are no range");
        Error(linux => linux with { UidMappings = [s_map[0], s_map[0] with { HostId = 500_000 }] }).ShouldContain("linux.uidMappings[1]: overlaps with linux.uidMappings[0]");
        Error(linux => linux with { UidMappings = [s_map[0] with { HostId = uint.MaxValue }] }).ShouldContain("go beyond the last id");
        Error(linux => linux with { Namespaces = [.. linux.Namespaces.Where(one => one.Type != "user")] }).ShouldContain("linux.uidMappings: is set, but linux.namespaces has no user namespace");
    }

    [Fact]
    public void A_user_that_has_no_id_inside_fails_by_name()
    {
        var (code, _, error) = _bundle.Run(InUserNamespace("id", spec => spec.WithProcess(process => process with { User = new OciUser { Uid = 70_000 } })));
        code.ShouldBe(1);
        error.ShouldContain("70000");
    }

    /// <summary>A container that sleeps, whose namespaces others join.</summary>
    private sealed class Host : IDisposable
    {
        internal OciBundle Bundle { get; } = new();

        internal Host(bool hasUsers)
        {
            var spec = TestSpec.For(Bundle.Id, "/bin/sleep", "1000");
            if (hasUsers)
            {
                foreach (var path in (string[])[Bundle.Rootfs, Bundle.Rootfs + "/bin", Bundle.Rootfs + "/tmp"])
                    Chown(path, First);
                spec = spec with { Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces, new Namespace { Type = "user" }], UidMappings = s_map, GidMappings = s_map } };
            }
            Bundle.Write(spec);
            Bundle.Call("run", "--detach", "--bundle", Bundle.Location, Bundle.Id).ShouldBe((0, "", ""));
            using var state = System.Text.Json.JsonDocument.Parse(Bundle.Call("state", Bundle.Id).Output);
            Pid = state.RootElement.GetProperty("pid").GetInt32();
        }

        internal int Pid { get; }

        internal string Path(string file) => $"/proc/{Pid}/ns/{file}";

        internal string Name(string file) => new FileInfo(Path(file)).LinkTarget.ShouldNotBeNull();

        public void Dispose()
        {
            Bundle.Call("delete", "--force", Bundle.Id);
            Bundle.Dispose();
        }
    }

    private static RuntimeSpec Joining(RuntimeSpec spec, Host host, params (string Type, string File)[] joined) => spec with
    {
        Linux = spec.Linux! with
        {
            Namespaces = [.. spec.Linux.Namespaces.Where(one => !joined.Any(two => two.Type == one.Type)), .. joined.Select(one => new Namespace { Type = one.Type, Path = host.Path(one.File) })],
        },
    };

    [Fact]
    public void A_user_namespace_is_joined_by_path_and_owns_what_is_new()
    {
        using var host = new Host(hasUsers: true);
        // Kernel parameters and sysfs are for the owner of the network namespace alone.
        var spec = Joining(_bundle.Spec("readlink /proc/self/ns/user; id -u; busybox tr -s ' ' < /proc/self/uid_map; cat /proc/sys/net/ipv4/ip_forward; ls -d /sys/class; touch /tmp/made; cat /proc/self/oom_score_adj; [ $$ = 1 ] && echo first"), host, ("user", "user"));
        spec = spec.WithProcess(process => process with { OomScoreAdj = 300 }) with { Linux = spec.Linux! with { Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" } } };
        var (code, output, error) = _bundle.Run(spec);
        (code, error).ShouldBe((0, ""));
        output.ShouldBe($"{host.Name("user")}\n0\n 0 {First} 65536\n1\n/sys/class\n300\nfirst");
        using var root = Linux.Io.RootPath.Open(_bundle.Rootfs);
        root.Stat("tmp/made").Uid.ShouldBe(First);
    }

    [Fact]
    public void A_user_namespace_is_joined_together_with_all_others_of_a_container()
    {
        using var host = new Host(hasUsers: true);
        (string Type, string File)[] all = [("network", "net"), ("ipc", "ipc"), ("uts", "uts"), ("pid", "pid"), ("cgroup", "cgroup"), ("user", "user")];
        var spec = Joining(_bundle.Spec(string.Join("; ", all.Select(one => $"readlink /proc/self/ns/{one.File}")) + "; ls -d /sys/class; [ $$ != 1 ] && echo later"), host, all) with { Hostname = null };
        var (code, output, error) = _bundle.Run(spec);
        (code, error).ShouldBe((0, ""));
        output.ShouldBe(string.Join('\n', all.Select(one => host.Name(one.File))) + "\n/sys/class\nlater");
    }

    [Fact]
    public void A_container_in_a_joined_user_namespace_is_created_started_and_entered()
    {
        using var host = new Host(hasUsers: true);
        var volume = Directory.CreateDirectory(_bundle.Location + "/volume").FullName;
        File.WriteAllText(volume + "/file", "x");
        var mount = new Mount { Destination = "/data", Type = "bind", Source = volume, Options = ["rbind", "idmap"] };
        var spec = Joining(_bundle.Spec("sleep 1000"), host, ("user", "user"));
        _bundle.Write(spec with { Mounts = [.. spec.Mounts, mount] });
        try
        {
            _bundle.Call("create", "--bundle", _bundle.Location, _bundle.Id).ShouldBe((0, "", ""));
            _bundle.Call("start", _bundle.Id).ShouldBe((0, "", ""));
            var (code, output, error) = _bundle.Call("exec", _bundle.Id, "/bin/sh", "-c", "readlink /proc/self/ns/user; id -u; stat -c %u /data/file");
            (code, output).ShouldBe((0, $"{host.Name("user")}\n0\n0"), error);
        }
        finally
        {
            _bundle.Call("delete", "--force", _bundle.Id);
        }
    }

    [Fact]
    public void Namespaces_of_another_container_are_joined_beside_a_new_user_namespace()
    {
        // They belong to the host's root: only who has not entered the new one yet may join them. Message queues and procfs are for their owner to mount.
        using var host = new Host(hasUsers: false);
        (string Type, string File)[] joined = [("network", "net"), ("ipc", "ipc"), ("pid", "pid")];
        var spec = InUserNamespace(string.Join("; ", joined.Select(one => $"readlink /proc/self/ns/{one.File}")) + "; id -u; ls -d /sys/class", spec => Joining(spec, host, joined));
        var (code, output, error) = _bundle.Run(spec with
        {
            Mounts = [.. spec.Mounts.Where(mount => mount.Type is not ("mqueue" or "proc")), new Mount { Destination = "/proc", Type = "bind", Source = "/proc", Options = ["rbind"] }],
            Linux = spec.Linux! with { MaskedPaths = [], ReadonlyPaths = [] },
        });
        (code, error).ShouldBe((0, ""));
        output.ShouldBe(string.Join('\n', joined.Select(one => host.Name(one.File))) + "\n0\n/sys/class");
    }

    [Fact]
    public void A_path_that_is_no_user_namespace_is_refused_and_nothing_is_left()
    {
        using var host = new Host(hasUsers: true);
        var spec = _bundle.Spec("true");
        spec = spec with { Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces, new Namespace { Type = "user", Path = host.Path("net") }] } };
        var (code, _, error) = _bundle.Run(spec);
        code.ShouldBe(1);
        error.Plain().ShouldContain($"cannot join user namespace '{host.Path("net")}'");
    }
}
