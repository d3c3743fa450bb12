using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>The root, mounts and their options, masked and read-only paths.</summary>
public sealed class MountTests : ConformanceTest
{
    /// <summary>The options of the mount at /data, as the container's mountinfo has them.</summary>
    private const string Show = "grep ' /data ' /proc/self/mountinfo | cut -d' ' -f6";

    private Container WithVolume(string script, params string[] options)
    {
        var container = NewContainer(script);
        Directory.CreateDirectory(container.Location + "/volume");
        return container.Mount("bind", container.Location + "/volume", "/data", options);
    }

    [Theory, Spec("config.md#linux-mount-options")]
    [InlineData("ro", "ro,relatime")]
    [InlineData("nosuid", "rw,nosuid,relatime")]
    [InlineData("nodev", "rw,nodev,relatime")]
    [InlineData("noexec", "rw,noexec,relatime")]
    [InlineData("noatime", "rw,noatime")]
    [InlineData("nodiratime", "rw,nodiratime,relatime")]
    [InlineData("strictatime", "rw")]
    [InlineData("relatime", "rw,relatime")]
    [InlineData("nosymfollow", "rw,nosymfollow,relatime")]
    public void An_option_of_a_bind_mount_holds(string option, string expected) => Conforms(() =>
        WithVolume(Show, "bind", option).Run().Succeeds().Output.Split(',').Order(StringComparer.Ordinal).ShouldBe(expected.Split(',').Order(StringComparer.Ordinal)));

    [Theory, Spec("config.md#linux-mount-options")]
    [InlineData("ro")]
    [InlineData("nosuid")]
    [InlineData("nodev")]
    [InlineData("noexec")]
    [InlineData("noatime")]
    public void An_option_of_a_tmpfs_holds(string option) => Conforms(() =>
        NewContainer(Show).Mount("tmpfs", "tmpfs", "/data", option).Run().Succeeds().Output.Split(',').ShouldContain(option));

    [Theory, Spec("config.md#linux-mount-options")]
    [InlineData("async")]
    [InlineData("atime")]
    [InlineData("defaults")]
    [InlineData("dev")]
    [InlineData("diratime")]
    [InlineData("dirsync")]
    [InlineData("exec")]
    [InlineData("iversion")]
    [InlineData("lazytime")]
    [InlineData("loud")]
    [InlineData("noiversion")]
    [InlineData("nolazytime")]
    [InlineData("norelatime")]
    [InlineData("nostrictatime")]
    [InlineData("rw")]
    [InlineData("silent")]
    [InlineData("suid")]
    [InlineData("sync")]
    public void An_option_that_must_be_known_is_taken_for_a_file_system(string option) => Conforms(() =>
        NewContainer("echo x > /data/x && cat /data/x").Mount("tmpfs", "tmpfs", "/data", option).Run().Prints("x"));

    [Theory, Spec("config.md#linux-mount-options")]
    [InlineData("rro")]
    [InlineData("rnosuid")]
    [InlineData("rnodev")]
    [InlineData("rnoexec")]
    [InlineData("rnoatime")]
    public void A_recursive_option_holds_below_too(string option) => Conforms(() =>
    {
        var container = NewContainer("grep ' /data/dev/shm ' /proc/self/mountinfo | cut -d' ' -f6");
        Directory.CreateDirectory(container.Rootfs + "/data");
        // The tmpfs at /dev/shm of the host's own /dev is bound with it.
        container.Mount("bind", "/", "/data", "rbind", option);
        container.Run().Succeeds().Output.Split('\n')[0].Split(',').ShouldContain(option[1..]);
    });

    [Fact, Spec("config.md#linux-mount-options")]
    public void Remount_changes_what_is_mounted() => Conforms(() =>
    {
        var container = WithVolume(Show, "bind");
        container.Mount("bind", container.Location + "/volume", "/data", "bind", "remount", "ro");
        container.Run().Succeeds().Output.Split(',').ShouldContain("ro");
    });

