using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What builds keep, and that they keep no more than that.</summary>
public sealed class BuildLeftoverTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task A_step_that_is_made_anew_takes_the_place_of_the_one_before()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        var before = Records(daemon);
        await BuildAsync();
        var once = Records(daemon);

        await BuildAsync();
        await BuildAsync();

        // Files of the base, what the command left, and the image, whose predecessors have lost their name.
        once.ShouldBe(before + 3);
        (await daemon.SampanAsync("image", "prune", "-f")).Succeeded();
        Records(daemon).ShouldBe(once);
        (await daemon.SampanAsync("builder", "prune", "-af")).Succeeded();
        (await daemon.SampanAsync("rmi", "anew")).Succeeded();
        Records(daemon).ShouldBe(before);
        (await daemon.SampanAsync("system", "check")).Succeeded();

        // Other files each time.
        async Task BuildAsync() =>
            (await daemon.ClientWithInputAsync(Clients.Sampan, "FROM busybox\nRUN cat /proc/sys/kernel/random/uuid > /number\n", "build", "-q", "--no-cache", "-t", "anew", "-")).Succeeded();
    }

    [Fact]
    public async Task A_quiet_build_that_fails_tells_what_was_done_and_ends_as_its_command_did()
    {
        foreach (var client in new[] { Clients.Docker, Clients.Sampan })
        {
            var build = await RunAsync(client, "FROM busybox\nRUN echo said before && exit 7\n", "build", "-q", "-");

            build.ExitCode.ShouldBe(7, build.All);
            build.Stdout.ShouldBeEmpty();
            build.Stderr.ShouldContain("Step 2/2 : RUN echo said before && exit 7");
            build.Stderr.ShouldContain("\nsaid before\n");
            build.Stderr.ShouldContain("returned a non-zero code: 7");
        }
    }

    private Task<Outcome> RunAsync(string client, string dockerfile, params string[] arguments)
        => Shell.RunAsync(Clients.Path(client), arguments, new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "0" }, stdin: dockerfile);

    private static int Records(Daemon daemon) => Directory.GetFiles(Path.Combine(daemon.DataRoot, "images"), "*.json").Length;
}
