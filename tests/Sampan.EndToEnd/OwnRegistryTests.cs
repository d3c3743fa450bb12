using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The registry of our own, with the clients that people have: as a container, inside of the daemon, by itself.</summary>
public sealed partial class OwnRegistryTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task It_runs_as_a_container(string client)
    {
        await Shared.WithAsync("sampan-registry");
        var container = NewName("registry");
        (await RunAsync(client, "run", "-d", "--name", container, "-p", "127.0.0.1::5000", "sampan-registry")).Succeeded();
        var port = (await RunAsync(client, "port", container, "5000")).Succeeded().Split(':')[^1];
        await AnswersAsync(port);

        await GoesAndComesAsync(client, $"localhost:{port}/team/app:v1");

        (await RunAsync(client, "logs", container)).Saying("pushed team/app:v1");
        (await RunAsync(client, "stop", container)).Succeeded();
        (await InspectAsync(client, container, "{{.State.ExitCode}}")).ShouldBe("0");
    }

    [Fact]
    public async Task It_runs_inside_of_the_daemon()
    {
        using var scratch = new Scratch();
        var settings = Path.Combine(scratch.Path, "registry.json");
        await File.WriteAllTextAsync(settings, $$"""{"listen":"127.0.0.1:0","root":"{{scratch.Path}}/root"}""");
        await using var daemon = await Daemon.StartAsync("--registry-config", settings);
        await daemon.LoadAsync("busybox");
        var name = $"localhost:{await PortAsync(() => daemon.Log)}/app:v1";

        (await daemon.SampanAsync("tag", "busybox", name)).Succeeded();
        (await daemon.SampanAsync("push", name)).Succeeded();
        (await daemon.SampanAsync("rmi", name)).Succeeded();
        (await daemon.SampanAsync("run", "--rm", name, "echo", "arrived")).Succeeded().ShouldContain("arrived");

        (await Shell.RunAsync(Checkout.Executable("sampand"), ["registry", "--listen", "127.0.0.1:0", "--root", $"{scratch.Path}/root"])).Ended(1).Saying("a registry is already running on");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_copy_of_another_registry_gives_its_images_also_when_that_one_is_gone(string client)
    {
        using var scratch = new Scratch();
        var origin = await DockerRegistry.StartAsync();
        try
        {
            (await RunAsync(client, "tag", "busybox", $"{origin.Host}/team/app:v1")).Succeeded();
            var digest = DigestIn((await RunAsync(client, "push", $"{origin.Host}/team/app:v1")).Succeeded());
            (await RunAsync(client, "rmi", $"{origin.Host}/team/app:v1")).Succeeded();
            var settings = Path.Combine(scratch.Path, "registry.json");
            await File.WriteAllTextAsync(settings, $$"""{"listen":"127.0.0.1:0","root":"{{scratch.Path}}/root","mirrors":[{"prefix":"copy","upstream":"http://{{origin.Host}}","tag-life":"1s"}]}""");
            await using var registry = await OwnRegistry.StartAsync("--config", settings);
            var name = $"{registry.Host}/copy/team/app:v1";

            (await RunAsync(client, "pull", name)).Succeeded().ShouldContain($"Digest: {digest}");
            (await RunAsync(client, "push", name)).Ended(1).Saying("is a copy of what");
            (await RunAsync(client, "rmi", name)).Succeeded();
            await origin.DisposeAsync();
            (await RunAsync(client, "pull", name)).Succeeded().ShouldContain($"Digest: {digest}");
            (await RunAsync(client, "rmi", name)).Succeeded();
        }
        finally
        {
            await origin.DisposeAsync();
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Users_log_in(string client)
    {
        using var scratch = new Scratch();
        var users = Path.Combine(scratch.Path, "users");
        await File.WriteAllTextAsync(users, DockerRegistry.Users);
        await using var registry = await OwnRegistry.StartAsync("--root", Path.Combine(scratch.Path, "root"), "--users", users);
        var name = $"{registry.Host}/mine:v1";
        (await RunAsync(client, "tag", "busybox", name)).Succeeded();

        (await RunAsync(client, "push", name)).Ended(1).Saying("unauthorized");
        (await Daemon.ClientWithInputAsync(client, "wrong", "login", "-u", DockerRegistry.User, "--password-stdin", registry.Host)).Ended(1);
        (await Daemon.ClientWithInputAsync(client, DockerRegistry.Password, "login", "-u", DockerRegistry.User, "--password-stdin", registry.Host)).Succeeded();
        (await RunAsync(client, "push", name)).Succeeded();
        (await RunAsync(client, "logout", registry.Host)).Succeeded();
        (await RunAsync(client, "rmi", name)).Succeeded();
    }

    [Fact]
    public async Task Garbage_is_collected_by_command()
    {
        using var scratch = new Scratch();
        var root = Path.Combine(scratch.Path, "root");
        var settings = Path.Combine(scratch.Path, "registry.json");
        await File.WriteAllTextAsync(settings, """{"gc":{"grace":"0s"}}""");
        Task<Outcome> Gc(params string[] more) => Shell.RunAsync(Checkout.Executable("sampand"), ["registry", "gc", "--root", root, "--config", settings, .. more]);
        await using (var registry = await OwnRegistry.StartAsync("--root", root, "--config", settings))
        {
            var name = $"{registry.Host}/app:v1";
            (await RunAsync(Clients.Sampan, "tag", "busybox", name)).Succeeded();
            (await RunAsync(Clients.Sampan, "push", name)).Succeeded();
            (await RunAsync(Clients.Sampan, "rmi", name)).Succeeded();
            using var http = new HttpClient();
            using var deleted = await http.DeleteAsync(new Uri($"http://{registry.Host}/v2/app/manifests/v1"));
            deleted.IsSuccessStatusCode.ShouldBeTrue();
            // Asked, the registry itself collects, while it serves.
            (await Gc()).Succeeded().ShouldStartWith("removed 0 manifests, 0 blobs of repositories, 0 blobs of");
            (await Gc("--dry-run", "--untagged")).Succeeded().ShouldStartWith("would remove 1 manifests, 2 blobs of repositories, 3 blobs of");
            (await Gc("--untagged")).Succeeded().ShouldStartWith("removed 1 manifests, 2 blobs of repositories, 3 blobs of");
            (await RunAsync(Clients.Sampan, "tag", "busybox", name)).Succeeded();
            (await RunAsync(Clients.Sampan, "push", name)).Succeeded();
            using var again = await http.DeleteAsync(new Uri($"http://{registry.Host}/v2/app/manifests/v1"));
            again.IsSuccessStatusCode.ShouldBeTrue();
        }

        (await Gc("--untagged")).Succeeded().ShouldStartWith("removed 1 manifests, 2 blobs of repositories, 3 blobs of");
        Directory.EnumerateFiles(Path.Combine(root, "blobs"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
        (await Gc("--untagged")).Succeeded().ShouldStartWith("removed 0 manifests");
    }

    [Fact]
    public async Task Settings_that_nobody_knows_are_refused_by_name()
    {
        using var scratch = new Scratch();
        var settings = Path.Combine(scratch.Path, "registry.json");
        await File.WriteAllTextAsync(settings, """{"lisen":"127.0.0.1:0","tls":{"cert":"x"},"mirrors":[{"prefix":"a","upstream":"ftp://x","ttl":1}]}""");

        var ended = await Shell.RunAsync(Checkout.Executable("sampand"), ["registry", "--config", settings]);

        foreach (var said in new[] { "unknown setting 'lisen'", "unknown setting 'tls.cert'", "'tls' needs a 'certificate'", "unknown setting 'mirrors[0].ttl'", "invalid value of 'mirrors[0].upstream'" })
            ended.Ended(1).Saying(said);
        (await Shell.RunAsync(Checkout.Executable("sampand"), ["registry", "--no-such-flag"])).Ended(1).Saying("unknown flag: '--no-such-flag'");
        (await Shell.RunAsync(Checkout.Executable("sampand"), ["registry", "--help"])).Succeeded().ShouldStartWith("Usage: sampand registry [OPTIONS]");
    }

    private async Task GoesAndComesAsync(string client, string name)
    {
        (await RunAsync(client, "tag", "busybox", name)).Succeeded();
        var digest = DigestIn((await RunAsync(client, "push", name)).Succeeded());
        (await RunAsync(client, "rmi", name)).Succeeded();
        (await RunAsync(client, "pull", name)).Succeeded().ShouldContain($"Digest: {digest}");
        (await RunAsync(client, "run", "--rm", name, "echo", "arrived")).Succeeded().ShouldBe("arrived");
        (await RunAsync(client, "rmi", name)).Succeeded();
    }

    private static string DigestIn(string pushed) => pushed.Split("digest: ")[1].Split(' ')[0];

    private static async Task AnswersAsync(string port)
    {
        using var http = new HttpClient();
        await Eventually.HoldsAsync("the registry answers", async () =>
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/v2/"));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    private static async Task<string> PortAsync(Func<string> log)
    {
        await Eventually.HoldsAsync("the registry says where it listens", () => Listening().IsMatch(log()));
        return Listening().Match(log()).Groups["port"].Value;
    }

    [GeneratedRegex("listens on http://127\\.0\\.0\\.1:(?<port>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
