using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Tests.Commands;

/// <summary>The command lines of criu.</summary>
public sealed class CriuArgumentsTests
{
    private static readonly RuntimeSpec s_spec = new()
    {
        Mounts = [new Mount { Destination = "/proc", Type = "proc" }, new Mount { Destination = "/data", Source = "/srv/data", Options = ["rbind"] }],
        Linux = new LinuxSection { MaskedPaths = ["/proc/keys", "/proc/acpi"] },
    };

    private static readonly CheckpointOptions s_options = new() { Criu = "criu", ImagePath = "/images", CgroupMode = "soft" };

    [Fact]
    public void Mounts_from_outside_are_left_out_at_the_dump_and_bound_again_at_the_restore()
    {
        CriuArguments.Dump(s_options, s_spec, 42, "/rootfs", ["/proc/keys"]).ShouldBe(
            ["dump", "--tree", "42", "--log-file", "dump.log", "--images-dir", "/images", "-v4", "--root", "/rootfs", "--manage-cgroups=soft", "--external", "mnt[/data]:/data", "--external", "mnt[/proc/keys]:/proc/keys"]);
        CriuArguments.Restore(s_options, s_spec, "/root", "/pid", ["/dev/null", "pipe:[7]", "/dev/null"]).ShouldBe(
            ["restore", "--restore-detached", "--pidfile", "/pid", "--log-file", "restore.log", "--images-dir", "/images", "-v4", "--root", "/root", "--manage-cgroups=soft", "--external", "mnt[/data]:/srv/data", "--external", "mnt[/proc/keys]:/dev/null", "--external", "mnt[/proc/acpi]:/dev/null", "--inherit-fd", "fd[1]:pipe:[7]"]);
    }

    [Fact]
    public void Every_option_reaches_criu()
    {
        var all = CriuArguments.Dump(
            s_options with { WorkPath = "/work", ParentPath = "../before", LeaveRunning = true, TcpEstablished = true, ExternalUnixSockets = true, ShellJob = true, FileLocks = true, AutoDedup = true, EmptyNamespaces = ["network"], CgroupMode = "full" },
            new RuntimeSpec(), 1, "/r", []);
        foreach (var option in (string[])["--work-dir", "--prev-images-dir", "--track-mem", "--leave-running", "--tcp-established", "--ext-unix-sk", "--shell-job", "--file-locks", "--auto-dedup", "--empty-ns", "--manage-cgroups=full"])
            all.ShouldContain(option);
        CriuArguments.Dump(s_options with { PreDump = true }, new RuntimeSpec(), 1, "/r", [])[0].ShouldBe("pre-dump");
    }
}
