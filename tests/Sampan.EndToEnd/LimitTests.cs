using System.Globalization;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class LimitTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Too_much_memory_is_killed_and_said_so(string client)
    {
        var name = NewName("hungry");
        (await RunAsync(client, "run", "--name", name, "--memory", "16m", "--memory-swap", "16m", "busybox", "sh", "-c", "tail /dev/zero")).Ended(137);

        (await InspectAsync(client, name, "{{.State.OOMKilled}} {{.State.ExitCode}} {{.HostConfig.Memory}}")).ShouldBe("true 137 16777216");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_child_killed_for_memory_is_reported_even_when_init_survives(string client)
    {
        var name = NewName("survivor");
        (await RunAsync(client, "run", "--name", name, "--memory", "16m", "--memory-swap", "16m", "busybox", "sh", "-c", "(tail /dev/zero); echo child ended $?")).Ended(0)
            .Saying("child ended 137");

        (await InspectAsync(client, name, "{{.State.OOMKilled}}")).ShouldBe("true");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Within_its_memory_nothing_is_killed(string client)
    {
        var name = NewName("modest");
        (await RunAsync(client, "run", "--name", name, "--memory", "64m", "busybox", "echo", "fine")).Succeeded().ShouldBe("fine");

        (await InspectAsync(client, name, "{{.State.OOMKilled}}")).ShouldBe("false");
    }

    [Fact]
    public async Task Real_time_is_given_by_the_daemon_to_containers()
    {
        // Without a share of its own the daemon warns; where the kernel has no such groups it says what is missing.
        var created = await RunAsync(Clients.Docker, "create", "--cpu-rt-runtime", "5000", "busybox");
        if (!File.Exists("/sys/fs/cgroup/cpu/cpu.rt_runtime_us"))
        {
            created.Ended(1).Saying("does not support CPU real-time scheduling of groups: it needs cgroup v1 and CONFIG_RT_GROUP_SCHED");
            return;
        }

        created.Ended(0).Saying("no time for real-time tasks");
        (await RunAsync(Clients.Docker, "create", "--cpu-rt-runtime", "2000000", "busybox")).Ended(1).Saying("cpu real-time runtime cannot be higher than cpu real-time period");
        await using var daemon = await Daemon.StartAsync("--cpu-rt-runtime", "10000");
        await daemon.LoadAsync("busybox");
        foreach (var client in new[] { Clients.Docker, Clients.Sampan })
        {
            const string Read = "cat /sys/fs/cgroup/cpu/cpu.rt_runtime_us /sys/fs/cgroup/cpu/cpu.rt_period_us";
            // What the container before had the kernel gives back a moment after its group is gone.
            await Eventually.HoldsAsync("there is time to give", async () => (await daemon.ClientAsync(client, "run", "--rm", "--cpu-rt-runtime", "10000", "busybox", "true")).ExitCode == 0);
            await Eventually.HoldsAsync("it is given", async () => (await daemon.ClientAsync(client, "run", "--rm", "--cpu-rt-runtime", "5000", "--cpu-rt-period", "900000", "busybox", "sh", "-c", Read)).Stdout.Trim() == "5000\n900000");
            (await daemon.ClientAsync(client, "run", "--rm", "--cpu-rt-runtime", "20000", "busybox", "true")).Ended(125).Saying("cpu.rt_runtime_us");
            await Eventually.HoldsAsync("it is given back", async () => (await daemon.ClientAsync(client, "run", "--rm", "--cpu-rt-runtime", "10000", "busybox", "true")).ExitCode == 0);
            await Eventually.HoldsAsync("it is given to who stays", async () =>
            {
                if ((await daemon.ClientAsync(client, "run", "-d", "--name", "real-time", "--cpu-rt-runtime", "4000", "busybox", "sleep", "3600")).ExitCode == 0)
                    return true;
                _ = await daemon.ClientAsync(client, "rm", "-f", "real-time");
                return false;
            });
            (await daemon.ClientAsync(client, "update", "--cpu-rt-runtime", "6000", "real-time")).Succeeded();
            (await daemon.ClientAsync(client, "exec", "real-time", "sh", "-c", Read)).Succeeded().ShouldBe("6000\n1000000");
            (await daemon.ClientAsync(client, "rm", "-f", "real-time")).Succeeded();
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Pids_are_limited(string client)
        => (await RunAsync(client, "run", "--rm", "--pids-limit", "10", "busybox", "sh", "-c", "for i in $(seq 20); do sleep 5 & done; wait"))
            .Stderr.ShouldContain("can't fork");

    [Theory, MemberData(nameof(Both))]
    public async Task Cpus_become_a_quota(string client)
    {
        var name = NewName("slow");
        await SleeperAsync(client, name, "--cpus", "0.5", "--cpu-shares", "512");

        (await InspectAsync(client, name, "{{.HostConfig.NanoCpus}}")).ShouldBe("500000000");
        var quota = (await RunAsync(client, "exec", name, "sh", "-c",
            "cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us")).Succeeded();
        var numbers = quota.Split([' ', '\n']).Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        (numbers[0] / numbers[1]).ShouldBe(0.5);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Ulimits_are_set(string client)
        => (await BusyboxAsync(client, "ulimit -Sn; ulimit -Hn; ulimit -Hc", "--ulimit", "nofile=1000:2000", "--ulimit", "core=0")).Split('\n').ShouldBe(["1000", "2000", "0"]);

    [Theory, MemberData(nameof(Both))]
    public async Task The_container_sees_its_own_limit_in_its_own_cgroup(string client)
        => (await BusyboxAsync(client, "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes", "--memory", "32m")).ShouldBe("33554432");

    [Theory, MemberData(nameof(Both))]
    public async Task A_memory_limit_too_small_is_refused(string client)
        => (await RunAsync(client, "run", "--rm", "--memory", "1m", "busybox", "true")).Ended(125).Saying("Minimum memory limit allowed is 6MB");
}
