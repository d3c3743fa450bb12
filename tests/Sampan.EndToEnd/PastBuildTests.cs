using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What <c>sampan build</c> remembers of builds: why steps ran, what they said, and the state in which one failed.</summary>
public sealed class PastBuildTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"past-{Guid.NewGuid():n}";

    [Fact]
    public async Task Explain_names_the_file_the_argument_and_the_step_below_that_changed_and_the_build_they_are_compared_with()
    {
        using var context = new Scratch();
        // Builds of files of another name are compared only where a step has the same text.
        var file = Path.Combine(context.Path, $"{_own}.Dockerfile");
        File.WriteAllText(file, $"FROM busybox\nENV own={_own}\nARG V=1\nCOPY a b /in/\nRUN echo $V > /v\nRUN cat /in/a; : {_own}\n");
        File.WriteAllText(Path.Combine(context.Path, "a"), "1");
        File.WriteAllText(Path.Combine(context.Path, "b"), "1");

        (await BuildAsync(context, "-f", file)).Succeeded().ShouldContain("no earlier build that is remembered had this step");
        var first = await NewestAsync();
        (await BuildAsync(context, "-f", file)).Succeeded().ShouldEndWith("No step ran: everything came from the cache.");

        (await BuildAsync(context, "-f", file, "--build-arg", "V=2")).Succeeded().ShouldContain("argument V was '1', is '2'");

        File.WriteAllText(Path.Combine(context.Path, "b"), "2");
        var said = (await BuildAsync(context, "-f", file)).Succeeded();
        said.ShouldContain($"[stage 4/6] COPY a b /in/\n      file b has another content (compared with build ");
        said.ShouldContain("[stage 5/6] RUN echo $V > /v\n      argument V was '2', is '1'; the files below are others, since 'COPY a b /in/' ran again");
        var last = await NewestAsync();
        last.ShouldNotBe(first);

        using var build = JsonDocument.Parse((await Daemon.SampanAsync("build", "inspect", "--format", "json", last[..12])).Succeeded());
        build.RootElement.GetProperty("Status").GetString().ShouldBe("done");
        build.RootElement.GetProperty("Steps").EnumerateArray().Single(step => step.GetProperty("Text").GetString() == "COPY a b /in/").GetProperty("Reason").GetString().ShouldBe("file b has another content");
        (await Daemon.SampanAsync("build", "inspect", last)).Succeeded().ShouldContain("file b has another content");
        (await Daemon.SampanAsync("build", "logs", last)).Succeeded().ShouldContain("[stage 4/6] COPY a b /in/");
        (await Daemon.SampanAsync("build", "history", "--rm", last)).Succeeded();
        (await Daemon.SampanAsync("build", "inspect", last)).Failed().Saying($"no such build: {last}");
    }

    [Fact]
    public async Task A_failed_build_is_remembered_with_its_output_and_a_shell_opens_where_it_failed()
    {
        using var context = new Scratch();
        File.WriteAllText(Path.Combine(context.Path, "Dockerfile"), $"FROM busybox\nENV own={_own}\nARG A=arg\nWORKDIR /w\nRUN echo half done > state; echo said before; exit 5\n");

        var failed = await Daemon.ClientWithInputAsync(Clients.Sampan, "echo [$(cat state) $A $own $PWD]\n", "build", "--shell-on-error", "-t", _own, context.Path);

        failed.Ended(5).Saying("said before").Saying("Dockerfile:5").Saying(">>> RUN echo half done").Saying("returned a non-zero code: 5");
        failed.All.ShouldContain($"[half done arg {_own} /w]");
        var id = await NewestAsync();
        (await Daemon.SampanAsync("build", "logs", id)).Succeeded().ShouldContain("said before");
        (await Daemon.SampanAsync("build", "inspect", id)).Succeeded().ShouldContain("returned a non-zero code: 5");
        (await Daemon.SampanAsync("build", "history", "--no-trunc")).Succeeded().ShouldMatch($"{id} +{_own}:latest +failed");
        // Nothing is left of the shell, and of what was kept for it.
        (await RunAsync(Clients.Docker, "system", "df", "-v", "--format", "{{json .BuildCache}}")).Succeeded().ShouldNotContain("failed: RUN echo half done");
    }

    [Fact]
    public async Task A_daemon_that_dies_in_a_build_leaves_nothing_of_it_but_the_steps_that_were_done()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        using var context = new Scratch();
        File.WriteAllText(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nRUN echo first > /first\nRUN sleep 1000\n");
        var building = daemon.SampanAsync("build", context.Path);
        await Eventually.HoldsAsync("the second step runs", async () => (await daemon.DockerAsync("ps", "--no-trunc", "--filter", "label=io.sampan.build", "--format", "{{.Command}}")).Stdout.Contains("sleep 1000", StringComparison.Ordinal));

        await daemon.CrashAsync();
        (await building).Failed();
        await daemon.StartAgainAsync();

        (await daemon.DockerAsync("ps", "-aq")).Succeeded().ShouldBeEmpty();
        (await daemon.SampanAsync("build", "history", "--format", "json")).Succeeded().ShouldContain("\"Error\":\"the daemon ended while the build ran\"");
        File.WriteAllText(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nRUN echo first > /first\nRUN cat /first\n");
        var again = (await daemon.SampanAsync("build", "-t", "again", context.Path)).Succeeded();
        again.Split("CACHED").Length.ShouldBe(2);
        again.ShouldContain(" first\n");
        (await daemon.DockerAsync("rmi", "again", "busybox")).Succeeded();
    }

    private Task<Outcome> BuildAsync(Scratch context, params string[] options) => Daemon.SampanAsync(["build", "--explain", "-t", _own, .. options, context.Path]);

    // The newest of this test's: others build, too.
    private async Task<string> NewestAsync()
    {
        foreach (var line in (await Daemon.SampanAsync("build", "history", "--format", "json")).Succeeded().Split('\n'))
        {
            using var build = JsonDocument.Parse(line);
            if (build.RootElement.TryGetProperty("Tags", out var tags) && tags.EnumerateArray().Any(tag => tag.GetString() == $"{_own}:latest"))
                return build.RootElement.GetProperty("Id").GetString() ?? "";
        }
        throw new InvalidOperationException("the build is not remembered");
    }
}
