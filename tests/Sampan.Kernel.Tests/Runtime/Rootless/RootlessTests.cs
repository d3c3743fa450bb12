using System.Text.Json;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Rootless;

/// <summary>Containers of a user without privilege.</summary>
[Trait("guest", "long")]
public sealed class RootlessTests : IDisposable
{
    private const string NoGroup = "the container has no control group";

    private readonly RootlessBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    private static RuntimeSpec WithLinux(RuntimeSpec spec, Func<LinuxSection, LinuxSection> change) => spec with { Linux = change(spec.Linux ?? new LinuxSection()) };

    private static RuntimeSpec WithMaps(RuntimeSpec spec, params IdMapping[] maps) => WithLinux(spec, linux => linux with { UidMappings = maps, GidMappings = maps });

    [Fact]
    public void What_spec_rootless_writes_runs_as_root_of_a_user_namespace()
    {
        var (code, output, error) = _bundle.Run("id -u; id -g; tr -s ' ' < /proc/self/uid_map; cat /proc/self/setgroups; touch /tmp/made; echo x > /dev/null && echo null; ls /sys | grep -c kernel; cat /proc/sys/kernel/hostname");
        code.ShouldBe(0, error);
        output.ShouldBe($"0\n0\n 0 {RootlessBundle.User} 1\ndeny\nnull\n1\nsampan");
        using var root = Linux.Io.RootPath.Open(_bundle.Rootfs);
        root.Stat("tmp/made").Uid.ShouldBe(RootlessBundle.User);
    }

    [Fact]
    public void A_container_is_created_started_entered_listed_killed_and_deleted()
    {
        _bundle.Write("sleep 1000");
        var (code, _, error) = _bundle.Call("create", _bundle.Id);
        code.ShouldBe(0, error);
        error.ShouldContain(NoGroup);
        Status().ShouldBe("created");
        Directory.Exists(_bundle.Base + "/run/sampan-runtime/" + _bundle.Id).ShouldBeTrue("the state belongs into XDG_RUNTIME_DIR");
        _bundle.Call("start", _bundle.Id).ShouldBe((0, "", ""));
        Status().ShouldBe("running");
        var entered = _bundle.Call("exec", _bundle.Id, "sh", "-c", "id -u; ps -o args | grep -c '^sleep 1000'; grep CapEff /proc/self/status; exit 42");
        (entered.Code, entered.Output).ShouldBe((42, "0\n1\nCapEff:\t0000000020000420"), entered.Error);
        _bundle.Call("ps", "--format", "json", _bundle.Id).Output.ShouldBe($"[{State().GetProperty("pid").GetInt32()}]");
        var (listed, list, _) = _bundle.Call("list");
        listed.ShouldBe(0);
        list.ShouldContain(_bundle.Id);
        _bundle.Call("pause", _bundle.Id).Error.ShouldContain("it has no control group");
        _bundle.Call("kill", "--all", _bundle.Id, "KILL").ShouldBe((0, "", ""));
        Status().ShouldBe("stopped");
        _bundle.Call("delete", _bundle.Id).ShouldBe((0, "", ""));
        _bundle.Call("state", _bundle.Id).Code.ShouldBe(1);
    }

    [Fact]
    public void CVE_2019_5736_who_may_mount_nothing_runs_from_a_sealed_copy_in_memory()
    {
        var before = File.ReadAllBytes(_bundle.Program);
        const string Attack = "readlink /proc/1/exe; (echo x >> /proc/1/exe) 2>/dev/null && echo WROTE; true";
        var (code, output, error) = _bundle.Run("", spec => spec.WithProcess(process => process with { Args = ["/proc/self/exe", "init", "--", "/bin/sh", "-c", Attack] }));
        (code, output).ShouldBe((0, "/memfd:sampan-runtime (deleted)"), error);
        File.ReadAllBytes(_bundle.Program).ShouldBe(before);
    }

    private JsonElement State()
    {
        var (code, output, error) = _bundle.Call("state", _bundle.Id);
        code.ShouldBe(0, error);
        return JsonDocument.Parse(output).RootElement;
    }

    private string? Status() => State().GetProperty("status").GetString();

    [Fact]
    public void A_terminal_is_the_containers_own()
    {
        var (code, output, error) = _bundle.Run("tty; stat -c %u $(tty)", spec => spec.WithProcess(process => process with { Terminal = true }));
        (code, output.ReplaceLineEndings("\n").TrimEnd()).ShouldBe((0, "/dev/pts/0\n0"), error);
    }

    [Fact]
    public void Limits_that_cannot_be_set_are_an_error_and_nothing_is_left()
    {
        var (code, _, error) = _bundle.Run("true", spec => WithLinux(spec, linux => linux with { Resources = new Resources { Pids = new PidsLimit { Limit = 10 } } }));
        code.ShouldBe(1);
        error.ShouldContain("linux.resources: cannot be set without a control group");
        // A path that was asked for is not left out, either.
        (code, _, error) = _bundle.Run("true", spec => WithLinux(spec, linux => linux with { CgroupsPath = "/sampan-runtime-tests/" + _bundle.Id }));
        code.ShouldBe(1);
        error.ShouldContain("cannot create control group");
        error.ShouldContain("EACCES");
    }

