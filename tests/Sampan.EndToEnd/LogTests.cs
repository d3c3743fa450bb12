using System.Globalization;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class LogTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Logs_keep_the_two_streams_apart(string client)
    {
        var name = NewName("streams");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", "echo out; echo err >&2")).Succeeded();
        (await RunAsync(client, "wait", name)).Succeeded();

        var logs = await RunAsync(client, "logs", name);

        logs.Ended(0).Stdout.ShouldBe("out\n");
        logs.Stderr.ShouldBe("err\n");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Tail_since_until_and_timestamps_choose_and_mark_lines(string client)
    {
        var name = NewName("chosen");
        (await RunAsync(client, "run", "--name", name, "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo $i; done; sleep 1.2; echo late")).Succeeded();

        (await RunAsync(client, "logs", "--tail", "2", name)).Lines.ShouldBe(["5", "late"]);
        (await RunAsync(client, "logs", "-n", "0", name)).Text.ShouldBeEmpty();

        var stamped = (await RunAsync(client, "logs", "-t", name)).Lines;
        stamped.Length.ShouldBe(6);
        stamped[0].ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z 1$");
        var last = stamped[^1].Split(' ')[0];
        (await RunAsync(client, "logs", "--since", last, name)).Lines.ShouldBe(["late"]);
        (await RunAsync(client, "logs", "--until", stamped[4].Split(' ')[0], name)).Lines.ShouldNotContain("late");
        DateTimeOffset.Parse(last, CultureInfo.InvariantCulture).ShouldBeGreaterThan(DateTimeOffset.Parse(stamped[0].Split(' ')[0], CultureInfo.InvariantCulture).AddSeconds(1));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Follow_shows_lines_as_they_come_and_ends_with_the_container(string client)
    {
        var name = NewName("followed");
        (await RunAsync(client, "run", "-d", "--name", name, "busybox", "sh", "-c", "echo first; while [ ! -e /go ]; do sleep 0.05; done; echo second")).Succeeded();
        using var follow = Shell.Start(Clients.Path(client), ["logs", "-f", name], Daemon.ClientEnvironment);
        (await follow.StandardOutput.ReadLineAsync()).ShouldBe("first");

        (await RunAsync(client, "exec", name, "touch", "/go")).Succeeded();

        (await follow.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience)).ShouldBe("second");
        (await follow.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience)).ShouldBeNull();
        await follow.WaitForExitAsync();
        follow.ExitCode.ShouldBe(0);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_long_line_and_a_last_line_without_end_come_back_whole(string client)
    {
        var name = NewName("long");
        (await RunAsync(client, "run", "--name", name, "busybox", "sh", "-c", "head -c 100000 /dev/zero | tr '\\0' y; echo; printf unfinished")).Succeeded();

        var logs = (await RunAsync(client, "logs", name)).Ended(0).Stdout;

        logs.ShouldBe(new string('y', 100_000) + "\nunfinished");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Logs_of_all_runs_of_a_container_are_kept(string client)
    {
        var name = NewName("runs");
        (await RunAsync(client, "run", "--name", name, "busybox", "echo", "hello")).Succeeded();
        (await RunAsync(client, "start", "-a", name)).Succeeded();

        (await RunAsync(client, "logs", name)).Lines.ShouldBe(["hello", "hello"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Log_options_limit_the_size_on_disk(string client)
    {
        var name = NewName("rotated");
        (await RunAsync(client, "run", "-d", "--name", name, "--log-opt", "max-size=50k", "--log-opt", "max-file=2", "busybox", "sh", "-c", "seq 1 20000 >&2; while [ ! -e /go ]; do sleep 0.05; done; echo end")).Succeeded();
        await Eventually.HoldsAsync("the numbers are logged", async () => (await RunAsync(client, "logs", name)).Stderr.EndsWith("20000\n", StringComparison.Ordinal));
        (await RunAsync(client, "exec", name, "touch", "/go")).Succeeded();
        (await RunAsync(client, "wait", name)).Succeeded();

        var logs = await RunAsync(client, "logs", name);
        logs.Stdout.ShouldBe("end\n");
        logs.Stderr.ShouldContain("20000\n");
        logs.Stderr.Split('\n').Length.ShouldBeLessThan(3000, "two files of 50 kB hold fewer lines");
        var path = await InspectAsync(client, name, "{{.LogPath}}");
        new FileInfo(path).Length.ShouldBeLessThan(60_000);
    }
}
