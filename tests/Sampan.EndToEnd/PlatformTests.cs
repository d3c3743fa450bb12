using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Images for several platforms under one name.</summary>
public sealed class PlatformTests(SharedEngine engine) : EngineTest(engine)
{
    private static readonly string s_other = ImageArchive.ThisArchitecture == "arm64" ? "amd64" : "arm64";

    // The other processor's image has this one's busybox: only its label differs, so that it runs here.
    private static byte[] TwoPlatforms(string tag)
    {
        var ours = ImageArchive.OnBusybox().Layer(ImageArchive.File("which", "ours"));
        var other = ImageArchive.OnBusybox().Layer(ImageArchive.File("which", "other"));
        other.Architecture = s_other;
        return PlatformArchive.Create(tag, other, ours);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Both_platforms_of_a_loaded_index_run_under_one_name(string client)
    {
        var name = $"two-{client}:v1";
        (await Daemon.ClientWithBytesAsync(client, TwoPlatforms(name), "load")).Succeeded().ShouldContain($"Loaded image: {name}");

        (await RunAsync(client, "run", "--rm", name, "cat", "/which")).Succeeded().ShouldBe("ours");
        (await RunAsync(client, "run", "--rm", "--platform", $"linux/{s_other}", name, "cat", "/which")).Succeeded().ShouldBe("other");
        (await RunAsync(client, "images", "-q", $"two-{client}")).Lines.Length.ShouldBe(1);
        (await RunAsync(client, "image", "inspect", "--platform", $"linux/{s_other}", "-f", "{{.Architecture}}", name)).Succeeded().ShouldBe(s_other);
        (await RunAsync(client, "history", "--platform", $"linux/{s_other}", "-q", name)).Lines.ShouldNotBe((await RunAsync(client, "history", "-q", name)).Lines);
        var tree = (await RunAsync(client, "images", "--tree", $"two-{client}")).Succeeded();
        tree.ShouldContain($"linux/{s_other}");
        tree.ShouldContain($"linux/{ImageArchive.ThisArchitecture}");

        (await RunAsync(client, "rmi", "--platform", $"linux/{s_other}", name)).Succeeded().ShouldContain("Deleted: sha256:");
        (await RunAsync(client, "run", "--rm", "--pull", "never", "--platform", $"linux/{s_other}", name, "true")).Ended(125).Saying("does not provide the specified platform");
        (await RunAsync(client, "run", "--rm", name, "cat", "/which")).Succeeded().ShouldBe("ours");
        (await RunAsync(client, "rmi", name)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_index_goes_to_a_registry_and_into_an_archive_whole_and_comes_back_with_its_digest(string client)
    {
        await using var registry = await DockerRegistry.StartAsync();
        var name = $"{registry.Host}/two:{client}";
        (await Daemon.ClientWithBytesAsync(client, TwoPlatforms($"shipped-{client}:v1"), "load")).Succeeded();
        (await RunAsync(client, "tag", $"shipped-{client}:v1", name)).Succeeded();
        (await RunAsync(client, "rmi", $"shipped-{client}:v1")).Succeeded();

        var digest = (await RunAsync(client, "push", name)).Succeeded().Split("digest: ")[1].Split(' ')[0];
        var target = (await RunAsync(client, "image", "inspect", "-f", "{{json .Descriptor}}", name)).Succeeded();
        target.ShouldContain($"\"{digest}\"");
        target.ShouldContain("application/vnd.oci.image.index.v1+json");
        using var scratch = new Scratch();
        var archive = Path.Combine(scratch.Path, "two.tar");
        (await RunAsync(client, "save", "-o", archive, name)).Succeeded();
        (await RunAsync(client, "rmi", name)).Succeeded();

        (await RunAsync(client, "pull", name)).Succeeded().ShouldContain($"Digest: {digest}");
        (await ManifestsAsync(name)).ShouldBe([(s_other, false), (ImageArchive.ThisArchitecture, true)]);
        (await RunAsync(client, "tag", name, $"{registry.Host}/one:{client}")).Succeeded();
        (await RunAsync(client, "push", $"{registry.Host}/one:{client}")).Saying(digest).Saying("only").Succeeded();
        (await RunAsync(client, "pull", "--platform", $"linux/{s_other}", name)).Succeeded();
        (await RunAsync(client, "push", $"{registry.Host}/one:{client}")).Succeeded().ShouldContain($"digest: {digest}");
        (await RunAsync(client, "rmi", name, $"{registry.Host}/one:{client}")).Succeeded();

        (await RunAsync(client, "load", "-i", archive)).Succeeded().ShouldContain($"Loaded image: {name}");
        (await ManifestsAsync(name)).ShouldBe([(s_other, true), (ImageArchive.ThisArchitecture, true)]);
        (await RunAsync(client, "push", name)).Succeeded().ShouldContain($"digest: {digest}");
        (await RunAsync(client, "rmi", name)).Succeeded();
    }

    [Fact]
    public async Task Sampan_pulls_all_platforms_at_once()
    {
        await using var registry = await DockerRegistry.StartAsync();
        var name = $"{registry.Host}/all:v1";
        (await Daemon.ClientWithBytesAsync(Clients.Sampan, TwoPlatforms("all-platforms:v1"), "load")).Succeeded();
        (await RunAsync(Clients.Sampan, "tag", "all-platforms:v1", name)).Succeeded();
        (await RunAsync(Clients.Sampan, "push", name)).Succeeded();
        (await RunAsync(Clients.Sampan, "rmi", name, "all-platforms:v1")).Succeeded();

        (await RunAsync(Clients.Sampan, "pull", "--all-platforms", name)).Succeeded();

        (await ManifestsAsync(name)).ShouldBe([(s_other, true), (ImageArchive.ThisArchitecture, true)]);
        (await RunAsync(Clients.Sampan, "pull", "--all-platforms", "--platform", "linux/arm64", name)).Failed().Saying("can't be used with --all-platforms");
        (await RunAsync(Clients.Sampan, "rmi", name)).Succeeded();
    }

    private async Task<IReadOnlyList<(string, bool)>> ManifestsAsync(string name)
    {
        var (status, body) = await Daemon.SendAsync(HttpMethod.Get, $"/v1.50/images/{name}/json?manifests=1");
        status.ShouldBe(200, body);
        using var image = JsonDocument.Parse(body);
        return [.. image.RootElement.GetProperty("Manifests").EnumerateArray().Select(manifest => (manifest.GetProperty("ImageData").GetProperty("Platform").GetProperty("architecture").GetString()!, manifest.GetProperty("Available").GetBoolean()))];
    }
}
