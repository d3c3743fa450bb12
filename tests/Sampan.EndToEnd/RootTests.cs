using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>One daemon at a time has a data root and an exec root.</summary>
public sealed class RootTests
{
    private const long PidFdOpen = 434;
    private const long PidFdGetFd = 438;

    [Fact]
    public async Task A_second_daemon_on_the_same_roots_is_refused_and_the_first_goes_on()
    {
        using var scratch = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        foreach (var (data, exec, taken) in new[] { (daemon.DataRoot, $"{scratch.Path}/run", daemon.DataRoot), ($"{scratch.Path}/data", daemon.ExecRoot, daemon.ExecRoot) })
        {
            (await Shell.RunAsync(daemon.Executable, ["--host", $"unix://{scratch.Path}/s.sock", "--data-root", data, "--exec-root", exec, "--bridge", "none-of-it"]))
                .Ended(1).Saying($"another sampand is already running on '{taken}': stop it first, or give this one its own --data-root, --exec-root and --bridge");
        }

        (await daemon.SampanAsync("ps")).Succeeded();
    }

    [Fact]
    public async Task A_process_that_a_killed_daemon_was_just_starting_does_not_keep_the_next_one_out()
    {
        await using var daemon = await Daemon.StartAsync();
        // As a copy of the daemon has them open that has not come to its program yet.
        var pidfd = (int)Call(PidFdOpen, daemon.Pid, 0, 0);
        var held = Locks(daemon.Pid)
            .Select(file => new SafeFileHandle((nint)Call(PidFdGetFd, pidfd, long.Parse(file.Name, CultureInfo.InvariantCulture), 0), ownsHandle: true)).ToList();
        held.Count.ShouldBe(4, "two for each root");
        held.ShouldAllBe(file => !file.IsInvalid);

        await daemon.CrashAsync();
        var starting = daemon.StartAgainAsync();
        await Eventually.HoldsAsync("the next one is at a lock", () => Locks(daemon.Pid).Any());
        held.ForEach(file => file.Dispose());
        await starting;

        (await daemon.SampanAsync("ps")).Succeeded();
        new SafeFileHandle(pidfd, ownsHandle: true).Dispose();
    }

    [Fact]
    public async Task A_daemon_that_is_made_to_copy_its_own_roots_away_is_still_the_only_one()
    {
        using var scratch = new Scratch();
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        (await daemon.SampanAsync("create", "--name", "reader", "-v", $"{daemon.DataRoot}:/data", "-v", $"{daemon.ExecRoot}:/run", "busybox")).Succeeded();
        foreach (var file in new[] { "data/sampand.lock", "data/engine.lock", "run/sampand.lock", "run/engine.lock" })
        {
            (await daemon.SampanAsync("cp", $"reader:/{file}", $"{scratch.Path}/{file.Replace('/', '-')}")).Succeeded();
        }

        Directory.GetFiles(scratch.Path).Length.ShouldBe(4);
        (await Shell.RunAsync(daemon.Executable, ["--host", $"unix://{scratch.Path}/s.sock", "--data-root", daemon.DataRoot, "--exec-root", daemon.ExecRoot, "--bridge", "none-of-it"]))
            .Ended(1).Saying($"another sampand is already running on '{daemon.DataRoot}'");
        (await daemon.SampanAsync("ps")).Succeeded();
    }

    private static IEnumerable<FileSystemInfo> Locks(int pid) =>
        new DirectoryInfo($"/proc/{pid}/fd").EnumerateFileSystemInfos().Where(file => file.LinkTarget?.EndsWith(".lock", StringComparison.Ordinal) == true);

    [DllImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern long Call(long number, long one, long two, long three);
}
