using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The textbook's application: a database that its neighbours call mysql, rows that outlive it, and somebody who asks for its address.</summary>
public sealed class TodoAppTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_real_database_is_found_by_its_alias_and_its_rows_stay_in_their_volume(string client)
    {
        if (!File.Exists(Path.Combine(Checkout.Root, "artifacts", "images", "mariadb.tar")) || !File.Exists(Path.Combine(Checkout.Root, "artifacts", "images", "node.tar")))
            Assert.Skip("on request, as it takes images of MariaDB and of node: make test-apps");
        await Shared.WithAsync("mariadb");
        await Shared.WithAsync("node");
        var (network, server, volume) = (NewName("todo-app"), NewName("server"), NewName("todo-mysql-data"));
        (await RunAsync(client, "network", "create", network)).Succeeded();
        await StartAsync("rows of the first");
        (await QueryAsync("CREATE TABLE todos.items (name text); INSERT INTO todos.items VALUES ('buy milk');")).Succeeded();

        var address = await InspectAsync(client, server, $"{{{{(index .NetworkSettings.Networks \"{network}\").IPAddress}}}}");
        var dug = (await RunAsync(client, "run", "--rm", "--network", network, "node", "dig", "mysql")).Succeeded();
        dug.ShouldContain("status: NOERROR");
        dug.ShouldMatch($@"mysql\.\s+\d+\s+IN\s+A\s+{address.Replace(".", @"\.", StringComparison.Ordinal)}");

        (await RunAsync(client, "rm", "-f", server)).Succeeded();
        await StartAsync("rows of the second");
        (await QueryAsync("SELECT name FROM todos.items")).Succeeded().ShouldContain("buy milk");

        (await RunAsync(client, "rm", "-f", server)).Succeeded();
        (await RunAsync(client, "network", "rm", network)).Succeeded();
        (await RunAsync(client, "volume", "rm", volume)).Succeeded();

        async Task StartAsync(string what)
        {
            (await RunAsync(client, "run", "-d", "--name", server, "--network", network, "--network-alias", "mysql", "-v", $"{volume}:/var/lib/mysql", "-e", "MYSQL_ROOT_PASSWORD=secret", "-e", "MYSQL_DATABASE=todos", "mariadb")).Succeeded();
            await Eventually.HoldsAsync($"the database answers, {what}", async () => (await QueryAsync("SELECT 1")).ExitCode == 0);
        }

        // From a second container, as the application would.
        Task<Outcome> QueryAsync(string statement) =>
            RunAsync(client, "run", "--rm", "--network", network, "--entrypoint", "mariadb", "mariadb", "-h", "mysql", "-uroot", "-psecret", "-N", "-e", statement);
    }
}
