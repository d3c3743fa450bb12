using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd.Apps;

/// <summary><c>examples/voting</c>, in the shape of the example for version 3 of compose files.</summary>
public sealed class VotingExampleTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_vote_arrives_in_the_result(string client)
    {
        await using var voting = await Example.OpenAsync(this, client, "voting");
        (voting.Variables["VOTE_PORT"], voting.Variables["RESULT_PORT"]) = ("", "");
        (await voting.RunAsync("up", "-d", "--build", "--wait")).Succeeded();
        (await voting.RunAsync("ps", "--format", "{{.Service}}")).Lines.Order(StringComparer.Ordinal).ShouldBe(["db", "redis", "result", "vote", "vote", "worker"]);
        var (vote, result) = (await voting.UrlAsync("vote", 80), await voting.UrlAsync("result", 80));
        (await Web.GetAsync(vote)).ShouldContain("Cats or Dogs?");
        (await Web.GetAsync(result)).ShouldContain("<p>a: 0</p><p>b: 0</p>");

        await VoteAsync("ann", "a");
        await VoteAsync("bob", "b");
        await Eventually.HoldsAsync("both votes arrive", async () => (await Web.TryGetAsync(result)).Contains("<p>a: 1</p><p>b: 1</p>", StringComparison.Ordinal));
        await VoteAsync("bob", "a");
        await Eventually.HoldsAsync("somebody has changed their mind", async () => (await Web.TryGetAsync(result)).Contains("<p>a: 2</p><p>b: 0</p>", StringComparison.Ordinal));

        // Front and back are apart; the worker is in both.
        (await LooksUpAsync("vote", "redis")).ShouldBe(0);
        (await LooksUpAsync("vote", "db")).ShouldNotBe(0);
        (await LooksUpAsync("worker", "db")).ShouldBe(0);
        (await LooksUpAsync("worker", "redis")).ShouldBe(0);

        // What deploy says is what the engine has.
        (await InspectAsync(client, $"{voting.Name}-worker-1", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}} {{index .Config.Labels \"io.sampan.restart-delay\"}} {{index .Config.Labels \"io.sampan.restart-window\"}}")).ShouldBe("on-failure 3 10 120");
        (await InspectAsync(client, $"{voting.Name}-vote-1", "{{.Config.StopTimeout}}")).ShouldBe("90");

        // Another question: both front ends are replaced, and votes are kept.
        voting.Variables["OPTION_A"] = "Birds";
        (await voting.RunAsync("up", "-d", "--wait")).Succeeded();
        vote = await voting.UrlAsync("vote", 80);
        await Eventually.HoldsAsync("it asks the other question", async () => (await Web.TryGetAsync(vote)).Contains("Birds or Dogs?", StringComparison.Ordinal));
        (await Web.GetAsync(await voting.UrlAsync("result", 80))).ShouldContain("<p>a: 2</p><p>b: 0</p>");

        // The worker dies; it is started again after its delay, and a vote that came meanwhile is not lost.
        (await Shell.ShAsync($"kill -9 {await InspectAsync(client, $"{voting.Name}-worker-1", "{{.State.Pid}}")}")).Succeeded();
        await VoteAsync("cid", "b");
        await Eventually.HoldsAsync("the next worker counts it", async () => (await Web.TryGetAsync(await voting.UrlAsync("result", 80))).Contains("<p>b: 1</p>", StringComparison.Ordinal));

        Task<string> VoteAsync(string voter, string choice) => Web.GetAsync(vote, "-b", $"voter={voter}", "-d", $"vote={choice}");

        async Task<int> LooksUpAsync(string service, string name) =>
            (await voting.RunAsync("exec", "-T", service, "python3", "-c", $"import socket; socket.gethostbyname('{name}')")).ExitCode;
    }

    [Fact]
    public async Task A_placement_that_this_node_does_not_have_is_refused()
    {
        await using var voting = await Example.OpenAsync(this, Clients.Sampan, "voting");
        var file = Path.Combine(voting.Path, "compose.yaml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("node.role == manager", "node.role == worker", StringComparison.Ordinal));
        (await voting.RunAsync("up", "-d")).Failed().Saying("node.role == worker");
        (await RunAsync(Clients.Sampan, "ps", "-aq", "--filter", $"label=com.docker.compose.project={voting.Name}")).Succeeded().ShouldBeEmpty();
    }
}