    [Fact, Spec("config.md#mounts")]
    public void A_bind_shows_what_the_host_has_and_writes_reach_it() => Conforms(() =>
    {
        var container = WithVolume("cat /data/from; echo back > /data/to", "bind", "rw");
        File.WriteAllText(container.Location + "/volume/from", "of the host\n");
        container.Run().Prints("of the host");
        File.ReadAllText(container.Location + "/volume/to").ShouldBe("back\n");
    });

    [Fact, Spec("config.md#mounts")]
    public void A_bind_is_one_by_its_options_whatever_its_type() => Conforms(() =>
    {
        var container = NewContainer("ls /data");
        Directory.CreateDirectory(container.Location + "/volume");
        File.WriteAllText(container.Location + "/volume/here", "");
        container.Mount("none", container.Location + "/volume", "/data", "rbind", "rw").Run().Prints("here");
    });

    [Fact, Spec("config.md#mounts")]
    public void The_source_of_a_bind_may_be_relative_to_the_bundle() => Conforms(() =>
    {
        var container = NewContainer("ls /data");
        Directory.CreateDirectory(container.Location + "/volume");
        File.WriteAllText(container.Location + "/volume/here", "");
        container.Mount("bind", "volume", "/data", "rbind").Run().Prints("here");
    });

    [Fact, Spec("config.md#mounts")]
    public void A_relative_destination_is_below_the_root() => Conforms(() =>
        NewContainer("grep -c ' /data ' /proc/mounts").Mount("tmpfs", "tmpfs", "data").Run().Prints("1"));

    [Fact, Spec("config.md#mounts")]
    public void A_file_is_bound_on_a_file_and_both_are_made() => Conforms(() =>
    {
        var container = NewContainer("cat /deep/down/file");
        File.WriteAllText(container.Location + "/file", "text\n");
        container.Mount("bind", container.Location + "/file", "/deep/down/file", "bind", "ro").Run().Prints("text");
    });

    [Fact, Spec("config.md#mounts")]
    public void Mounts_are_done_in_order() => Conforms(() =>
        NewContainer("ls -d /data/inner; grep -c ' /data' /proc/mounts").Mount("tmpfs", "first", "/data").Mount("tmpfs", "second", "/data/inner").Run().Prints("/data/inner\n2"));

    [Fact, Spec("config.md#mounts")]
    public void A_source_that_is_missing_is_an_error() => Conforms(() => NewContainer().Mount("bind", "/no/such/source", "/data", "bind").Create().Fails());

    [Fact, Spec("config.md#mounts")]
    public void An_option_of_the_file_system_reaches_it() => Conforms(() =>
        NewContainer("stat -c %a /data; grep ' /data ' /proc/mounts | cut -d' ' -f4 | tr , '\\n' | grep size").Mount("tmpfs", "tmpfs", "/data", "mode=1700", "size=64k").Run().Prints("1700\nsize=64k"));

    [Fact, Spec("config.md#mounts")]
    public void An_option_that_nobody_knows_is_an_error() => Conforms(() => NewContainer().Mount("tmpfs", "tmpfs", "/data", "no-such-option").Create().Fails());

    [Theory, Spec("config.md#linux-mount-options")]
    [InlineData("private", "")]
    [InlineData("shared", "shared:")]
    [InlineData("unbindable", "unbindable")]
    public void A_mount_has_the_propagation_asked_for(string option, string expected) => Conforms(() =>
    {
        var container = WithVolume("grep ' /data ' /proc/self/mountinfo | cut -d' ' -f7", "bind", option);
        var field = container.Run().Succeeds().Output;
        if (expected.Length == 0)
            field.ShouldBe("-");
        else
            field.ShouldStartWith(expected);
    });

