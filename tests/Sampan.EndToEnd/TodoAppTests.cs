using System.Globalization;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The textbook's application: a database that its neighbours call mysql, rows that outlive it, and somebody who asks for its address.</summary>
public sealed class TodoAppTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_real_database_is_found_by_its_alias_and_its_rows_stay_in_their_volume(string client)
    {
        await NeedAsync("mariadb", "node");
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

    [Fact]
    public async Task A_databases_volume_is_forked_while_it_is_written_to_and_the_original_does_not_notice()
    {
        await NeedAsync("mariadb");
        var (network, volume, fork, back) = (NewName("forks"), NewName("rows"), NewName("fork"), NewName("back"));
        using var directory = new Scratch();
        var archive = Path.Combine(directory.Path, "rows.tar");
        (await Daemon.SampanAsync("network", "create", network)).Succeeded();
        try
        {
            await StartAsync("original", volume);
            (await QueryAsync("original", "CREATE TABLE todos.items (id int auto_increment primary key, name text)")).Succeeded();
            (await Daemon.SampanAsync(
                "run", "-d", "--network", network, "--entrypoint", "sh", "mariadb", "-c",
                "while :; do echo \"INSERT INTO todos.items (name) VALUES ('row');\"; done | mariadb -h original -uroot -psecret")).Succeeded();
            await WrittenAsync(10);

            (await Daemon.SampanAsync("volume", "clone", "--pause", volume, fork)).Succeeded();
            (await Daemon.SampanAsync("volume", "export", "--pause", "-o", archive, volume)).Succeeded();
            var sofar = await CountAsync("original");
            await WrittenAsync(sofar + 10); // it goes on
            (await Daemon.SampanAsync("volume", "import", archive, back)).Succeeded();

            // What a power cut would have left: the database recovers, and has all that was written before, without a hole.
            foreach (var (name, copy) in new[] { ("fork", fork), ("back", back) })
            {
                await StartAsync(name, copy);
                (await CountAsync(name)).ShouldBeInRange(10, sofar + 1);
                (await QueryAsync(name, "CHECK TABLE todos.items")).Succeeded().ShouldEndWith("OK");
                (await QueryAsync(name, "SELECT max(id) - count(*) FROM todos.items")).Succeeded().ShouldBe("0");
                (await QueryAsync(name, "ALTER TABLE todos.items ADD COLUMN done int DEFAULT 0")).Succeeded("the migration is tried");
            }

            (await QueryAsync("original", "SHOW COLUMNS FROM todos.items")).Succeeded().ShouldNotContain("done");
        }
        finally
        {
            await Daemon.RemoveAllContainersAsync();
            await Daemon.SampanAsync("network", "rm", network);
            await Daemon.SampanAsync("volume", "rm", "-f", volume, fork, back);
        }

        async Task StartAsync(string alias, string data)
        {
            (await Daemon.SampanAsync("run", "-d", "--name", NewName(alias), "--network", network, "--network-alias", alias, "-v", $"{data}:/var/lib/mysql", "-e", "MYSQL_ROOT_PASSWORD=secret", "-e", "MYSQL_DATABASE=todos", "mariadb")).Succeeded();
            await Eventually.HoldsAsync($"the database '{alias}' answers", async () => (await QueryAsync(alias, "SELECT 1")).ExitCode == 0);
        }

        async Task<int> CountAsync(string alias) => int.Parse((await QueryAsync(alias, "SELECT count(*) FROM todos.items")).Succeeded(), CultureInfo.InvariantCulture);

        Task WrittenAsync(int rows) => Eventually.HoldsAsync($"{rows} rows are written", async () => await CountAsync("original") >= rows);

        Task<Outcome> QueryAsync(string host, string statement) =>
            Daemon.SampanAsync("run", "--rm", "--network", network, "--entrypoint", "mariadb", "mariadb", "-h", host, "-uroot", "-psecret", "-N", "-e", statement);
    }

    private async Task NeedAsync(params string[] images)
    {
        if (images.FirstOrDefault(i => !File.Exists(Path.Combine(Checkout.Root, "artifacts", "images", i + ".tar"))) is { } missing)
            Assert.Skip($"on request, as it takes an image of {missing}: make test-apps");
        foreach (var image in images)
            await Shared.WithAsync(image);
    }
}
