using System.Diagnostics;
using Sampan.Linux.Cgroups;

namespace Sampan.Kernel.Tests.Systemd;

/// <summary>
/// A real systemd as process 1 of namespaces of its own, with a group of its own as the root of its control groups. It finds no units but an empty
/// target; programs are run beside it, in its namespaces.
/// </summary>
public sealed class SystemdMachine : IDisposable
{
    private const string Program = "/lib/systemd/systemd";

    // Its parent waits outside of the group that becomes the root: no group with processes passes controllers on.
    private const string Boot = """
        echo $$ >"$0/root/cgroup.procs"
        exec unshare --mount --propagation private --pid --fork --kill-child --cgroup --ipc --uts --net sh -euc '
            read -r go
            mount -t proc proc /proc
            umount /sys/fs/cgroup # the same file system is not mounted twice at one place
            mount -t cgroup2 cgroup2 /sys/fs/cgroup
            mount --bind /etc /etc
            mount -o remount,bind,ro /etc
            mount -t tmpfs tmpfs /run
            mkdir -p /run/units
            printf "[Unit]\nDefaultDependencies=no\n" >/run/units/default.target
            exec env -i container=sampan PATH=/usr/sbin:/usr/bin:/sbin:/bin SYSTEMD_UNIT_PATH=/run/systemd/transient:/run/units SYSTEMD_LOG_TARGET=console \
                /lib/systemd/systemd --system --unit=default.target --show-status=no
        '
        """;

    private readonly string _group;
    private readonly Process? _launcher;
    private readonly int _init;

    public SystemdMachine()
    {
        var layout = CgroupHost.Detect().Layout;
        WhyNot = Environment.UserName != "root" ? "namespaces need root"
            : !File.Exists(Program) ? "systemd is not installed"
            : layout.Mode != CgroupMode.V2 ? "the controllers are those of cgroup v1 here; the guest suite has v2"
            : null;
        _group = $"{layout.UnifiedMountPoint}/sampan-systemd-{Guid.NewGuid():n}";
        if (WhyNot is not null)
            return;
        CgroupHost.Detect().Create($"/{Path.GetFileName(_group)}/root").Dispose(); // with all controllers
        foreach (var name in (string[])["outside", "root/beside"])
            Directory.CreateDirectory($"{_group}/{name}");
        _launcher = Process.Start(new ProcessStartInfo("/bin/sh", ["-euc", Boot, _group]) { RedirectStandardInput = true, UseShellExecute = false }).ShouldNotBeNull();
        _init = AwaitChild(_launcher.Id);
        try
        {
            File.WriteAllText(_group + "/outside/cgroup.procs", _launcher.Id.ToString());
            _launcher.StandardInput.WriteLine("go");
            Await("systemd to listen", () => _launcher.HasExited || File.Exists($"/proc/{_init}/root/run/systemd/private"));
            _launcher.HasExited.ShouldBeFalse("systemd did not start: it says why, above");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there is none; null if it runs.</summary>
    internal string? WhyNot { get; }

    /// <summary>What is its root, as the host sees it.</summary>
    internal string Root => _group + "/root";

    /// <summary>Runs a program beside it, and waits for its end. Its output goes to files: what is left running keeps the streams.</summary>
    internal (int Code, string Output, string Error) Run(string program, params string[] args)
    {
        var streams = Path.Combine(Path.GetTempPath(), "sampan-systemd-" + Guid.NewGuid().ToString("n"));
        const string enter = "echo $$ >\"$0\"; shift 2; exec nsenter --target \"$INIT\" --mount --pid --cgroup -- \"$@\" </dev/null >\"$STREAMS.out\" 2>\"$STREAMS.err\"";
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-euc", enter, Root + "/beside/cgroup.procs", "", "", program, .. args])
        {
            UseShellExecute = false,
            Environment = { ["INIT"] = _init.ToString(), ["STREAMS"] = streams },
        }).ShouldNotBeNull();
        process.WaitForExit(120_000).ShouldBeTrue($"'{program} {string.Join(' ', args)}' did not end within 120 s");
        var result = (process.ExitCode, File.ReadAllText(streams + ".out").TrimEnd('\n'), File.ReadAllText(streams + ".err"));
        File.Delete(streams + ".out");
        File.Delete(streams + ".err");
        return result;
    }

    /// <summary>Properties of a unit as systemd tells them.</summary>
    internal string Show(string unit, string properties) => Run("systemctl", "show", unit, "--property=" + properties).Output.ReplaceLineEndings(" ");

    internal static void Await(string what, Func<bool> condition)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            patience.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(2), $"waited in vain for {what}");
            Thread.Sleep(20);
        }
    }

    public void Dispose()
    {
        if (_launcher is null)
            return;
        using (var group = CgroupHost.Detect().Open("/" + Path.GetFileName(_group)))
        {
            group.KillAll(TimeSpan.FromSeconds(60)).ShouldBeTrue();
            _launcher.WaitForExit(60_000).ShouldBeTrue();
            group.Remove();
        }
        _launcher.Dispose();
    }

    private static int AwaitChild(int parent)
    {
        var child = 0;
        Await("the first process of the namespaces", () => int.TryParse(File.ReadAllText($"/proc/{parent}/task/{parent}/children").Trim(), out child));
        return child;
    }
}
