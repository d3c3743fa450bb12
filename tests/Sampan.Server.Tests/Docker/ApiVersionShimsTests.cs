using System.Text.Json.Nodes;
using Sampan.DockerApi;
using Sampan.Server.Docker;

namespace Sampan.Server.Tests.Docker;

public sealed class ApiVersionShimsTests
{
    [Theory]
    [InlineData(Shape.Event, "1.51", """{"Type":"container","Action":"start","Actor":{"ID":"c1","Attributes":{"image":"busybox"}}}""", """{"Type":"container","Action":"start","Actor":{"ID":"c1","Attributes":{"image":"busybox"}},"status":"start","id":"c1","from":"busybox"}""")]
    [InlineData(Shape.Event, "1.52", """{"Type":"container","Action":"start"}""", """{"Type":"container","Action":"start"}""")]
    [InlineData(Shape.Event, "1.51", """{"Type":"network","Action":"connect"}""", """{"Type":"network","Action":"connect"}""")]
    [InlineData(Shape.ImageList, "1.51", """[{"Id":"a","RepoTags":[],"Containers":2,"Size":5}]""", """[{"Id":"a","RepoTags":[],"Containers":2,"Size":5}]""")]
    [InlineData(Shape.ImageList, "1.50", """[{"Id":"a","Containers":2,"Size":5}]""", """[{"Id":"a","Containers":-1,"Size":5}]""")]
    [InlineData(Shape.ImageList, "1.43", """[{"Size":5}]""", """[{"Size":5,"Containers":-1,"VirtualSize":5}]""")]
    [InlineData(Shape.ImageList, "1.42", """[{"RepoTags":[],"RepoDigests":[],"Size":5}]""", """[{"RepoTags":["<none>:<none>"],"RepoDigests":["<none>@<none>"],"Size":5,"Containers":-1,"VirtualSize":5}]""")]
    [InlineData(Shape.ImageList, "1.42", """[{"RepoTags":["a:1"],"Size":5}]""", """[{"RepoTags":["a:1"],"Size":5,"Containers":-1,"VirtualSize":5}]""")]
    [InlineData(Shape.Info, "1.24", """{"SecurityOptions":["name=seccomp,profile=builtin","name=cgroupns"],"RuncCommit":{"ID":"x"}}""", """{"SecurityOptions":["seccomp","cgroupns"],"RuncCommit":{"ID":"x","Expected":"x"},"BridgeNfIptables":false,"BridgeNfIp6tables":false}""")]
    [InlineData(Shape.Info, "1.49", """{"RuncCommit":{"ID":"x"}}""", """{"RuncCommit":{"ID":"x"},"BridgeNfIptables":false,"BridgeNfIp6tables":false}""")]
    [InlineData(Shape.ImageInspect, "1.51", """{"Config":{}}""", """{"Config":{"Cmd":null,"Entrypoint":null,"Env":null,"Labels":null,"OnBuild":null,"Volumes":null,"User":"","WorkingDir":""},"Parent":"","Comment":"","DockerVersion":"","Author":""}""")]
    [InlineData(Shape.ImageInspect, "1.52", """{"Config":{}}""", """{"Config":{}}""")]
    internal void Answer_has_the_shape_of_its_version(Shape shape, string version, string newest, string expected) =>
        Lowered(shape, version, newest).ShouldBe(expected);

    [Fact]
    public void Image_of_version_1_43_has_all_that_was_dropped_since()
    {
        var image = JsonNode.Parse(Lowered(Shape.ImageInspect, "1.43", """{"Size":7,"Config":{"User":"app"}}""")).ShouldNotBeNull();

        ((long?)image["VirtualSize"]).ShouldBe(7);
        image["ContainerConfig"].ShouldNotBeNull();
        ((string?)image["Config"]?["Hostname"]).ShouldBe("");
        ((bool?)image["Config"]?["Tty"]).ShouldBe(false);
        ((string?)image["Config"]?["User"]).ShouldBe("app");
    }

    [Fact]
    public void Aliases_of_old_versions_hold_the_short_id_except_on_predefined_networks()
    {
        var lowered = Lowered(Shape.ContainerInspect, "1.44", """{"Id":"0123456789abcdef","NetworkSettings":{"Networks":{"bridge":{"Aliases":null},"mine":{"Aliases":["web"]},"other":{}}}}""");

        var networks = JsonNode.Parse(lowered)?["NetworkSettings"]?["Networks"].ShouldNotBeNull();
        networks?["mine"]?["Aliases"]?.ToJsonString().ShouldBe("""["web","0123456789ab"]""");
        networks?["other"]?["Aliases"]?.ToJsonString().ShouldBe("""["0123456789ab"]""");
        networks?["bridge"]?["Aliases"].ShouldBeNull();
    }

    [Fact]
    public void Newest_version_needs_no_rewriting()
    {
        foreach (var shape in Enum.GetValues<Shape>())
        {
            ApiVersionShims.Lifts(shape, ApiVersion.Newest).ShouldBeFalse();
            ApiVersionShims.Lowers(shape, ApiVersion.Newest).ShouldBeFalse();
        }
    }

    [Fact]
    public void Tables_are_in_the_order_in_which_they_must_run()
    {
        ApiVersionShims.Requests.Where(s => s.Shape == Shape.ContainerCreate).Select(s => s.Below).ShouldBe(ApiVersionShims.Requests.Where(s => s.Shape == Shape.ContainerCreate).Select(s => s.Below).Order());
        ApiVersionShims.Responses.Select(s => s.Below).ShouldBe(ApiVersionShims.Responses.Select(s => s.Below).OrderDescending());
    }

    private static string Lowered(Shape shape, string version, string json)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();
        var node = JsonNode.Parse(json).ShouldNotBeNull();
        ApiVersionShims.Lower(shape, parsed, node);
        return node.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
