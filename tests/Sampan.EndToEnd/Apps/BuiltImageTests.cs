using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd.Apps;

/// <summary>The images below <c>examples/</c>: built from a Debian made here, run, and used by a client.</summary>
public sealed class BuiltImageTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Nginx_serves_the_changed_page(string client)
    {
        await BuiltAsync(client, "nginx");
        var url = await RunningAsync(client, 80, "nginx");
        await Eventually.HoldsAsync("nginx answers", async () => await Web.TryGetAsync(url) == "<h1>Hello from nginx on Sampan</h1>");

        // One more change, on top of the image: only what differs is made.
        using var context = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(context.Path, "Dockerfile"), "FROM example-nginx\nRUN echo '<h1>changed again</h1>' > /var/www/html/index.html\n");
        await ExampleImages.BuildAsync(Shared, client, "example-nginx-again", context.Path);
        var again = await RunningAsync(client, 80, "nginx-again");
        await Eventually.HoldsAsync("the second one answers", async () => await Web.TryGetAsync(again) == "<h1>changed again</h1>");
        (await Web.GetAsync(url)).ShouldBe("<h1>Hello from nginx on Sampan</h1>");
    }

    [Fact]
    public async Task A_servlet_on_tomcat_keeps_its_notes_in_a_volume()
    {
        await BuiltAsync(Clients.Sampan, "tomcat");
        var volume = NewName("notes");
        var url = await RunningAsync(Clients.Docker, 8080, "tomcat", "-v", $"{volume}:/var/lib/notes");
        await Eventually.HoldsAsync("tomcat answers", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"{url}notes/list"])).ExitCode == 0);
        await Web.GetAsync($"{url}notes/list", "-d", "note=first");
        await Web.GetAsync($"{url}notes/list", "-d", "note=second");
        (await Web.GetAsync($"{url}notes/list")).ShouldBe("first\nsecond");

        await Daemon.RemoveAllContainersAsync();
        url = await RunningAsync(Clients.Docker, 8080, "tomcat", "-v", $"{volume}:/var/lib/notes");
        await Eventually.HoldsAsync("the next one has the notes", async () => await Web.TryGetAsync($"{url}notes/list") == "first\nsecond");
        await Daemon.RemoveAllContainersAsync();
        (await RunAsync(Clients.Docker, "volume", "rm", volume)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_node_application_is_built_in_two_stages_of_packages_from_npm(string client)
    {
        await BuiltAsync(client, "node");
        var url = await RunningAsync(client, 8080, "node", "-e", "GREETING=Good morning", "-h", "there");
        await Eventually.HoldsAsync("it answers", async () => await Web.TryGetAsync(url) == "Good morning from there");
        (await RunAsync(client, "run", "--rm", "--entrypoint", "sh", "example-node", "-c", "id -un; ls node_modules | grep -x express; command -v npm || echo without npm")).Lines.ShouldBe(["nobody", "express", "without npm"]);
    }

    [Fact]
    public async Task Sampans_registry_in_a_container_takes_images_and_gives_them_back()
    {
        ExampleImages.NeedRequest();
        if (new FileInfo(Checkout.Executable("sampand")).LinkTarget is not null)
            Assert.Skip("out/sampand is a link into a directory of a framework: it does not run elsewhere");
        await BuiltAsync(Clients.Sampan, "registry", "--build-context", $"sampan={Checkout.Binaries}");
        var url = await RunningAsync(Clients.Sampan, 5000, "registry");
        await Eventually.HoldsAsync("the registry answers", async () => await Web.TryGetAsync($"{url}v2/") == "{}");
        var name = $"{new Uri(url).Authority}/team/tool:1";
        await LoadOwnAsync("example-pushed");
        (await RunAsync(Clients.Docker, "tag", "example-pushed", name)).Succeeded();
        (await RunAsync(Clients.Docker, "push", name)).Succeeded();
        var id = await InspectAsync(Clients.Docker, name, "{{.Id}}");
        (await RunAsync(Clients.Docker, "rmi", name, "example-pushed")).Succeeded();
        (await RunAsync(Clients.Docker, "image", "inspect", name)).Failed();
        (await RunAsync(Clients.Sampan, "pull", name)).Succeeded();
        (await InspectAsync(Clients.Docker, name, "{{.Id}}")).ShouldBe(id);
        (await RunAsync(Clients.Docker, "run", "--rm", name, "cat", "/own")).Succeeded();
        (await Web.GetAsync($"{url}v2/_catalog")).ShouldContain("team/tool");
    }

    [Fact]
    public async Task A_dotnet_application_is_published_in_a_stage_with_the_SDK()
    {
        ExampleImages.NeedRequest();
        var sdk = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root && Directory.Exists(Path.Combine(root, "sdk")) ? root : "/usr/share/dotnet";
        if (!Directory.Exists(Path.Combine(sdk, "sdk")))
            Assert.Skip($"there is no SDK of .NET in '{sdk}': set DOTNET_ROOT");
        await BuiltAsync(Clients.Sampan, "dotnet", "--build-context", $"dotnet={sdk}");
        var url = await RunningAsync(Clients.Docker, 8080, "dotnet");
        await Eventually.HoldsAsync("it answers", async () => (await Web.TryGetAsync(url)).StartsWith("Hello from .NET", StringComparison.Ordinal));
        (await Web.GetAsync($"{url}sum/20/22")).ShouldBe("42");
        (await RunAsync(Clients.Docker, "run", "--rm", "--entrypoint", "sh", "example-dotnet", "-c", "id -u; ls -d /usr/share/dotnet/sdk 2>/dev/null || echo without SDK")).Lines.ShouldBe(["1000", "without SDK"]);
    }

    [Fact]
    public Task PostgreSQL_keeps_rows_for_psql() => DatabaseAsync(
        "postgres", ["-e", "POSTGRES_PASSWORD=secret", "-e", "POSTGRES_DB=shop"], "/var/lib/postgresql/data",
        ["-e", "PGPASSWORD=secret", "--entrypoint", "psql", "example-postgres", "-h", "server", "-U", "postgres", "-d", "shop", "-Atc"], "CREATE TABLE t (v text); INSERT INTO t VALUES ('kept');", "SELECT v FROM t");

    [Fact]
    public Task MariaDB_keeps_rows_for_its_client() => DatabaseAsync(
        "mariadb", ["-e", "MYSQL_ROOT_PASSWORD=secret", "-e", "MYSQL_DATABASE=shop"], "/var/lib/mysql",
        ["--entrypoint", "mariadb", "example-mariadb", "-h", "server", "-uroot", "-psecret", "-N", "shop", "-e"], "CREATE TABLE t (v text); INSERT INTO t VALUES ('kept');", "SELECT v FROM t");

    [Fact]
    public Task Redis_keeps_values_for_redis_cli() => DatabaseAsync(
        "redis", [], "/data", ["--entrypoint", "sh", "example-redis", "-c"], "redis-cli -h server set v kept", "redis-cli -h server get v");

    // From a second container, by the server's name; then the server goes, and another one has its volume.
    private async Task DatabaseAsync(string example, string[] options, string data, string[] client, string write, string read)
    {
        await BuiltAsync(Clients.Sampan, example);
        var (network, volume) = (NewName("store"), NewName("data"));
        (await RunAsync(Clients.Docker, "network", "create", network)).Succeeded();
        try
        {
            await StartAsync();
            (await AskAsync(write)).Succeeded();
            (await AskAsync(read)).Succeeded().ShouldBe("kept");
            await Daemon.RemoveAllContainersAsync();
            await StartAsync();
            (await AskAsync(read)).Succeeded().ShouldBe("kept");
        }
        finally
        {
            await Daemon.RemoveAllContainersAsync();
            await RunAsync(Clients.Docker, "network", "rm", network);
            await RunAsync(Clients.Docker, "volume", "rm", volume);
        }

        async Task StartAsync()
        {
            var server = NewName(example);
            (await RunAsync(Clients.Docker, ["run", "-d", "--init", "--name", server, "--network", network, "--network-alias", "server", "-v", $"{volume}:{data}", .. options, $"example-{example}"])).Succeeded();
            await Eventually.HoldsAsync($"{example} is healthy", async () => await InspectAsync(Clients.Docker, server, "{{.State.Health.Status}}") == "healthy");
        }

        Task<Outcome> AskAsync(string words) => RunAsync(Clients.Docker, ["run", "--rm", "--network", network, .. client, words]);
    }

    private async Task BuiltAsync(string client, string example, params string[] options)
    {
        await ExampleImages.PrepareAsync(Shared);
        await ExampleImages.BuildAsync(Shared, client, $"example-{example}", example, options);
    }

    private async Task<string> RunningAsync(string client, int port, string example, params string[] options)
    {
        var name = NewName(example);
        (await RunAsync(client, ["run", "-d", "--name", name, "-p", $"127.0.0.1::{port}", .. options, $"example-{example}"])).Succeeded();
        return $"http://{(await RunAsync(client, "port", name, $"{port}/tcp")).Lines[0]}/";
    }
}
