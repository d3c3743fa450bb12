using System.Security.Cryptography;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Pull, push and login with a registry that others wrote.</summary>
public sealed class RegistryTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task A_pushed_image_comes_back_with_the_same_digest(string client)
    {
        await using var registry = await DockerRegistry.StartAsync();
        var name = $"{registry.Host}/team/{client}:v1";
        (await RunAsync(client, "tag", "busybox", name)).Succeeded();

        var pushed = (await RunAsync(client, "push", name)).Succeeded();

        pushed.ShouldContain($"The push refers to repository [{registry.Host}/team/{client}]");
        pushed.ShouldMatch(@"(?m)^[0-9a-f]{12}: Pushed\s*$");
        var digest = pushed.Split("digest: ")[1].Split(' ')[0];
        (await RunAsync(client, "push", name)).Succeeded().ShouldContain(": Layer already exists");
        (await RunAsync(client, "rmi", name)).Succeeded();

        var pulled = (await RunAsync(client, "pull", name)).Succeeded();

        pulled.ShouldContain($"v1: Pulling from team/{client}");
        pulled.ShouldContain($"Digest: {digest}");
        pulled.ShouldContain($"Status: Downloaded newer image for {name}");
        (await RunAsync(client, "pull", name)).Succeeded().ShouldContain($"Status: Image is up to date for {name}");
        (await RunAsync(client, "image", "inspect", "-f", "{{json .RepoDigests}}", name)).Succeeded().ShouldContain($"{registry.Host}/team/{client}@{digest}");
        (await RunAsync(client, "run", "--rm", name, "echo", "arrived")).Succeeded().ShouldBe("arrived");
        (await RunAsync(client, "pull", "-q", $"{registry.Host}/team/{client}@{digest}")).Succeeded().ShouldBe($"{registry.Host}/team/{client}@{digest}");
        (await RunAsync(client, "rmi", name)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Run_fetches_a_missing_image_unless_it_must_not(string client)
    {
        await using var registry = await DockerRegistry.StartAsync();
        var name = $"{registry.Host}/app:v1";
        (await RunAsync(client, "tag", "busybox", name)).Succeeded();
        (await RunAsync(client, "push", "-q", name)).Succeeded().ShouldBe(name);
        (await RunAsync(client, "rmi", name)).Succeeded();

        (await RunAsync(client, "run", "--rm", "--pull", "never", name, "true")).Ended(125).Saying("No such image");
        var ran = (await RunAsync(client, "run", "--rm", name, "echo", "here")).Saying($"Unable to find image '{name}' locally");
        ran.Succeeded().ShouldBe("here");
        (await RunAsync(client, "run", "--rm", "--pull", "always", "-q", name, "echo", "again")).Succeeded().ShouldBe("again");
        (await RunAsync(client, "rmi", name)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task All_tags_go_and_come(string client)
    {
        await using var registry = await DockerRegistry.StartAsync();
        var name = $"{registry.Host}/all";
        foreach (var tag in new[] { "a", "b" })
        {
            (await RunAsync(client, "tag", "busybox", $"{name}:{tag}")).Succeeded();
        }

        (await RunAsync(client, "push", "-a", name)).Succeeded();
        (await RunAsync(client, "rmi", $"{name}:a", $"{name}:b")).Succeeded();
        (await RunAsync(client, "pull", "-a", name)).Succeeded();

        (await RunAsync(client, "images", "--format", "{{.Tag}}", name)).Lines.Order(StringComparer.Ordinal).ShouldBe(["a", "b"]);
        (await RunAsync(client, "rmi", $"{name}:a", $"{name}:b")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_is_not_there_is_told(string client)
    {
        await using var registry = await DockerRegistry.StartAsync();

        (await RunAsync(client, "pull", $"{registry.Host}/nothing:here")).Ended(1).Saying($"manifest for {registry.Host}/nothing:here not found").Saying("manifest unknown");
        (await RunAsync(client, "push", $"{registry.Host}/nothing:here")).Ended(1).Saying($"An image does not exist locally with the tag: {registry.Host}/nothing");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_registry_with_users_wants_a_login(string client)
    {
        await using var registry = await DockerRegistry.StartAsync(withUsers: true);
        var name = $"{registry.Host}/mine:v1";
        (await RunAsync(client, "tag", "busybox", name)).Succeeded();

        (await RunAsync(client, "push", name)).Ended(1).Saying("unauthorized").Saying($"log in with 'docker login {registry.Host}'");
        (await Daemon.ClientWithInputAsync(client, "wrong", "login", "-u", DockerRegistry.User, "--password-stdin", registry.Host)).Ended(1).Saying("unauthorized");
        (await Daemon.ClientWithInputAsync(client, DockerRegistry.Password + "\n", "login", "-u", DockerRegistry.User, "--password-stdin", registry.Host)).Saying("Login Succeeded").Succeeded();
        (await RunAsync(client, "push", name)).Succeeded();
        (await RunAsync(client, "rmi", name)).Succeeded();
        (await RunAsync(client, "pull", name)).Succeeded();
        (await RunAsync(client, "logout", registry.Host)).Succeeded().ShouldContain($"Removing login credentials for {registry.Host}");
        (await RunAsync(client, "pull", name)).Ended(1).Saying("may require 'docker login'");
        (await RunAsync(client, "rmi", name)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Credentials_may_be_with_a_helper(string client)
    {
        await using var registry = await DockerRegistry.StartAsync(withUsers: true);
        using var scratch = new Scratch();
        var helper = Path.Combine(scratch.Path, "docker-credential-drawer");
        await File.WriteAllTextAsync(helper, $$"""
            #!/bin/sh
            case $1 in
            store) cat >{{scratch.Path}}/kept ;;
            get)   if [ -e {{scratch.Path}}/kept ]; then cat {{scratch.Path}}/kept; else echo 'credentials not found in native keychain'; exit 1; fi ;;
            erase) rm -f {{scratch.Path}}/kept ;;
            esac
            """);
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "config.json"), $$$"""{"credHelpers":{"{{{registry.Host}}}":"drawer"}}""");
        var environment = new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal)
        {
            ["DOCKER_CONFIG"] = scratch.Path,
            ["PATH"] = $"{scratch.Path}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        Task<Outcome> Run(string? input, params string[] arguments) => Shell.RunAsync(Clients.Path(client), arguments, environment, input);
        var name = $"{registry.Host}/kept:v1";
        (await Run(null, "tag", "busybox", name)).Succeeded();

        (await Run(DockerRegistry.Password, "login", "-u", DockerRegistry.User, "--password-stdin", registry.Host)).Succeeded();

        (await File.ReadAllTextAsync(Path.Combine(scratch.Path, "kept"))).ShouldContain(DockerRegistry.Password);
        (await File.ReadAllTextAsync(Path.Combine(scratch.Path, "config.json"))).ShouldNotContain("\"auth\"");
        (await Run(null, "push", name)).Succeeded();
        (await Run(null, "logout", registry.Host)).Succeeded();
        File.Exists(Path.Combine(scratch.Path, "kept")).ShouldBeFalse();
        (await Run(null, "push", name)).Ended(1).Saying("unauthorized");
        (await Run(null, "rmi", name)).Succeeded();
    }

    [Fact]
    public async Task The_registry_is_asked_what_it_has()
    {
        await using var registry = await DockerRegistry.StartAsync();
        var name = $"{registry.Host}/app:v1";
        (await RunAsync(Clients.Sampan, "tag", "busybox", name)).Succeeded();
        (await RunAsync(Clients.Sampan, "push", name)).Succeeded();

        var (status, body) = await Daemon.SendAsync(HttpMethod.Get, $"/v1.47/distribution/{name}/json");

        status.ShouldBe(200, body);
        using var answer = JsonDocument.Parse(body);
        answer.RootElement.GetProperty("Descriptor").GetProperty("digest").GetString().ShouldNotBeNull().ShouldStartWith("sha256:");
        answer.RootElement.GetProperty("Platforms")[0].GetProperty("os").GetString().ShouldBe("linux");
        (await RunAsync(Clients.Sampan, "rmi", name)).Succeeded();
    }

    [Fact]
    public async Task Sampan_lists_what_is_attached_to_an_image()
    {
        await using var registry = await DockerRegistry.StartAsync();
        var name = $"{registry.Host}/app:v1";
        (await RunAsync(Clients.Sampan, "tag", "busybox", name)).Succeeded();
        var digest = (await RunAsync(Clients.Sampan, "push", name)).Succeeded().Split("digest: ")[1].Split(' ')[0];
        (await RunAsync(Clients.Sampan, "image", "referrers", name)).Succeeded().ShouldMatch(@"^DIGEST\s+KIND\s+SIZE\s+CREATED$");
        using var http = new HttpClient();
        using var manifest = await http.GetAsync(new Uri($"http://{registry.Host}/v2/app/manifests/{digest}"));
        var size = (await manifest.Content.ReadAsByteArrayAsync()).Length;
        // This registry is older than the list of referrers: clients keep it under a tag.
        using var list = new StringContent($$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{digest}}","size":{{size}},"artifactType":"application/vnd.example.signature"}]}""");
        list.Headers.ContentType = new("application/vnd.oci.image.index.v1+json");
        using var put = await http.PutAsync(new Uri($"http://{registry.Host}/v2/app/manifests/{digest.Replace(':', '-')}"), list);
        put.IsSuccessStatusCode.ShouldBeTrue(await put.Content.ReadAsStringAsync());

        (await RunAsync(Clients.Sampan, "image", "referrers", name)).Succeeded().ShouldContain("application/vnd.example.signature");
        (await RunAsync(Clients.Sampan, "image", "referrers", "--artifact-type", "something/else", "--format", "json", name)).Succeeded().ShouldContain("\"Referrers\":[]");
        (await RunAsync(Clients.Sampan, "rmi", name)).Succeeded();
    }

    [Fact]
    public async Task A_pull_goes_on_where_a_killed_daemon_stopped()
    {
        const int Bytes = 8_000_000;
        await using var registry = await DockerRegistry.StartAsync();
        var noise = Convert.ToHexString(RandomNumberGenerator.GetBytes(Bytes));
        await using var daemon = await Daemon.StartAsync();
        (await daemon.ClientWithBytesAsync(Clients.Sampan, ImageArchive.OnBusybox().Layer(ImageArchive.File("noise", noise)).DockerArchive($"{registry.Host}/big:v1"), "load")).Succeeded();
        (await daemon.SampanAsync("push", $"{registry.Host}/big:v1")).Succeeded();
        (await daemon.SampanAsync("rmi", $"{registry.Host}/big:v1")).Succeeded();
        await using var link = new SlowLink(registry.Port, allowed: Bytes / 2);

        var pulling = daemon.SampanAsync("pull", $"{link.Host}/big:v1");
        var content = Path.Combine(daemon.DataRoot, "content");
        await Eventually.HoldsAsync("a quarter of the layer is there", () => Largest(Path.Combine(content, "partial")) >= Bytes / 4);
        await daemon.CrashAsync();
        (await pulling).Failed();
        var there = Total(content);
        await daemon.StartAgainAsync();
        var before = link.Passed;
        link.Allowed = long.MaxValue;
        (await daemon.SampanAsync("pull", $"{link.Host}/big:v1")).Succeeded();

        // The rest of the layers, and a little for manifest, configuration and heads.
        (link.Passed - before).ShouldBeLessThan(Total(content) - there + 500_000);
        (await daemon.SampanAsync("run", "--rm", $"{link.Host}/big:v1", "sh", "-c", "wc -c </noise")).Succeeded().ShouldBe(noise.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static long Total(string directory) => new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static long Largest(string directory) => new DirectoryInfo(directory).EnumerateFiles().Select(file => file.Length).DefaultIfEmpty(0).Max();
}
