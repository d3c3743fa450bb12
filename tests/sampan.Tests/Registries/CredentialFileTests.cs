using System.Text.Json.Nodes;
using Sampan.Cli.Commands;
using Sampan.Cli.Registries;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Tests.Registries;

public sealed class CredentialFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-credentials-").FullName;

    private string Config => Path.Combine(_directory, "config.json");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_is_stored_is_found_and_forgotten_and_the_rest_of_the_file_stays()
    {
        File.WriteAllText(Config, """{"psFormat":"table {{.ID}}","auths":{"other.example":{"auth":"YTpi"}},"unknown":[1,2]}""");

        CredentialFile.Open(_directory).Store("reg.example:5000", new AuthConfig { Username = "anna", Password = "a:b" }).ShouldBeNull();

        var found = CredentialFile.Open(_directory).Find("reg.example:5000").ShouldNotBeNull();
        (found.Username, found.Password, found.ServerAddress).ShouldBe(("anna", "a:b", "reg.example:5000"));
        CredentialFile.Open(_directory).Erase("reg.example:5000").ShouldBeTrue();
        CredentialFile.Open(_directory).Erase("reg.example:5000").ShouldBeFalse();
        var root = JsonNode.Parse(File.ReadAllText(Config)).ShouldNotBeNull();
        root["psFormat"]?.ToString().ShouldBe("table {{.ID}}");
        root["unknown"]?.AsArray().Count.ShouldBe(2);
        CredentialFile.Open(_directory).Find("other.example")?.Password.ShouldBe("b");
    }

    [Fact]
    public void A_new_file_is_the_users_alone()
    {
        CredentialFile.Open(Path.Combine(_directory, "new")).Store("reg.example", new AuthConfig { Username = "a", Password = "b" });

        File.GetUnixFileMode(Path.Combine(_directory, "new", "config.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Theory]
    [InlineData("docker.io")]
    [InlineData("index.docker.io")]
    [InlineData("https://index.docker.io/v1/")]
    [InlineData("registry-1.docker.io")]
    public void Dockers_own_registry_has_one_key(string server)
    {
        CredentialFile.Open(_directory).Store(server, new AuthConfig { Username = "a", IdentityToken = "t" });

        JsonNode.Parse(File.ReadAllText(Config))?["auths"]?.AsObject().Select(entry => entry.Key).ShouldBe(["https://index.docker.io/v1/"]);
        CredentialFile.Open(_directory).Find(RegistryName.OfImage("nginx"))?.IdentityToken.ShouldBe("t");
    }

    /// <summary>A helper that cannot be run had the credentials of one registry sent to another.</summary>
    [Theory]
    [InlineData("""{"credsStore":"that-is-not-there","auths":{"https://index.docker.io/v1/":{"auth":"YTpi"},"reg.example":{"auth":"YTpi"}}}""")]
    [InlineData("""{"credHelpers":{"reg.example":"that-is-not-there"},"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"},"reg.example":{"auth":"YTpi"}}}""")]
    public void CVE_2021_41092_where_a_helper_cannot_be_run_there_are_no_credentials(string config)
    {
        File.WriteAllText(Config, config);

        Should.Throw<CommandException>(() => CredentialFile.Open(_directory).Find("reg.example")).Message.ShouldContain("docker-credential-that-is-not-there");
        Should.Throw<CommandException>(() => CredentialFile.Open(_directory).Store("reg.example", new AuthConfig { Username = "anna", Password = "geheim" })).Message.ShouldNotContain("geheim");
        File.ReadAllText(Config).ShouldBe(config);
    }

    [Fact]
    public void Urls_of_old_files_are_understood()
    {
        File.WriteAllText(Config, """{"auths":{"https://reg.example/v1/":{"auth":"YTpi"}}}""");

        CredentialFile.Open(_directory).Find("reg.example")?.Username.ShouldBe("a");
        CredentialFile.Open(_directory).Find("example")?.Username.ShouldBeNull();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_file_that_is_none_is_told(string text)
    {
        File.WriteAllText(Config, text);

        Should.Throw<CommandException>(() => CredentialFile.Open(_directory)).Message.ShouldStartWith($"cannot read '{Config}': ");
    }

    [Fact]
    public void A_broken_entry_is_told_without_what_it_holds()
    {
        File.WriteAllText(Config, """{"auths":{"reg.example":{"auth":"c2VjcmV0"}}}""");

        Should.Throw<CommandException>(() => CredentialFile.Open(_directory).Find("reg.example")).Message.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("nginx", "docker.io", "docker.io/library/nginx")]
    [InlineData("team/app:1", "docker.io", "docker.io/team/app:1")]
    [InlineData("docker.io/nginx", "docker.io", "docker.io/library/nginx")]
    [InlineData("localhost/app", "localhost", "localhost/app")]
    [InlineData("localhost:5000/app", "localhost:5000", "localhost:5000/app")]
    [InlineData("ghcr.io/a/b@sha256:00", "ghcr.io", "ghcr.io/a/b@sha256:00")]
    public void A_name_has_a_registry(string name, string registry, string full)
    {
        RegistryName.OfImage(name).ShouldBe(registry);
        RegistryName.Full(name).ShouldBe(full);
    }
}
