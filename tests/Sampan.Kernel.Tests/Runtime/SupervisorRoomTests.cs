using System.Diagnostics;
using Sampan.Linux.Cgroups;
using Sampan.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>A supervisor that has as many files open as it may.</summary>
public sealed class SupervisorRoomTests
{
    private const int Looks = 40;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_descriptor_who_connects_waits_and_the_container_runs_on()
    {
        await using var container = new TestContainer(null, "sh", "-c", "while ! test -e /go; do sleep 0.02; done; exit 9");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        var before = await LimitAsync(client, "3");

        var second = SupervisorClient.ConnectAsync(container.State, Ct);
        await client.SignalAsync(28, all: false, Ct); // SIGWINCH: who is connected is served
        // Who tries without a pause is never found asleep, however busy the machine is.
        var asleep = 0;
        for (var look = 0; look < Looks; look++)
        {
            await Task.Delay(50, Ct);
            asleep += IsAsleep(client) ? 1 : 0;
        }

        asleep.ShouldBeGreaterThan(Looks / 2, "it does not try without a pause");
        second.IsCompleted.ShouldBeFalse("there is no descriptor for it");

        await LimitAsync(client, before);
        await using var found = await second;
        found.ShouldNotBeNull().InitPid.ShouldBe(client.InitPid);
        await using var exec = await found.ExecAsync(SupervisorTests.Exec("go", "touch", "/go"), Ct);
        (await client.Exited).ExitCode.ShouldBe(9);
        await found.Exited;
    }

    [Fact]
    public async Task With_few_left_execs_and_attached_clients_are_refused_and_the_end_is_as_ever()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(Ct);
        var open = Directory.GetFileSystemEntries($"/proc/{client.SupervisorPid}/fd").Length;
        await LimitAsync(client, $"{open + 10}");

        (await Should.ThrowAsync<RuntimeException>(() => client.ExecAsync(SupervisorTests.Exec("e1", "true"), Ct))).Message.ShouldContain($"too many open files: the container's supervisor may have {open + 10}");
        (await Should.ThrowAsync<RuntimeException>(() => client.AttachAsync(new AttachRequest { Stdout = true }, Ct))).Message.ShouldContain("too many open files");
        await using (var second = await SupervisorClient.ConnectAsync(container.State, Ct))
            second.ShouldNotBeNull("the next daemon finds it");

        await client.SignalAsync(9, all: false, Ct);
        var exit = await client.Exited;
        exit.Error.ShouldBeNull();
        exit.Signal.ShouldBe(9);
        SupervisorClient.ReadExit(container.State).ShouldBe(exit);
        CgroupHost.Detect().Exists(container.Spec.Linux!.CgroupsPath!).ShouldBeFalse();
    }

    /// <summary>Sets the soft limit of open files.</summary>
    /// <returns>What it was.</returns>
    private static async Task<string> LimitAsync(SupervisorClient client, string most)
    {
        var before = (await PrlimitAsync("--noheadings", "--output", "SOFT", "--nofile")).Trim();
        await PrlimitAsync($"--nofile={most}:");
        return before;

        async Task<string> PrlimitAsync(params string[] arguments)
        {
            using var prlimit = Process.Start(new ProcessStartInfo("prlimit", ["--pid", $"{client.SupervisorPid}", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true }) ?? throw new InvalidOperationException("prlimit did not start");
            var said = await prlimit.StandardOutput.ReadToEndAsync(Ct);
            await prlimit.WaitForExitAsync(Ct);
            prlimit.ExitCode.ShouldBe(0);
            return said;
        }
    }

    // Behind the name, which may have spaces.
    private static bool IsAsleep(SupervisorClient client) => File.ReadAllText($"/proc/{client.SupervisorPid}/stat").Split(") ")[^1].StartsWith('S');
}
