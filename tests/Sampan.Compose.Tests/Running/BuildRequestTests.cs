using Sampan.Compose.Running;

namespace Sampan.Compose.Tests.Running;

public sealed class BuildRequestTests
{
    [Fact]
    public void Further_contexts_are_directories_addresses_and_images_of_other_services()
    {
        var project = Files.Load("""
            name: p
            services:
              base: {build: ./base}
              named: {image: named:1, build: ./named}
              web:
                build:
                  context: .
                  additional_contexts: {dir: ./lib, home: ~/lib, git: "https://example.org/x.git#v1", image: "docker-image://alpine:3", base: "service:base", named: "service:named"}
              listed: {build: {context: ., additional_contexts: ["dir=../lib", "base=service:base"]}}
            """);

        Create("web").ShouldBe(["base=docker-image://p-base", "dir=/app/lib", "git=https://example.org/x.git#v1", "home=/home/me/lib", "image=docker-image://alpine:3", "named=docker-image://named:1"]);
        Create("listed").ShouldBe(["base=docker-image://p-base", "dir=/lib"]);
        BuildRequests.Needs(project.Services["web"]).ShouldBe(["base", "named"]);

        IEnumerable<string> Create(string service) => BuildRequests.Create(project, project.Services[service], new BuildChanges()).Source.Contexts.Select(c => $"{c.Key}={c.Value}");
    }

    [Theory]
    [InlineData("[default]", "default")]
    [InlineData("[default, mine=./key.pem]", "default|mine=/app/key.pem")]
    [InlineData("{default: , mine: ~/.ssh/key}", "default|mine=/home/me/.ssh/key")]
    public void Agents_and_keys_are_those_of_the_file_and_those_of_the_call(string ssh, string expected)
    {
        var project = Files.Load($"services: {{a: {{build: {{context: ., ssh: {ssh}}}}}}}");
        BuildRequests.Create(project, project.Services["a"], new BuildChanges { Ssh = ["once=/s"] }).Source.Ssh.ShouldBe([.. expected.Split('|'), "once=/s"]);
    }

    [Fact]
    public void Names_before_version_2_are_joined_by_underscores()
    {
        var files = new Files { ["/app/compose.yaml"] = "services: {web: {build: .}}" };
        var project = files.Load(new Sampan.Compose.Loading.LoadRequest { Files = ["/app/compose.yaml"], Directory = "/app", OldNames = true });
        project.Services["web"].Image.ShouldBe("app_web");
        ContainerNames.Of(project, project.Services["web"], 2).ShouldBe("app_web_2");
    }
}
