using System.Text.Json;
using Sampan.Cli.Compose;

namespace Sampan.Cli.Tests.Compose;

public sealed class PluginCallTests
{
    [Theory]
    [InlineData("up -d", "compose up -d")]
    [InlineData("-f a.yaml -p x up", "compose -f a.yaml -p x up")]
    [InlineData("compose up -d", "compose up -d")]
    [InlineData("--host unix:///x compose -f a ps", "--host unix:///x compose -f a ps")]
    [InlineData("-H unix:///x compose ps", "-H unix:///x compose ps")]
    [InlineData("--debug compose ps", "--debug compose ps")]
    [InlineData("", "compose")]
    [InlineData("--help", "compose --help")]
    public void Calls_of_docker_and_of_users_become_our_own(string words, string expected) =>
        string.Join(' ', PluginCall.Translate(words.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ShouldBe(expected);

    [Fact]
    public void Docker_is_told_what_it_asks()
    {
        using var json = JsonDocument.Parse(PluginCall.Metadata);
        json.RootElement.GetProperty("SchemaVersion").GetString().ShouldBe("0.1.0");
        json.RootElement.GetProperty("Vendor").GetString().ShouldBe("Sampan");
    }

    [Fact]
    public void As_dockers_plugin_it_talks_to_dockers_engine_unless_another_is_named()
    {
        PluginCall.Environment(static name => name == "SAMPAN_HOST" ? "unix:///ours" : null)("DOCKER_HOST").ShouldBe("unix:///var/run/docker.sock");
        PluginCall.Environment(static name => name == "SAMPAN_HOST" ? "unix:///ours" : null)("SAMPAN_HOST").ShouldBeNull();
        PluginCall.Environment(static name => name == "DOCKER_HOST" ? "unix:///theirs" : null)("DOCKER_HOST").ShouldBe("unix:///theirs");
    }
}
