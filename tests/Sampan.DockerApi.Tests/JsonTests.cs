using System.Text.Json;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Tests;

public sealed class JsonTests
{
    private static DockerApiJson Json => DockerApiJson.Wire;

    [Fact]
    public void Create_request_reads_nulls_as_zero_values_as_docker_py_sends_them()
    {
        var request = JsonSerializer.Deserialize("""
            {"Hostname": null, "User": null, "Tty": null, "Env": null, "Cmd": "true", "Entrypoint": ["/bin/sh", "-c"],
             "StopTimeout": null, "Labels": null, "ExposedPorts": {"80/tcp": {}, "81/udp": null},
             "HostConfig": {"Memory": null, "OomScoreAdj": null, "PidsLimit": null, "PortBindings": {"80/tcp": [{"HostIp": null, "HostPort": "8080"}], "81/udp": null}}}
            """, Json.ContainerCreateRequest).ShouldNotBeNull();

        request.Hostname.ShouldBe("");
        request.Tty.ShouldBeFalse();
        request.Cmd.ShouldBe(["true"]);
        request.Entrypoint.ShouldBe(["/bin/sh", "-c"]);
        request.StopTimeout.ShouldBeNull();
        request.ExposedPorts.ShouldNotBeNull().Keys.ShouldBe(["80/tcp", "81/udp"]);
        var host = request.HostConfig.ShouldNotBeNull();
        host.Memory.ShouldBe(0);
        host.PidsLimit.ShouldBeNull();
        host.PortBindings.ShouldNotBeNull()["80/tcp"].ShouldNotBeNull()[0].HostPort.ShouldBe("8080");
        host.PortBindings["81/udp"].ShouldBeNull();
    }

    [Fact]
    public void Names_are_matched_without_regard_to_case_as_go_does()
    {
        JsonSerializer.Deserialize("""{"image": "busybox", "hostconfig": {"networkmode": "none"}}""", Json.ContainerCreateRequest)
            .ShouldNotBeNull().HostConfig.ShouldNotBeNull().NetworkMode.ShouldBe("none");
    }

    [Theory]
    [InlineData("""{"Cmd": 5}""")]
    [InlineData("""{"Cmd": [5]}""")]
    [InlineData("""{"Env": "A=b"}""")]
    [InlineData("""{"Hostname": 5}""")]
    [InlineData("""{"HostConfig": []}""")]
    [InlineData("""{"HostConfig": {"Memory": "1g"}}""")]
    [InlineData("""{"Labels": ["a"]}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void Create_request_of_the_wrong_shape_is_refused(string body)
    {
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(body, Json.ContainerCreateRequest));
    }

    [Fact]
    public void Host_config_writes_the_nulls_that_docker_inspect_shows()
    {
        string json = JsonSerializer.Serialize(new HostConfig { NetworkMode = "default" }, Json.HostConfig);

        json.ShouldContain("\"Binds\":null");
        json.ShouldContain("\"PidsLimit\":null");
        json.ShouldContain("\"Memory\":0");
        json.ShouldNotContain("\"Init\"");
        json.ShouldNotContain("\"Mounts\"");
    }

    [Fact]
    public void Text_is_escaped_only_where_json_requires_it()
    {
        JsonSerializer.Serialize(new ErrorResponse { Message = "can't find <ä>" }, Json.ErrorResponse).ShouldBe("""{"message":"can't find <ä>"}""");
    }

    [Fact]
    public void Progress_message_reads_pull_load_and_error_lines()
    {
        JsonSerializer.Deserialize("""{"status":"Downloading","progressDetail":{"current":5,"total":10},"id":"abc"}""", Json.ProgressMessage)
            .ShouldNotBeNull().ProgressDetail.ShouldNotBeNull().Current.ShouldBe(5);
        JsonSerializer.Deserialize("""{"stream":"Loaded image: a:b\n"}""", Json.ProgressMessage).ShouldNotBeNull().Stream.ShouldBe("Loaded image: a:b\n");
        JsonSerializer.Deserialize("""{"errorDetail":{"code":1,"message":"no"},"error":"no"}""", Json.ProgressMessage).ShouldNotBeNull().ErrorDetail.ShouldNotBeNull().Code.ShouldBe(1);
    }
}
