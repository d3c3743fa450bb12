using System.Text;
using Sampan.Linux;
using Sampan.Linux.Processes;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>Programs started by posix_spawn, held by descriptor.</summary>
public sealed class ProcessSpawnerTests
{
    [Fact]
    public void A_program_gets_its_arguments_environment_directory_and_streams()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
            using (var stdout = new SafeFd((int)file.DangerousGetHandle(), ownsHandle: false))
            {
                var pid = ProcessSpawner.Spawn("/bin/sh", ["sh", "-c", "echo $0 $1 $GREETING; pwd; readlink /proc/self/fd/9", "zero", "one"],
                    new Dictionary<string, string> { ["GREETING"] = "hello", ["PATH"] = "/bin:/usr/bin" },
                    new SpawnOptions { Stdout = stdout, WorkingDirectory = "/usr", Inherit = [(stdout, 9)] });
                using var process = PidFd.Open(pid);
                process.Reap().ShouldBe(new ProcessExit(0, false));
            }
            Encoding.UTF8.GetString(File.ReadAllBytes(path)).ShouldBe($"zero one hello\n/usr\n{path}\n");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_program_that_is_not_there_is_reported_with_its_path()
    {
        var failure = Should.Throw<LinuxException>(() => ProcessSpawner.Spawn("/no/such/program", ["x"], null, new SpawnOptions()));
        failure.Errno.ShouldBe(Errno.ENOENT);
        failure.Message.ShouldContain("/no/such/program");
    }

    [Fact]
    public void A_signal_ends_a_process_and_the_status_says_so()
    {
        using var process = PidFd.Open(ProcessSpawner.Spawn("/bin/sleep", ["sleep", "1000"], null, new SpawnOptions { NewSession = true }));
        process.WaitEnded(TimeSpan.Zero).ShouldBeFalse();
        process.Send(9).ShouldBeTrue();
        process.WaitEnded(Timeout.InfiniteTimeSpan).ShouldBeTrue();
        process.Reap().ShouldBe(new ProcessExit(9, true));
        process.Send(9).ShouldBeFalse();
        process.Reap().ShouldBeNull();
    }
}
