using Sampan.Compose.Documents;
using Sampan.Compose.Loading;

namespace Sampan.Compose.Tests.Loading;

public sealed class LocatorTests
{
    private const string Yaml = "services: {a: {image: x}}";

    [Fact]
    public void The_file_is_looked_for_here_and_above_with_its_override()
    {
        var files = new Files { ["/app/docker-compose.yml"] = Yaml, ["/app/compose.override.yaml"] = Yaml, ["/app/.env"] = "A=b" };
        var request = Locate(files, "/app/deep/er");
        request.Files.ShouldBe(["/app/docker-compose.yml", "/app/compose.override.yaml"]);
        request.Directory.ShouldBe("/app");
        request.Environment["A"].ShouldBe("b");
    }

    [Fact]
    public void Variables_name_files_project_and_profiles_those_of_the_process_before_those_of_env_files()
    {
        var files = new Files { ["/app/a.yaml"] = Yaml, ["/app/b.yaml"] = Yaml, ["/app/.env"] = "COMPOSE_FILE=a.yaml:b.yaml\nCOMPOSE_PROJECT_NAME=theirs\nCOMPOSE_PROFILES=one,two\nA=file" };
        var request = Locate(files, "/app", ("COMPOSE_PROJECT_NAME", "ours"), ("A", "process"));
        request.Files.ShouldBe(["/app/a.yaml", "/app/b.yaml"]);
        request.Name.ShouldBe("ours");
        request.Profiles.ShouldBe(["one", "two"]);
        request.Environment["A"].ShouldBe("process");
    }

    [Fact]
    public void Options_win_over_variables()
    {
        var files = new Files { ["/x/c.yaml"] = Yaml, ["/app/e.env"] = "A=e", ["/app/.env"] = "A=dot" };
        var request = ProjectLocator.Locate(new LocateRequest
        {
            WorkingDirectory = "/app",
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["COMPOSE_FILE"] = "other.yaml", ["COMPOSE_PROJECT_NAME"] = "other" },
            Files = ["../x/c.yaml"],
            Name = "mine",
            EnvironmentFiles = ["e.env"],
            Directory = "sub",
        }, path => files.GetValueOrDefault(path));
        request.Files.ShouldBe(["/x/c.yaml"]);
        request.Directory.ShouldBe("/app/sub");
        request.Name.ShouldBe("mine");
        request.Environment["A"].ShouldBe("e");
        request.EnvironmentFiles.ShouldBe(["/app/e.env"]);
    }

    [Fact]
    public void Without_any_file_the_rest_is_found_all_the_same()
    {
        var request = Locate([], "/app", ("COMPOSE_PROJECT_NAME", "p"));
        request.Files.ShouldBeEmpty();
        request.Name.ShouldBe("p");
        request.Directory.ShouldBe("/app");
    }

    [Theory]
    [InlineData("/srv/My App.v2", "myappv2")]
    [InlineData("/srv/_x-1", "x-1")]
    [InlineData("/srv/ÄÖ", "")]
    public void A_directory_gives_a_name(string directory, string expected) => ProjectNames.OfDirectory(directory).ShouldBe(expected);

    [Fact]
    public void The_name_is_the_options_the_files_or_the_directorys()
    {
        var files = new Files { ["/app/a.yaml"] = "name: first\n" + Yaml, ["/app/b.yaml"] = "name: \"${X:-second}\"\n" + Yaml, ["/app/c.yaml"] = "services: {a: {image: \"x:$COMPOSE_PROJECT_NAME\"}}" };
        files.Load(["/app/a.yaml", "/app/b.yaml"]).Name.ShouldBe("second");
        files.Load(["/app/c.yaml"]).Name.ShouldBe("app");
        files.Load(["/app/a.yaml", "/app/c.yaml"]).Services["a"].Image.ShouldBe("x:first");
        files.Load(new LoadRequest { Files = ["/app/a.yaml"], Directory = "/app", Name = "given" }).Name.ShouldBe("given");
    }

    /// <summary>CVE-2025-62725: what an artifact of a registry says about where its parts are written.</summary>
    [Theory]
    [InlineData("oci://registry.example/app:1")]
    [InlineData("https://example.org/app.git")]
    [InlineData("git@example.org:app.git")]
    public void Addresses_are_no_files(string address) =>
        Should.Throw<ComposeException>(() => ProjectLocator.Locate(new LocateRequest { WorkingDirectory = "/app", Environment = new Dictionary<string, string>(), Files = [address] }, static _ => null))
            .Message.ShouldBe($"'{address}' is no file of this machine: compose files of registries and repositories are not fetched");

    private static LoadRequest Locate(Files files, string here, params (string Name, string Value)[] environment) => ProjectLocator.Locate(
        new LocateRequest { WorkingDirectory = here, Environment = environment.ToDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal) }, path => files.GetValueOrDefault(path));
}
