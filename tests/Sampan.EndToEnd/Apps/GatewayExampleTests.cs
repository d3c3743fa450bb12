using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd.Apps;

/// <summary><c>examples/gateway</c>: a Node application of five containers behind the gateway, under wrk's load.</summary>
public sealed partial class GatewayExampleTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task An_update_and_a_crash_under_load_cost_no_request(string client)
    {
        ExampleImages.NeedRequest();
        var wrk = Shell.Find("wrk");
        if (wrk is null)
            Assert.Skip("wrk is not installed: scripts/setup apps");
        await using var shop = await Example.OpenAsync(this, client, "gateway");
        (await shop.RunAsync("up", "-d", "--build", "--wait")).Succeeded();
        (await shop.RunAsync("ps", "-q", "web")).Lines.Length.ShouldBe(5);
        await using var gateway = await OwnGateway.StartAsync("--host", Daemon.Host, "--no-access-log");
        await Eventually.HoldsAsync("the gateway leads there", async () => (await Web.TryGetAsync(gateway.Url, "-H", "Host: shop.example.org")).StartsWith("Hello from ", StringComparison.Ordinal));

        // While everybody is replaced.
        shop.Variables["GREETING"] = "Welcome";
        await LoadedAsync(async () => (await shop.RunAsync("up", "-d", "--wait")).Succeeded());
        (await Web.GetAsync(gateway.Url, "-H", "Host: shop.example.org")).ShouldStartWith("Welcome from ");

        // While one is killed: what was asked of it is asked of another.
        var victim = $"{shop.Name}-web-3";
        await LoadedAsync(async () =>
        {
            (await Shell.ShAsync($"kill -9 {await InspectAsync(client, victim, "{{.State.Pid}}")}")).Succeeded();
            await Eventually.HoldsAsync("it is healthy again", async () => await InspectAsync(client, victim, "{{.RestartCount}} {{.State.Health.Status}}") == "1 healthy");
        });

        // wrk runs for a fixed time: as often as it takes until what happens meanwhile has happened, with one round more behind it.
        async Task LoadedAsync(Func<Task> happening)
        {
            var (meanwhile, rounds, isOver) = (Task.Run(happening), 0, false);
            while (!isOver)
            {
                isOver = meanwhile.IsCompleted;
                var told = (await Shell.RunAsync(wrk, ["-t2", "-c16", "-d5s", "--timeout", "60s", "-H", "Host: shop.example.org", gateway.Url])).Succeeded();
                int.Parse(Count().Match(told).Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0, told);
                told.ShouldNotContain("Non-2xx", Case.Sensitive, gateway.Log);
                told.ShouldNotContain("Socket errors", Case.Sensitive, gateway.Log);
                TestContext.Current.TestOutputHelper?.WriteLine($"round {++rounds}: {told}");
            }

            await meanwhile;
        }
    }

    [GeneratedRegex("(?<count>[0-9]+) requests in", RegexOptions.None, 1000)]
    private static partial Regex Count();
}