    [Fact]
    public void On_v2_a_group_is_made_beside_the_users_own_and_limits_hold()
    {
        Assert.SkipUnless(CgroupHost.Detect().Layout is { Mode: CgroupMode.V2, UnifiedMountPoint: { } }, "nobody is given groups of cgroup v1, which this host has");
        var mountPoint = CgroupHost.Detect().Layout.UnifiedMountPoint.ShouldNotBeNull();
        var delegated = "/sampan-delegated-" + _bundle.Id;
        // As systemd delegates: the group above belongs to the user, who is in one of those below.
        RootlessBundle.Shell($"cd {mountPoint}; echo +pids > cgroup.subtree_control; mkdir .{delegated} .{delegated}/shell; cd .{delegated}; chown {RootlessBundle.User} . cgroup.procs cgroup.subtree_control shell shell/cgroup.procs");
        _bundle.Before = $"echo $$ > {mountPoint}{delegated}/shell/cgroup.procs;";
        try
        {
            var (code, output, error) = _bundle.Run("cat /proc/self/cgroup", spec => WithLinux(spec, linux => linux with
            {
                Resources = new Resources { Pids = new PidsLimit { Limit = 10 } },
                Namespaces = [.. linux.Namespaces.Where(one => one.Type != "cgroup")],
            }));
            (code, error).ShouldBe((0, ""));
            output.ShouldBe($"0::{delegated}/sampan/{_bundle.Id}");
            _bundle.Write("sleep 1000", spec => WithLinux(spec, linux => linux with { Namespaces = [.. linux.Namespaces.Where(one => one.Type != "cgroup")] }));
            _bundle.Call("run", "--detach", _bundle.Id).ShouldBe((0, "", ""));
            _bundle.Call("update", "--pids-limit", "20", _bundle.Id).ShouldBe((0, "", ""));
            File.ReadAllText($"{mountPoint}{delegated}/sampan/{_bundle.Id}/pids.max").ShouldBe("20\n");
            _bundle.Call("exec", _bundle.Id, "cat", "/proc/self/cgroup").ShouldBe((0, $"0::{delegated}/sampan/{_bundle.Id}", ""));
            _bundle.Call("pause", _bundle.Id).ShouldBe((0, "", ""));
            Status().ShouldBe("paused");
            _bundle.Call("resume", _bundle.Id).ShouldBe((0, "", ""));
            _bundle.Call("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
        }
        finally
        {
            _bundle.Before = "";
            RootlessBundle.Shell($"rmdir {mountPoint}{delegated}/shell {mountPoint}{delegated}");
        }
    }

    [Fact]
    public void By_rootless_false_a_missing_control_group_is_an_error()
    {
        _bundle.Write("true");
        var (code, _, error) = _bundle.Call("--rootless", "false", "run", _bundle.Id);
        code.ShouldBe(1);
        error.ShouldContain("cannot create control group");
        _bundle.Call("--rootless", "perhaps", "list").Error.ShouldContain("it is none of true, false, auto");
    }

    [Fact]
    public void Without_a_user_namespace_the_error_says_what_is_missing()
    {
        var (code, _, error) = _bundle.Run("true", spec => WithLinux(spec, linux => linux with { Namespaces = [.. linux.Namespaces.Where(one => one.Type != "user")], UidMappings = [], GidMappings = [] }));
        code.ShouldBe(1);
        error.ShouldContain("linux.namespaces: a user namespace is missing");
    }

    [Fact]
    public void The_network_of_the_host_and_sysfs_go_together()
    {
        var (code, output, error) = _bundle.Run("grep -c ' /sys sysfs ro' /proc/mounts; ls /sys/class/net", spec => WithLinux(spec, linux => linux with { Namespaces = [.. linux.Namespaces.Where(one => one.Type != "network")] }) with
        {
            Mounts = [.. spec.Mounts.Where(mount => mount.Destination != "/sys"), new Mount { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] }],
        });
        code.ShouldBe(0, error);
        output.ShouldStartWith("1\n");
        output.ShouldContain("lo");
    }

