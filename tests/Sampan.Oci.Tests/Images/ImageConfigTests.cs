using System.Text.Json;
using Sampan.Oci.Images;

namespace Sampan.Oci.Tests.Images;

public sealed class ImageConfigTests
{
    [Fact]
    public void A_docker_config_with_every_extra_field_is_read()
    {
        const string Json = """
            {"architecture":"amd64","os":"linux","created":"2024-01-02T03:04:05.123456789Z","docker_version":"20.10",
             "config":{"User":"www:www","ExposedPorts":{"80/tcp":{},"443/tcp":{}},"Env":["A=1"],"Entrypoint":["/e"],"Cmd":"one word",
               "Volumes":{"/data":{}},"WorkingDir":"/srv","Labels":{"a":"b"},"StopSignal":"SIGQUIT","Shell":["/bin/sh","-c"],
               "Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":1000000000,"Retries":3},"OnBuild":["RUN x"],"StopTimeout":7},
             "rootfs":{"type":"layers","diff_ids":["sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]},
             "history":[{"created_by":"/bin/sh -c #(nop) ADD file","empty_layer":false},{"created_by":"CMD","empty_layer":true}],
             "container_config":{"Hostname":"x"},"container":"c0ffee"}
            """;

        var config = JsonSerializer.Deserialize(Json, OciImageJson.Default.ImageConfig)!;

        config.Config.ExposedPorts.ShouldBe(["80/tcp", "443/tcp"]);
        config.Config.Cmd.ShouldBe(["one word"]);
        config.Config.Healthcheck!.Interval.ShouldBe(1_000_000_000);
        config.Config.StopTimeout.ShouldBe(7);
        config.RootFs.DiffIds.ShouldBe([Digest.Of([])]);
        config.History[1].EmptyLayer.ShouldBeTrue();
        config.Platform.ToString().ShouldBe("linux/amd64");
    }

    [Fact]
    public void Missing_and_null_fields_are_empty_collections()
    {
        foreach (var json in new[] { "{}", """{"config":null,"rootfs":null,"history":null}""", """{"config":{"Env":null,"Labels":null,"Volumes":null,"Cmd":null,"ExposedPorts":null,"OnBuild":null}}""" })
        {
            var config = JsonSerializer.Deserialize(json, OciImageJson.Default.ImageConfig)!;

            config.Config.Env.ShouldBeEmpty();
            config.Config.Labels.ShouldBeEmpty();
            config.Config.Volumes.ShouldBeEmpty();
            config.Config.ExposedPorts.ShouldBeEmpty();
            config.Config.Cmd.ShouldBeNull();
            config.RootFs.DiffIds.ShouldBeEmpty();
            config.History.ShouldBeEmpty();
        }
    }

    [Fact]
    public void A_written_config_reads_back_the_same()
    {
        var config = new ImageConfig
        {
            Architecture = "arm64",
            Os = "linux",
            Config = new ImageDefaults { ExposedPorts = ["1/udp"], Env = ["A=ü"], Cmd = ["x"], Labels = new Dictionary<string, string> { ["k"] = "v" } },
            RootFs = new RootFileSystem { Type = "layers", DiffIds = [Digest.Of([1])] },
        };

        var json = JsonSerializer.Serialize(config, OciImageJson.Default.ImageConfig);
        var read = JsonSerializer.Deserialize(json, OciImageJson.Default.ImageConfig)!;

        JsonSerializer.Serialize(read, OciImageJson.Default.ImageConfig).ShouldBe(json);
        json.ShouldContain("\"ExposedPorts\":{\"1/udp\":{}}");
        JsonSerializer.Serialize(config, OciImageJson.Plain.ImageConfig).ShouldContain("A=ü");
    }

    [Theory]
    [InlineData("""{"rootfs":{"diff_ids":["sha256:short"]}}""")]
    [InlineData("""{"config":{"Cmd":[1]}}""")]
    [InlineData("""{"config":{"ExposedPorts":["80"]}}""")]
    [InlineData("""[]""")]
    public void Wrong_shapes_are_refused(string json) =>
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(json, OciImageJson.Default.ImageConfig));
}