    [Fact, Spec("config.md#root")]
    public void A_root_that_is_read_only_refuses_writes_and_mounts_below_do_not() => Conforms(() =>
    {
        var container = NewContainer("touch /x 2>/dev/null || echo refused; touch /data/x && echo written").Mount("tmpfs", "tmpfs", "/data");
        Directory.CreateDirectory(container.Rootfs + "/data");
        container.Config["root"]!["readonly"] = true;
        container.Run().Prints("refused\nwritten");
    });

    [Fact, Spec("config.md#root")]
    public void A_root_may_be_given_absolute_and_elsewhere() => Conforms(() =>
    {
        var container = NewContainer("ls /marker");
        Directory.Move(container.Rootfs, container.Location + "/elsewhere");
        File.WriteAllText(container.Location + "/elsewhere/marker", "");
        container.Config["root"]!["path"] = container.Location + "/elsewhere";
        container.Run().Prints("/marker");
    });

    [Theory, Spec("config-linux.md#rootfs-mount-propagation")]
    [InlineData("private", "-")]
    [InlineData("shared", "shared:")]
    [InlineData("slave", "-")]
    public void The_root_has_the_propagation_asked_for(string propagation, string expected) => Conforms(() =>
    {
        var container = NewContainer("awk '$5 == \"/\" { print $7 }' /proc/self/mountinfo");
        container.Linux["rootfsPropagation"] = propagation;
        // A slave of what is shared follows it; of what is private it is nobody's. systemd shares the host's root.
        if (propagation.EndsWith("slave", StringComparison.Ordinal) && IsShared(container.Location))
            expected = "master:";
        container.Run().Succeeds().Output.ShouldStartWith(expected);
    });

    /// <summary>Whether the mount that a path of the host lies on is shared.</summary>
    private static bool IsShared(string path) => File.ReadAllLines("/proc/self/mountinfo").Select(line => line.Split(' '))
        .Where(fields => fields[4] == "/" || path.StartsWith(fields[4] + "/", StringComparison.Ordinal)).MaxBy(fields => fields[4].Length).ShouldNotBeNull()[6].StartsWith("shared:", StringComparison.Ordinal);

    [Fact, Spec("config-linux.md#masked-paths")]
    public void Masked_paths_cannot_be_read() => Conforms(() =>
    {
        var container = NewContainer("cat /proc/version | wc -c; ls /masked | wc -l; cat /file | wc -c");
        Directory.CreateDirectory(container.Rootfs + "/masked/inside");
        File.WriteAllText(container.Rootfs + "/file", "content");
        container.Linux["maskedPaths"] = Container.Json("/proc/version", "/masked", "/file", "/not/there");
        container.Run().Prints("0\n0\n0");
    });

    [Fact, Spec("config-linux.md#readonly-paths")]
    public void Read_only_paths_cannot_be_written() => Conforms(() =>
    {
        var container = NewContainer("touch /fixed/x 2>/dev/null || echo refused; echo 1 2>/dev/null > /proc/sys/net/ipv4/ip_forward || echo refused; cat /fixed/file");
        Directory.CreateDirectory(container.Rootfs + "/fixed");
        File.WriteAllText(container.Rootfs + "/fixed/file", "content\n");
        container.Linux["readonlyPaths"] = Container.Json("/fixed", "/proc/sys", "/not/there");
        container.Run().Prints("refused\nrefused\ncontent");
    });

    [Fact, Spec("runtime-linux.md")]
    public void Nothing_of_the_host_is_mounted_in_the_container_but_what_is_asked_for() => Conforms(() =>
        // The root, and what the configuration lists; a console or masks were not asked for.
        NewContainer("cut -d' ' -f5 /proc/self/mountinfo | sort").Run().Prints("/\n/dev\n/dev/pts\n/dev/shm\n/proc\n/sys"));

    [Fact, Spec("config-linux.md#default-filesystems")]
    public void The_default_file_systems_are_there() => Conforms(() =>
        NewContainer("for d in /proc /sys /dev/pts /dev/shm; do grep -c \" $d \" /proc/mounts; done").Run().Prints("1\n1\n1\n1"));
}