    [Fact]
    public void Further_ids_are_mapped_by_newuidmap()
    {
        RequireMappers();
        _bundle.GiveFurtherIds();
        var (code, output, error) = _bundle.Run("id -u; id -G; tr -s ' ' < /proc/self/gid_map; touch /tmp/made; chown 5:7 /tmp/made; stat -c '%u %g' /tmp/made", spec =>
            WithMaps(spec, new IdMapping { ContainerId = 0, HostId = RootlessBundle.User, Size = 1 }, new IdMapping { ContainerId = 1, HostId = RootlessBundle.FirstFurther, Size = 65_535 })
                .WithProcess(process => process with
                {
                    User = new OciUser { AdditionalGids = [8, 9] },
                    Capabilities = process.Capabilities! with { Bounding = ["CAP_CHOWN"], Effective = ["CAP_CHOWN"], Permitted = ["CAP_CHOWN"] },
                }));
        code.ShouldBe(0, error);
        output.ShouldBe($"0\n0 8 9\n 0 {RootlessBundle.User} 1\n 1 {RootlessBundle.FirstFurther} 65535\n5 7");
        using var root = Linux.Io.RootPath.Open(_bundle.Rootfs);
        root.Stat("tmp/made").Uid.ShouldBe(RootlessBundle.FirstFurther + 4);
    }

    [Fact]
    public void Root_inside_may_be_one_of_the_further_ids()
    {
        RequireMappers();
        _bundle.GiveFurtherIds();
        _bundle.Write("sleep 1000", spec => WithMaps(spec, new IdMapping { ContainerId = 0, HostId = RootlessBundle.FirstFurther, Size = 1000 }, new IdMapping { ContainerId = 1000, HostId = RootlessBundle.User, Size = 1 }));
        var (code, _, error) = _bundle.Call("run", "--detach", _bundle.Id);
        code.ShouldBe(0, error);
        var entered = _bundle.Call("exec", "--user", "1000:1000", _bundle.Id, "sh", "-c", "id -u; touch /tmp/mine; stat -c %u /tmp/mine");
        (entered.Code, entered.Output).ShouldBe((0, "1000\n1000"), entered.Error);
        _bundle.Call("kill", _bundle.Id, "KILL").ShouldBe((0, "", ""));
    }

    [Fact]
    public void Ids_that_nobody_gave_the_user_are_refused_by_name()
    {
        RequireMappers();
        _bundle.GiveFurtherIds();
        static RuntimeSpec Change(RuntimeSpec spec) => WithMaps(spec, new IdMapping { ContainerId = 0, HostId = RootlessBundle.User, Size = 1 }, new IdMapping { ContainerId = 1, HostId = 5000, Size = 10 });
        var (code, _, error) = _bundle.Run("true", Change);
        code.ShouldBe(1);
        error.ShouldContain("cannot map the ids of linux.uidMappings: newuidmap:");
        error.ShouldContain("/etc/subuid");
        _bundle.Environment["PATH"] = "/nowhere";
        (code, _, error) = _bundle.Call("run", _bundle.Id);
        code.ShouldBe(1);
        error.ShouldContain("newuidmap, which would map more, cannot be run: install it (package uidmap)");
    }

    [Fact]
    public void Groups_that_may_not_be_set_are_refused_by_name()
    {
        var (code, _, error) = _bundle.Run("true", spec => spec.WithProcess(process => process with { User = new OciUser { AdditionalGids = [0] } }));
        code.ShouldBe(1);
        error.ShouldContain("process.user.additionalGids: cannot be set, as the user namespace denies setgroups(2)");
    }

    [Fact]
    public void Mapped_owners_of_a_mount_are_refused_by_name()
    {
        var (code, _, error) = _bundle.Run("true", spec => spec with { Mounts = [.. spec.Mounts, new Mount { Destination = "/mnt", Type = "bind", Source = _bundle.Base, Options = ["rbind", "idmap"] }] });
        code.ShouldBe(1);
        error.ShouldContain("cannot map the ids of");
        error.ShouldContain("needs privilege");
    }

    [Theory]
    [InlineData("-Ur", true)]
    [InlineData("-Urm", true)]
    [InlineData("-Urm", false)]
    public void Root_of_a_user_namespace_runs_containers_as_podman_does(string namespaces, bool own)
    {
        IdMapping[] map = [new IdMapping { ContainerId = 0, HostId = 0, Size = 1 }];
        _bundle.Write("id -u; tr -s ' ' < /proc/self/uid_map; echo x > /dev/null && echo null", spec => own ? WithMaps(spec, map)
            : WithLinux(spec, linux => linux with { Namespaces = [.. linux.Namespaces.Where(one => one.Type != "user")], UidMappings = [], GidMappings = [] }));
        var (code, output, error) = _bundle.CallBy("unshare", namespaces, _bundle.Program, "run", _bundle.Id);
        code.ShouldBe(0, error);
        output.ShouldBe($"0\n 0 {(own ? 0 : RootlessBundle.User)} 1\nnull");
    }

    [Fact]
    public void Where_the_state_cannot_be_kept_the_error_says_what_to_do()
    {
        _bundle.Write("true");
        var (code, _, error) = _bundle.Call("--root", "/sys/sampan", "run", _bundle.Id);
        code.ShouldBe(1);
        error.ShouldContain("cannot create '/sys/sampan', which is to hold the containers' state");
    }

    private static void RequireMappers() => Assert.SkipUnless(File.Exists("/usr/bin/newuidmap") && File.Exists("/usr/bin/newgidmap"), "newuidmap and newgidmap are missing: install uidmap");
}
