using System.Diagnostics;
using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>Namespaces: new, joined, left alone.</summary>
public sealed class NamespaceTests : ConformanceTest
{
    private static string Own(string file) => new FileInfo("/proc/self/ns/" + file).LinkTarget.ShouldNotBeNull();

    private static void Set(Container container, string type, string? path)
    {
        var namespaces = container.Linux["namespaces"]!.AsArray();
        foreach (var present in namespaces.Where(one => one!["type"]!.GetValue<string>() == type).ToArray())
            namespaces.Remove(present);
        if (path is not null)
            namespaces.Add(path.Length == 0 ? new JsonObject { ["type"] = type } : new JsonObject { ["type"] = type, ["path"] = path });
    }

    [Theory, Spec("config-linux.md#namespaces")]
    [InlineData("pid", "pid")]
    [InlineData("network", "net")]
    [InlineData("ipc", "ipc")]
    [InlineData("mount", "mnt")]
    [InlineData("uts", "uts")]
    [InlineData("cgroup", "cgroup")]
    public void A_namespace_without_a_path_is_new(string type, string file) => Conforms(() =>
    {
        var container = NewContainer($"readlink /proc/self/ns/{file}");
        Set(container, type, "");
        var inside = container.Run().Succeeds().Output;
        inside.ShouldStartWith(file + ":[");
        inside.ShouldNotBe(Own(file));
    });

    [Theory, Spec("config-linux.md#namespaces")]
    [InlineData("network", "net")]
    [InlineData("ipc", "ipc")]
    [InlineData("uts", "uts")]
    [InlineData("pid", "pid")]
    [InlineData("cgroup", "cgroup")]
    public void A_namespace_with_a_path_is_joined(string type, string file) => Conforms(() =>
    {
        var first = NewContainer("sleep 1000");
        Set(first, "cgroup", "");
        first.Started();
        var path = $"/proc/{first.Pid}/ns/{file}";
        var second = NewContainer($"readlink /proc/self/ns/{file}");
        Set(second, type, path);
        second.Run().Prints(new FileInfo(path).LinkTarget.ShouldNotBeNull());
    });

    [Theory, Spec("config-linux.md#namespaces")]
    [InlineData("network", "net")]
    [InlineData("ipc", "ipc")]
    [InlineData("uts", "uts")]
    [InlineData("pid", "pid")]
    public void A_namespace_that_is_not_named_is_the_runtimes(string type, string file) => Conforms(() =>
    {
        // A sysfs can be mounted by who owns the network namespace only; without it this is about namespaces alone.
        var container = NewContainer($"readlink /proc/self/ns/{file}");
        Set(container, type, null);
        container.Run().Prints(Own(file));
    });

    [Fact, Spec("config-linux.md#namespaces")]
    public void A_path_that_is_no_namespace_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        Set(container, "network", "/etc/passwd");
        container.Create().Fails();
        Set(container, "network", "/no/such/path");
        container.Create().Fails();
    });

    [Fact, Spec("config-linux.md#namespaces")]
    public void A_path_of_another_kind_of_namespace_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        Set(container, "network", "/proc/self/ns/uts");
        container.Create().Fails();
    });

    [Fact, Spec("config-linux.md#namespaces")]
    public void A_namespace_named_twice_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Linux["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "uts" });
        container.Create().Fails();
    });

    [Fact, Spec("config-linux.md#namespaces")]
    public void A_kind_that_does_not_exist_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Linux["namespaces"]!.AsArray().Add(new JsonObject { ["type"] = "no-such" });
        container.Create().Fails();
    });

    [Fact, Spec("config-linux.md#user-namespace-mappings")]
    public void A_user_namespace_maps_ids() => Conforms(() =>
    {
        var container = Mapped("cat /proc/self/uid_map /proc/self/gid_map; id -u; touch /tmp/mine", "");
        var lines = container.Run().Succeeds().Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        lines.ShouldBe(["0 100000 1000", "0 200000 500", "0"]);
    });

    [Fact, Spec("config-linux.md#namespaces")]
    public void A_user_namespace_with_a_path_is_joined() => Conforms(() =>
    {
        var first = Mapped("sleep 1000", "").Started();
        var path = $"/proc/{first.Pid}/ns/user";
        // The maps are those it has; they are said again, as some runtimes look for the ids of root there.
        var second = Mapped("readlink /proc/self/ns/user; id -u; hostname inside && hostname", path);
        second.Process["capabilities"] = new JsonObject { ["bounding"] = Container.Json("CAP_SYS_ADMIN"), ["effective"] = Container.Json("CAP_SYS_ADMIN"), ["permitted"] = Container.Json("CAP_SYS_ADMIN") };
        // The host name can be set by who owns the uts namespace: it was made inside of the user namespace.
        second.Run().Prints($"{new FileInfo(path).LinkTarget}\n0\ninside");
    });

    /// <summary>A container in a user namespace, whose files belong to its root.</summary>
    private Container Mapped(string script, string path)
    {
        var container = NewContainer(script);
        Set(container, "user", path);
        container.Linux["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 1000 });
        container.Linux["gidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 200000, ["size"] = 500 });
        foreach (var directory in (string[])[container.Location, container.Rootfs])
            File.SetUnixFileMode(directory, (UnixFileMode)0x1ed);
        using var chown = Process.Start("/bin/chown", ["-R", "100000:200000", container.Rootfs]);
        chown.WaitForExit();
        return container;
    }

    [Fact, Spec("config.md#hostname")]
    public void The_host_has_the_name_asked_for_and_the_runtimes_host_keeps_its() => Conforms(() =>
    {
        var before = Environment.MachineName;
        var container = NewContainer("hostname");
        container.Config["hostname"] = "mrsdalloway";
        container.Run().Prints("mrsdalloway");
        File.ReadAllText("/proc/sys/kernel/hostname").Trim().ShouldStartWith(before);
    });

    [Fact, Spec("config.md#domainname")]
    public void The_domain_has_the_name_asked_for() => Conforms(() =>
    {
        var container = NewContainer("cat /proc/sys/kernel/domainname");
        container.Config["domainname"] = "foobarbaz.test";
        container.Run().Prints("foobarbaz.test");
    });

    [Fact, Spec("config-linux.md#sysctl")]
    public void Kernel_parameters_are_set() => Conforms(() =>
    {
        var container = NewContainer("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax");
        container.Linux["sysctl"] = new JsonObject { ["net.ipv4.ip_forward"] = "1", ["kernel.msgmax"] = "9999" };
        container.Run().Prints("1\n9999");
    });

    [Fact, Spec("config-linux.md#sysctl")]
    public void A_kernel_parameter_of_the_host_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Linux["sysctl"] = new JsonObject { ["vm.overcommit_memory"] = File.ReadAllText("/proc/sys/vm/overcommit_memory").Trim() };
        container.Create().Fails();
    });

    [Fact, Spec("config-linux.md#personality")]
    public void The_personality_is_the_one_asked_for() => Conforms(() =>
    {
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64, "LINUX32 changes the machine's name on x86-64");
        var container = NewContainer("cat /proc/self/personality");
        container.Linux["personality"] = new JsonObject { ["domain"] = "LINUX32" };
        container.Run().Prints("00000008");
    });
}
