using System.Text.Json;
using System.Text.Json.Nodes;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.Engine;
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
    [InlineData(Shape.Info, "1.24", """{"SecurityOptions":["name=seccomp,profile=builtin","name=cgroupns"],"RuncCommit":{"ID":"x"}}""", """{"SecurityOptions":["seccomp","cgroupns"],"RuncCommit":{"ID":"x","Expected":"x"},"BridgeNfIptables":false,"BridgeNfIp6tables":false,"KernelMemory":false,"KernelMemoryTCP":false}""")]
    [InlineData(Shape.Info, "1.52", """{"NRI":{},"FirewallBackend":{"Driver":"nftables"}}""", """{"FirewallBackend":{"Driver":"nftables"}}""")]
    [InlineData(Shape.Info, "1.48", """{"FirewallBackend":{"Driver":"nftables"}}""", """{"BridgeNfIptables":false,"BridgeNfIp6tables":false}""")]
    [InlineData(Shape.Info, "1.43", """{"Containerd":{},"Runtimes":{"a":{"path":"/a","status":{"b":"c"}}}}""", """{"Runtimes":{"a":{"path":"/a"}},"BridgeNfIptables":false,"BridgeNfIp6tables":false}""")]
    [InlineData(Shape.ContainerList, "1.52", """[{"Health":{"Status":"healthy"}}]""", """[{"Health":{"Status":"healthy"}}]""")]
    [InlineData(Shape.ContainerList, "1.51", """[{"Id":"a","Health":{"Status":"healthy"},"ImageManifestDescriptor":{"size":1}}]""", """[{"Id":"a","ImageManifestDescriptor":{"size":1}}]""")]
    [InlineData(Shape.ContainerList, "1.45", """[{"Id":"a","ImageManifestDescriptor":{"size":1},"HostConfig":{"NetworkMode":"none","Annotations":{"a":"b"}}}]""", """[{"Id":"a","HostConfig":{"NetworkMode":"none"}}]""")]
    [InlineData(Shape.NetworkInspect, "1.51", """{"Id":"a","Status":{"IPAM":{}}}""", """{"Id":"a"}""")]
    [InlineData(Shape.DiskUsage, "1.43", """{"Images":[{"Size":3}]}""", """{"Images":[{"Size":3,"VirtualSize":3}],"Containers":null,"Volumes":null,"BuildCache":null}""")]
    [InlineData(Shape.DiskUsage, "1.51", """{"Images":[{"Descriptor":{}}],"Containers":[{"Health":{},"ImageManifestDescriptor":{},"HostConfig":{"Annotations":{}}}],"Volumes":[],"BuildCache":[]}""", """{"Images":[{"Descriptor":{}}],"Containers":[{"ImageManifestDescriptor":{},"HostConfig":{"Annotations":{}}}],"Volumes":[],"BuildCache":[]}""")]
    [InlineData(Shape.DiskUsage, "1.45", """{"Images":[{"Descriptor":{}}],"Containers":[{"Health":{},"ImageManifestDescriptor":{},"HostConfig":{"Annotations":{}}}],"Volumes":[],"BuildCache":[]}""", """{"Images":[{}],"Containers":[{"HostConfig":{}}],"Volumes":[],"BuildCache":[]}""")]
    [InlineData(Shape.DiskUsage, "1.41", """{"Images":[],"BuildCache":[{"Size":3,"Parents":["p"]},{"Size":4}]}""", """{"Images":[],"BuildCache":[{"Size":3,"Parents":["p"],"Parent":"p"},{"Size":4,"Parent":""}],"Containers":null,"Volumes":null,"BuilderSize":7}""")]
    [InlineData(Shape.NetworkList, "1.51", """[{"Id":"a"}]""", """[{"Id":"a","Containers":{}}]""")]
    [InlineData(Shape.NetworkList, "1.24", """[{"Id":"a","Status":{"IPAM":{}},"Containers":{"c":{}}}]""", """[{"Id":"a","Containers":{"c":{}}}]""")]
    [InlineData(Shape.Info, "1.49", """{"RuncCommit":{"ID":"x"}}""", """{"RuncCommit":{"ID":"x"},"BridgeNfIptables":false,"BridgeNfIp6tables":false}""")]
    [InlineData(Shape.ImageInspect, "1.51", """{"Config":{}}""", """{"Config":{"Cmd":null,"Entrypoint":null,"Env":null,"Labels":null,"OnBuild":null,"Volumes":null,"User":"","WorkingDir":""},"Parent":"","Comment":"","DockerVersion":"","Author":""}""")]
    [InlineData(Shape.ImageInspect, "1.52", """{"Config":{}}""", """{"Config":{}}""")]
    [InlineData(Shape.ImageInspect, "1.51", """{"Identity":{},"Descriptor":{"size":1},"Config":{"User":"a","Cmd":["b"]},"Author":"c"}""", """{"Descriptor":{"size":1},"Config":{"User":"a","Cmd":["b"],"Entrypoint":null,"Env":null,"Labels":null,"OnBuild":null,"Volumes":null,"WorkingDir":""},"Author":"c","Parent":"","Comment":"","DockerVersion":""}""")]
    [InlineData(Shape.ImageInspect, "1.52", """{"Identity":{},"Descriptor":{"size":1}}""", """{"Descriptor":{"size":1}}""")]
    [InlineData(Shape.ImageInspect, "1.53", """{"Identity":{},"Descriptor":{"size":1}}""", """{"Identity":{},"Descriptor":{"size":1}}""")]
    [InlineData(Shape.ImageInspect, "1.47", """{"Descriptor":{"size":1}}""", """{"Parent":"","Comment":"","DockerVersion":"","Author":""}""")]
    [InlineData(Shape.ImageInspect, "1.44", """{"Size":1,"ContainerConfig":7}""", """{"Size":1,"ContainerConfig":{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null},"Parent":"","Comment":"","DockerVersion":"","Author":"","Container":""}""")]
    [InlineData(Shape.ImageList, "1.47", """[{"Descriptor":{"size":1},"Size":5}]""", """[{"Size":5,"Containers":-1}]""")]
    [InlineData(Shape.ContainerInspect, "1.52", """{"Config":{},"ImageManifestDescriptor":{"size":1},"HostConfig":{}}""", """{"Config":{},"ImageManifestDescriptor":{"size":1},"HostConfig":{}}""")]
    [InlineData(Shape.ContainerInspect, "1.51", """{"Config":{},"ImageManifestDescriptor":{"size":1},"HostConfig":{}}""", """{"Config":{"OnBuild":null},"ImageManifestDescriptor":{"size":1},"HostConfig":{}}""")]
    [InlineData(Shape.ContainerInspect, "1.47", """{"Config":{},"ImageManifestDescriptor":{"size":1},"HostConfig":{}}""", """{"Config":{"OnBuild":null},"HostConfig":{}}""")]
    [InlineData(Shape.ContainerInspect, "1.41", """{"Config":{},"HostConfig":{}}""", """{"Config":{"OnBuild":null},"HostConfig":{"KernelMemory":0,"KernelMemoryTCP":0}}""")]
    [InlineData(Shape.Info, "1.49", """{"DiscoveredDevices":[{"ID":"a"}],"FirewallBackend":{}}""", """{"FirewallBackend":{},"BridgeNfIptables":false,"BridgeNfIp6tables":false}""")]
    [InlineData(Shape.Info, "1.48", """{"RegistryConfig":{"Mirrors":[]}}""", """{"RegistryConfig":{"Mirrors":[],"AllowNondistributableArtifactsCIDRs":null,"AllowNondistributableArtifactsHostnames":null},"BridgeNfIptables":false,"BridgeNfIp6tables":false}""")]
    internal void Answer_has_the_shape_of_its_version(Shape shape, string version, string newest, string expected) =>
        Lowered(shape, version, newest).ShouldBe(expected);

    [Theory]
    [InlineData("1.24")]
    [InlineData("1.45")]
    [InlineData("1.47")]
    [InlineData("1.51")]
    [InlineData("1.52")]
    public void What_is_left_out_of_a_list_before_it_is_written_is_what_would_be_taken_out_of_it_then(string version)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();
        IReadOnlyList<ContainerSummary> containers =
        [
            new()
            {
                Id = "a",
                Health = new() { Status = "healthy" },
                ImageManifestDescriptor = new() { Digest = "sha256:1" },
                HostConfig = new() { NetworkMode = "none", Annotations = new Dictionary<string, string> { ["a"] = "b" } },
            },
            new() { Id = "b" },
        ];
        var expected = Wire.Lowered(containers, DockerApiJson.Wire.ContainerSummaryList, Shape.ContainerList, parsed);

        ApiVersionShims.TryLowerValue(Shape.ContainerList, parsed, ref containers).ShouldBeTrue();

        JsonNode.DeepEquals(JsonNode.Parse(AnswerJson.Write(containers).Span), expected).ShouldBeTrue();
    }

    [Fact]
    public void What_needs_more_than_leaving_out_is_rewritten_when_it_is_written()
    {
        ApiVersion.TryParse("1.43", out var old).ShouldBeTrue();
        var inspect = new ContainerInspect();

        ApiVersionShims.TryLowerValue(Shape.ContainerInspect, old, ref inspect).ShouldBeFalse();
        ApiVersionShims.TryLowerValue(Shape.ContainerInspect, ApiVersion.Newest, ref inspect).ShouldBeTrue();
    }

    [Theory]
    [InlineData("1.43", "0001-01-01T00:00:00Z")]
    [InlineData("1.44", null)]
    public void Image_without_a_date_was_of_the_year_1(string version, string? date) =>
        ((string?)JsonNode.Parse(Lowered(Shape.ImageInspect, version, """{"Size":7}"""))?["Created"]).ShouldBe(date);

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

    [Theory]
    [InlineData(Shape.UpdateRequest, "1.39", """{"PidsLimit":5,"Memory":7}""", """{"Memory":7}""")]
    [InlineData(Shape.UpdateRequest, "1.40", """{"PidsLimit":5,"Memory":7}""", """{"PidsLimit":5,"Memory":7}""")]
    [InlineData(Shape.ExecRequest, "1.41", """{"Tty":true,"ConsoleSize":[1,2]}""", """{"Tty":true}""")]
    [InlineData(Shape.ExecRequest, "1.42", """{"Tty":true,"ConsoleSize":[1,2]}""", """{"Tty":true,"ConsoleSize":[1,2]}""")]
    [InlineData(Shape.NetworkCreate, "1.47", """{"Name":"a","EnableIPv4":false}""", """{"Name":"a"}""")]
    [InlineData(Shape.NetworkCreate, "1.48", """{"Name":"a","EnableIPv4":false}""", """{"Name":"a","EnableIPv4":false}""")]
    [InlineData(Shape.VolumeCreate, "1.41", """{"Name":"a","ClusterVolumeSpec":{}}""", """{"Name":"a"}""")]
    [InlineData(Shape.VolumeCreate, "1.42", """{"Name":"a","ClusterVolumeSpec":{}}""", """{"Name":"a","ClusterVolumeSpec":{}}""")]
    internal void Request_loses_what_its_version_did_not_have(Shape shape, string version, string request, string expected)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();
        var document = JsonNode.Parse(request).ShouldNotBeNull().AsObject();

        ApiVersionShims.Lift(shape, parsed, document);

        document.ToJsonString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("1.54", """{"Memory":7}""")]
    [InlineData("1.55", """{"Memory":7,"BlkioWeightDevice":[],"BlkioDeviceReadBps":[{"Path":"/dev/a","Rate":1}],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[]}""")]
    public void Limits_of_each_block_device_could_not_be_changed_before(string version, string expected)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();
        var document = JsonNode.Parse("""{"Memory":7,"BlkioWeightDevice":[],"BlkioDeviceReadBps":[{"Path":"/dev/a","Rate":1}],"BlkioDeviceWriteBps":[],"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[]}""").ShouldNotBeNull().AsObject();

        ApiVersionShims.Lift(Shape.UpdateRequest, parsed, document);

        document.ToJsonString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("1.24", """{"HostConfig":{"AutoRemove":true,"IpcMode":"private","CgroupnsMode":"private"}}""", """{"HostConfig":{"IpcMode":"private","CgroupnsMode":"private"}}""")]
    [InlineData("1.39", """{"HostConfig":{"IpcMode":"a","CgroupnsMode":"b","Mounts":[{"Type":"bind","BindOptions":{"NonRecursive":true}}]}}""", """{"HostConfig":{"IpcMode":"a","CgroupnsMode":"b","Mounts":[{"Type":"bind","BindOptions":{}}]}}""")]
    [InlineData("1.39", """{"HostConfig":{"PidsLimit":0}}""", """{"HostConfig":{"IpcMode":"shareable"}}""")]
    [InlineData("1.40", """{"HostConfig":{"PidsLimit":0}}""", """{"HostConfig":{"PidsLimit":0}}""")]
    [InlineData("1.41", """{"HostConfig":{"ConsoleSize":[1,2],"Mounts":[{"Type":"bind","BindOptions":{"CreateMountpoint":true},"VolumeOptions":{},"TmpfsOptions":{}},{"Type":"volume","VolumeOptions":{"NoCopy":true}}]}}""", """{"HostConfig":{"Mounts":[{"Type":"bind","BindOptions":{}},{"Type":"volume","VolumeOptions":{"NoCopy":true}}]}}""")]
    [InlineData("1.42", """{"HostConfig":{"Annotations":{"a":"b"}}}""", """{"HostConfig":{}}""")]
    [InlineData("1.43", """{"Healthcheck":{"StartInterval":1},"HostConfig":{"Mounts":[{"Type":"bind","ReadOnly":true},{"Type":"bind"}]}}""", """{"Healthcheck":{},"HostConfig":{"Mounts":[{"Type":"bind","ReadOnly":true,"BindOptions":{"ReadOnlyNonRecursive":true}},{"Type":"bind"}]}}""")]
    [InlineData("1.43", """{"HostConfig":{},"NetworkingConfig":{"EndpointsConfig":{"a":{"MacAddress":"02:00:00:00:00:01"}}}}""", """{"HostConfig":{},"NetworkingConfig":{"EndpointsConfig":{"a":{}}}}""")]
    [InlineData("1.44", """{"HostConfig":{},"NetworkingConfig":{"EndpointsConfig":{"a":{"MacAddress":"02:00:00:00:00:01","GwPriority":3}}}}""", """{"HostConfig":{},"NetworkingConfig":{"EndpointsConfig":{"a":{"MacAddress":"02:00:00:00:00:01"}}}}""")]
    [InlineData("1.47", """{"HostConfig":{"NetworkMode":"a","Sysctls":{"net.ipv4.conf.eth0.log_martians":"1","kernel.shm_rmid_forced":"1"}},"NetworkingConfig":{"EndpointsConfig":{"a":{}}}}""", """{"HostConfig":{"NetworkMode":"a","Sysctls":{"kernel.shm_rmid_forced":"1"}},"NetworkingConfig":{"EndpointsConfig":{"a":{"DriverOpts":{"com.docker.network.endpoint.sysctls":"net.ipv4.conf.IFNAME.log_martians=1"}}}}}""")]
    [InlineData("1.43", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{}}""", """{"HostConfig":{},"NetworkingConfig":{"EndpointsConfig":{"bridge":{"MacAddress":"02:00:00:00:00:01"}}}}""")]
    [InlineData("1.43", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"NetworkMode":"a"},"NetworkingConfig":{"EndpointsConfig":{"b":{"MacAddress":"02:00:00:00:00:02"}}}}""", """{"HostConfig":{"NetworkMode":"a"},"NetworkingConfig":{"EndpointsConfig":{"b":{"MacAddress":"02:00:00:00:00:01"}}}}""")]
    [InlineData("1.44", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"NetworkMode":"a"},"NetworkingConfig":{"EndpointsConfig":{"a":{},"b":{}}}}""", """{"HostConfig":{"NetworkMode":"a"},"NetworkingConfig":{"EndpointsConfig":{"a":{"MacAddress":"02:00:00:00:00:01"},"b":{}}}}""")]
    [InlineData("1.51", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{},"NetworkingConfig":{"EndpointsConfig":{"default":{}}}}""", """{"HostConfig":{},"NetworkingConfig":{"EndpointsConfig":{"default":{"MacAddress":"02:00:00:00:00:01"}}}}""")]
    [InlineData("1.51", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"NetworkMode":"host"}}""", """{"HostConfig":{"NetworkMode":"host"}}""")]
    [InlineData("1.52", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"PortBindings":{"80/tcp":[]}}}""", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"PortBindings":{"80/tcp":[]}}}""")]
    public void Request_of_an_older_version_means_what_it_meant(string version, string request, string expected)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();
        var document = JsonNode.Parse(request).ShouldNotBeNull().AsObject();

        ApiVersionShims.Lift(Shape.ContainerCreate, parsed, document);

        // Looking for what is not there makes empty objects, which say nothing.
        foreach (var empty in new[] { "NetworkingConfig" })
        {
            if (document[empty] is JsonObject { Count: 1 } part && part["EndpointsConfig"] is JsonObject { Count: 0 })
                document.Remove(empty);
        }

        document.ToJsonString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("1.43", """{"HostConfig":{"Mounts":[{"Type":"bind","BindOptions":{"ReadOnlyForceRecursive":true}}]}}""", "ReadOnlyForceRecursive needs API v1.44")]
    [InlineData("1.43", """{"NetworkingConfig":{"EndpointsConfig":{"a":{},"b":{}}}}""", "multiple network endpoints: a, b")]
    [InlineData("1.44", """{"HostConfig":{"Mounts":[{"Type":"volume","VolumeOptions":{"Subpath":"a"}}]}}""", "Subpath needs API v1.45")]
    [InlineData("1.47", """{"HostConfig":{"Mounts":[{"Type":"image"}]}}""", "needs API v1.48")]
    [InlineData("1.43", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"NetworkMode":"container:a"}}""", "conflicting options: mac-address and the network mode")]
    [InlineData("1.43", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"NetworkMode":"host"}}""", "conflicting options: mac-address and the network mode")]
    [InlineData("1.51", """{"MacAddress":"02:00:00:00:00:01","NetworkingConfig":{"EndpointsConfig":{"bridge":{"MacAddress":"02:00:00:00:00:02"}}}}""", "must match the endpoint-specific MAC address")]
    [InlineData("1.51", """{"MacAddress":"02:00:00:00:00:01","HostConfig":{"NetworkMode":"a"},"NetworkingConfig":{"EndpointsConfig":{"b":{}}}}""", "HostConfig.NetworkMode must match the identity of a network")]
    public void Request_of_an_older_version_is_refused_what_that_did_not_have(string version, string request, string why)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();

        var refused = Should.Throw<EngineException>(() => ApiVersionShims.Lift(Shape.ContainerCreate, parsed, JsonNode.Parse(request).ShouldNotBeNull().AsObject()));

        refused.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refused.Message.ShouldContain(why);
    }

    [Theory]
    [InlineData("1.43", """{"MacAddress":"02:00:00:00:00:01"}""", null)]
    [InlineData("1.44", """{"MacAddress":"02:00:00:00:00:01"}""", "container-wide MacAddress field is now deprecated")]
    [InlineData("1.47", """{"HostConfig":{"Sysctls":{"net.ipv4.conf.eth0.log_martians":"1"}}}""", "Migrated sysctl")]
    public void Client_of_an_older_version_is_warned(string version, string request, string? warning)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();

        var warnings = ApiVersionShims.Warnings(Shape.ContainerCreate, parsed, JsonNode.Parse(request).ShouldNotBeNull().AsObject()).ToList();

        if (warning is null)
            warnings.ShouldBeEmpty();
        else
            warnings.ShouldHaveSingleItem().ShouldContain(warning);
    }

    [Theory]
    [InlineData("1.24", """{"HostConfig":{"KernelMemory":5}}""", "KernelMemory and KernelMemoryTCP are ignored")]
    [InlineData("1.55", """{"HostConfig":{"KernelMemoryTCP":5}}""", "KernelMemory and KernelMemoryTCP are ignored")]
    [InlineData("1.55", """{"HostConfig":{"KernelMemory":0}}""", null)]
    [InlineData("1.47", """{"HostConfig":{"VolumeDriver":"d","Mounts":[{"Type":"volume"}]}}""", null)]
    [InlineData("1.48", """{"HostConfig":{"VolumeDriver":"d","Mounts":[{"Type":"volume"}]}}""", "the container-wide volume-driver configuration is ignored")]
    [InlineData("1.48", """{"HostConfig":{"VolumeDriver":"d","Mounts":[{"Type":"bind"}]}}""", null)]
    [InlineData("1.52", """{"MacAddress":"02:00:00:00:00:01"}""", "MacAddress field is ignored since API v1.52")]
    [InlineData("1.51", """{"HostConfig":{"PortBindings":{"80/tcp":[]}}}""", null)]
    [InlineData("1.52", """{"HostConfig":{"PortBindings":{"80/tcp":[],"81/tcp":null,"82/tcp":[{}]}}}""", "empty list of port-bindings: 80/tcp, 81/tcp.")]
    [InlineData("1.55", """{"HostConfig":{"PortBindings":{"80/tcp":[]}}}""", "empty list of port-bindings: 80/tcp.")]
    public void Client_is_told_what_has_no_effect(string version, string request, string? advice)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();

        var told = ApiVersionShims.Advise(JsonSerializer.Deserialize(request, DockerApiJson.Wire.ContainerCreateRequest).ShouldNotBeNull(), parsed).ToList();

        if (advice is null)
            told.ShouldBeEmpty();
        else
            told.ShouldHaveSingleItem().ShouldContain(advice);
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
