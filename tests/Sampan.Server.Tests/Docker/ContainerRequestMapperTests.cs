using System.Text.Json;
using System.Text.Json.Nodes;
using Sampan.DockerApi;
using Sampan.Engine;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.Wishes;
using Sampan.Server.Docker;
using Sampan.Server.Docker.Containers;

namespace Sampan.Server.Tests.Docker;

public sealed class ContainerRequestMapperTests
{
    [Fact]
    public void Plain_request_of_docker_28_wishes_nothing_but_image_and_command()
    {
        var spec = Map(Golden.Read("docker-28-create-plain.json"), new ApiVersion(1, 50));

        spec.Image.ShouldBe("busybox");
        spec.Command.ShouldBe(["true"]);
        spec.Entrypoint.ShouldBeNull();
        spec.Hostname.ShouldBeNull();
        spec.Network.Mode.ShouldBe("default");
        spec.Network.Endpoints.ShouldBeEmpty();
        spec.Resources.ShouldBe(new ResourceLimits { OomKillDisable = false, Ulimits = spec.Resources.Ulimits, Devices = spec.Resources.Devices, DeviceCgroupRules = spec.Resources.DeviceCgroupRules, BlkioWeightDevices = spec.Resources.BlkioWeightDevices, BlkioReadBytes = spec.Resources.BlkioReadBytes, BlkioWriteBytes = spec.Resources.BlkioWriteBytes, BlkioReads = spec.Resources.BlkioReads, BlkioWrites = spec.Resources.BlkioWrites, DeviceWishes = spec.Resources.DeviceWishes });
        spec.Resources.BlkioReadBytes.ShouldBeEmpty();
        spec.Resources.DeviceWishes.ShouldBeEmpty();
        spec.Resources.Ulimits.ShouldBeEmpty();
        spec.Resources.Devices.ShouldBeEmpty();
        spec.Restart.ShouldBe(RestartPolicy.No);
        spec.ShmSize.ShouldBeNull();
        spec.ConsoleSize.ShouldBeNull();
        spec.Log.Driver.ShouldBeNull();
        spec.Security.MaskedPaths.ShouldBeNull();
        spec.Namespaces.ShouldBe(new NamespaceWish());
    }

    [Fact]
    public void Full_request_of_docker_28_keeps_every_wish()
    {
        var spec = Map(Golden.Read("docker-28-create-full.json"), new ApiVersion(1, 50));

        spec.Tty.ShouldBeTrue();
        spec.OpenStdin.ShouldBeTrue();
        spec.Env.ShouldBe(["A=1", "B="]);
        spec.Entrypoint.ShouldBe(["/bin/sh"]);
        spec.Command.ShouldBe(["-c", "echo hi"]);
        spec.User.ShouldBe("1000:10");
        spec.Binds.Select(b => b.ToString()).Order(StringComparer.Ordinal).ShouldBe(["/host:/data:ro,rslave", "cache:/cache"]);
        spec.AnonymousVolumes.ShouldBe(["/anon"]);
        spec.Mounts.Count.ShouldBe(2);
        spec.Mounts[0].ShouldBeEquivalentTo(new MountSpec { Kind = MountKind.Tmpfs, Target = "/scratch", TmpfsSize = 1 << 20, TmpfsMode = Convert.ToInt32("1770", 8), VolumeLabels = spec.Mounts[0].VolumeLabels, VolumeOptions = spec.Mounts[0].VolumeOptions, TmpfsOptions = spec.Mounts[0].TmpfsOptions });
        spec.Mounts[1].ReadOnly.ShouldBeTrue();
        spec.Tmpfs.ShouldBe([new("/run", "size=64k")]);
        spec.PublishedPorts.Select(p => $"{p.HostAddress}:{p.HostPort}:{p.Port}").Order(StringComparer.Ordinal)
            .ShouldBe(["127.0.0.1:5353:53/udp", ":8080:80/tcp", ":9000:9000/tcp", ":9001:9001/tcp"]);
        spec.ExposedPorts.Select(p => p.ToString()).Order(StringComparer.Ordinal).ShouldBe(["3000/tcp", "3001/tcp", "53/udp", "80/tcp", "9000/tcp", "9001/tcp"]);
        spec.PublishAllPorts.ShouldBeTrue();
        spec.Resources.Memory.ShouldBe(64 << 20);
        spec.Resources.MemorySwap.ShouldBe(128 << 20);
        spec.Resources.NanoCpus.ShouldBe(1_500_000_000);
        spec.Resources.PidsLimit.ShouldBe(100);
        spec.Resources.Ulimits.ShouldBe([new UlimitSpec("nofile", 1024, 2048)]);
        spec.Resources.Devices.ShouldBe([new DeviceSpec("/dev/null", "/dev/nul2", "r")]);
        spec.Resources.OomScoreAdj.ShouldBe(100);
        spec.Security.CapAdd.ShouldBe(["CAP_NET_ADMIN"]);
        spec.Security.CapDrop.ShouldBe(["ALL"]);
        spec.Security.ReadOnlyRootfs.ShouldBeTrue();
        spec.Security.Options.ShouldBe(["no-new-privileges"]);
        spec.Restart.ShouldBe(new RestartPolicy(RestartKind.OnFailure, 3));
        spec.Network.Dns.ShouldBe(["10.0.0.53"]);
        spec.Network.ExtraHosts.ShouldBe(["db:10.1.2.3"]);
        spec.Network.Endpoints["bridge"].MacAddress.ShouldBe("02:42:ac:11:00:09");
        spec.Sysctls["net.ipv4.ip_forward"].ShouldBe("0");
        spec.ShmSize.ShouldBe(32 << 20);
        spec.StopSignal.ShouldBe("SIGINT");
        spec.StopTimeout.ShouldBe(5);
        spec.Init.ShouldBe(true);
        spec.Log.Options["max-size"].ShouldBe("10m");
        spec.Annotations["org.example"].ShouldBe("1");
    }

    [Theory]
    [InlineData("""{"Image":"a","Cmd":"date"}""", "date", null)]
    [InlineData("""{"Image":"a","Cmd":["date","-u"]}""", "date|-u", null)]
    [InlineData("""{"Image":"a","Cmd":[]}""", null, null)]
    [InlineData("""{"Image":"a","Entrypoint":"/init"}""", null, "/init")]
    [InlineData("""{"Image":"a","Entrypoint":[""]}""", null, "")]
    [InlineData("""{"Image":"a","Entrypoint":[]}""", null, "")]
    [InlineData("""{"Image":"a","Entrypoint":null}""", null, null)]
    [InlineData("""{"image":"a","cmd":["in lower case"]}""", "in lower case", null)]
    public void Command_and_entry_point_are_texts_or_lists(string json, string? command, string? entrypoint)
    {
        var spec = Map(json);

        (spec.Command is null ? null : string.Join('|', spec.Command)).ShouldBe(command);
        (spec.Entrypoint is null ? null : string.Join('|', spec.Entrypoint)).ShouldBe(entrypoint);
    }

    [Theory]
    [InlineData("""{"80/tcp":[{"HostIp":"","HostPort":""}]}""", "80/tcp <- *:*")]
    [InlineData("""{"80/tcp":null}""", "80/tcp <- *:*")]
    [InlineData("""{"80/tcp":[]}""", "80/tcp <- *:*")]
    [InlineData("""{"80":[{"HostPort":"8080-8090"}]}""", "80/tcp <- *:8080-8090")]
    [InlineData("""{"80/udp":[{"HostIp":"127.0.0.1","HostPort":"80"},{"HostIp":"::1","HostPort":"80"}]}""", "80/udp <- 127.0.0.1:80, 80/udp <- ::1:80")]
    public void Port_bindings_are_read(string bindings, string expected)
    {
        var spec = Map($$$"""{"Image":"a","HostConfig":{"PortBindings":{{{bindings}}}}}""");

        string.Join(", ", spec.PublishedPorts.Select(p => $"{p.Port} <- {p.HostAddress ?? "*"}:{p.HostPort?.ToString() ?? "*"}{(p.HostPortEnd is { } end ? $"-{end}" : "")}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("""{"Image":""}""", "no image specified")]
    [InlineData("""{"Image":"a","HostConfig":{"PortBindings":{"http":[]}}}""", "'http'")]
    [InlineData("""{"Image":"a","HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"70000"}]}}}""", "'70000'")]
    [InlineData("""{"Image":"a","HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":"9-8"}]}}}""", "'9-8'")]
    [InlineData("""{"Image":"a","ExposedPorts":{"80/icmp":{}}}""", "'80/icmp'")]
    [InlineData("""{"Image":"a","HostConfig":{"Binds":["relative"]}}""", "'relative'")]
    [InlineData("""{"Image":"a","HostConfig":{"Binds":["/a:/b:zz"]}}""", "zz")]
    [InlineData("""{"Image":"a","HostConfig":{"RestartPolicy":{"Name":"sometimes"}}}""", "sometimes")]
    [InlineData("""{"Image":"a","HostConfig":{"RestartPolicy":{"Name":"always","MaximumRetryCount":2}}}""", "maximum retry count")]
    [InlineData("""{"Image":"a","HostConfig":{"ShmSize":-1}}""", "SHM size")]
    [InlineData("""{"Image":"a","HostConfig":{"Mounts":[{"Type":"bind","Target":"/x"}]}}""", "Source must not be empty")]
    [InlineData("""{"Image":"a","HostConfig":{"Mounts":[{"Type":"volume","Target":"/"}]}}""", "can't be '/'")]
    [InlineData("""{"Image":"a","HostConfig":{"Mounts":[{"Type":"tmpfs","Target":"/x","BindOptions":{}}]}}""", "BindOptions must not be specified")]
    [InlineData("""{"Image":"a","HostConfig":{"Mounts":[{"Type":"volume","Target":"/x","VolumeOptions":{"Subpath":"a"}}]}}""", "invalid mount config for type \"volume\": must not set Subpath when using anonymous volumes")]
    [InlineData("""{"Image":"a","HostConfig":{"Mounts":[{"Type":"volume","Source":"vol","Target":"/x/.."}]}}""", "invalid mount config for type \"volume\": invalid specification: destination can't be '/'")]
    public void Wrong_wish_is_refused_with_its_value(string json, string part)
    {
        var refused = Should.Throw<EngineException>(() => Map(json));

        refused.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refused.Message.ShouldContain(part);
    }

    [Theory]
    [InlineData("""{"HostConfig":{"Cgroup":"db"}}""", "HostConfig.Cgroup")]
    [InlineData("""{"HostConfig":{"UsernsMode":"private"}}""", "HostConfig.UsernsMode: private")]
    [InlineData("""{"HostConfig":{"Isolation":"hyperv"}}""", "HostConfig.Isolation: hyperv")]
    [InlineData("""{"HostConfig":{"CpuPercent":5}}""", "CpuPercent")]
    [InlineData("""{"HostConfig":{"Mounts":[{"Type":"npipe","Source":"a","Target":"/x"}]}}""", "npipe")]
    public void Option_that_the_engine_has_not_is_refused_by_name(string json, string name)
    {
        var document = JsonNode.Parse(json).ShouldNotBeNull();
        document["Image"] = "a";

        var refused = Should.Throw<EngineException>(() => Map(document.ToJsonString()));

        refused.Kind.ShouldBe(ErrorKind.NotSupported);
        refused.Message.ShouldContain(name);
    }

    [Fact]
    public void Block_limits_and_device_requests_come_and_go_as_they_are()
    {
        const string Wish = """{"Image":"a","HostConfig":{"BlkioWeight":300,"BlkioWeightDevice":[{"Path":"/dev/sda","Weight":200}],"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":1}],"BlkioDeviceWriteBps":[{"Path":"/dev/sda","Rate":2}],"BlkioDeviceReadIOps":[{"Path":"/dev/sda","Rate":3}],"BlkioDeviceWriteIOps":[{"Path":"/dev/sda","Rate":4}],"DeviceRequests":[{"Driver":"cdi","DeviceIDs":["vendor.com/class=one"]},{"Count":-1,"Capabilities":[["gpu"]]}]}}""";

        var limits = Map(Wish).Resources;

        limits.BlkioWeightDevices.ShouldBe([new DeviceRate("/dev/sda", 200)]);
        limits.BlkioReadBytes.ShouldBe([new DeviceRate("/dev/sda", 1)]);
        limits.BlkioWriteBytes.ShouldBe([new DeviceRate("/dev/sda", 2)]);
        limits.BlkioReads.ShouldBe([new DeviceRate("/dev/sda", 3)]);
        limits.BlkioWrites.ShouldBe([new DeviceRate("/dev/sda", 4)]);
        limits.DeviceWishes[0].Ids.ShouldBe(["vendor.com/class=one"]);
        limits.DeviceWishes[1].Count.ShouldBe(-1);
        var told = ResourcesMapper.Fill(new DockerApi.Containers.HostConfig(), limits);
        told.BlkioDeviceWriteIOps.ShouldNotBeNull()[0].Rate.ShouldBe(4);
        told.BlkioWeightDevice.ShouldNotBeNull()[0].Weight.ShouldBe(200);
        told.DeviceRequests.ShouldNotBeNull()[1].Capabilities.ShouldNotBeNull()[0].ShouldBe(["gpu"]);
        Should.Throw<EngineException>(() => Map("""{"Image":"a","HostConfig":{"BlkioDeviceReadBps":[{"Path":"/dev/sda","Rate":0}]}}""")).Kind.ShouldBe(ErrorKind.InvalidArgument);
    }

    [Theory]
    [InlineData("default", 1, 0)]
    [InlineData("mine", 0, 1)]
    public void Links_are_names_in_the_hosts_file_on_the_default_network_and_of_the_endpoint_on_others(string mode, int own, int ofEndpoint)
    {
        var network = Map($$$"""{"Image":"a","HostConfig":{"NetworkMode":"{{{mode}}}","Links":["web:friend"]}}""").Network;

        network.Links.Count.ShouldBe(own);
        network.Endpoints.Values.Sum(e => e.Links.Count).ShouldBe(ofEndpoint);
    }

    [Fact]
    public void All_problems_are_told_at_once()
    {
        var refused = Should.Throw<EngineException>(() => Map("""{"Image":"","HostConfig":{"Binds":["x"],"ShmSize":-5,"Cgroup":"a"}}"""));

        refused.Message.ShouldContain("no image specified");
        refused.Message.ShouldContain("'x'");
        refused.Message.ShouldContain("SHM size");
        refused.Message.ShouldContain("HostConfig.Cgroup");
    }

    [Theory]
    [InlineData("""{"Image":"a","HostConfig":"text"}""")]
    [InlineData("""{"Image":"a","HostConfig":[]}""")]
    [InlineData("""{"Image":"a","NetworkingConfig":5}""")]
    public void What_has_the_wrong_kind_is_not_replaced_by_a_rewrite_for_an_older_version(string request) =>
        Should.Throw<JsonException>(() => Map(request, new ApiVersion(1, 24)));

    [Fact]
    public void Cgroup_namespace_of_who_names_none_was_the_hosts_where_the_machine_has_cgroups_v1()
    {
        ApiVersionShims.DefaultCgroupNamespace(new ApiVersion(1, 40), cgroups: 1).ShouldBe("host");
        ApiVersionShims.DefaultCgroupNamespace(new ApiVersion(1, 40), cgroups: 2).ShouldBeNull();
        ApiVersionShims.DefaultCgroupNamespace(new ApiVersion(1, 41), cgroups: 1).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"Type":"nonsense","Target":"/a"}""", "invalid mount config for type \"nonsense\": mount type unknown")]
    [InlineData("""{"Type":"bind","Source":"/tmp","Target":"/a","BindOptions":{"Propagation":"nonsense"}}""", "invalid mount config for type \"bind\": invalid propagation mode: nonsense")]
    [InlineData("""{"Type":"volume","Target":"/a","ReadOnly":true}""", "invalid mount config for type \"volume\": must not set ReadOnly mode when using anonymous volumes")]
    public void Mount_that_cannot_be_is_refused_in_dockers_words(string mount, string message) =>
        Should.Throw<EngineException>(() => Map("""{"Image":"a","HostConfig":{"Mounts":[""" + mount + "]}}")).Message.ShouldBe(message);

    [Fact]
    public void Empty_list_of_an_update_takes_away_and_an_absent_one_does_not()
    {
        ResourcesMapper.Cleared(new DockerApi.Containers.UpdateRequest()).ShouldBe(DeviceLimits.None);
        ResourcesMapper.Cleared(new DockerApi.Containers.UpdateRequest { BlkioDeviceReadBps = [], BlkioDeviceWriteIOps = [], BlkioDeviceReadIOps = [new DockerApi.Containers.ThrottleDevice { Path = "/dev/a", Rate = 1 }] })
            .ShouldBe(DeviceLimits.ReadBytes | DeviceLimits.Writes);
    }

    [Fact]
    public void Older_requests_are_lifted()
    {
        Map("""{"Image":"a","HostConfig":{"PortBindings":{"80/tcp":[]}}}""", new ApiVersion(1, 52)).PublishedPorts.ShouldHaveSingleItem().HostPort.ShouldBeNull();
        Map("""{"Image":"a"}""", new ApiVersion(1, 39)).Namespaces.ShouldBe(new NamespaceWish { Ipc = "shareable" });
        Map("""{"Image":"a"}""", new ApiVersion(1, 40)).Namespaces.ShouldBe(new NamespaceWish());
        Map("""{"Image":"a"}""", new ApiVersion(1, 41)).Namespaces.ShouldBe(new NamespaceWish());
        Map("""{"Image":"a","MacAddress":"02:00:00:00:00:01"}""", new ApiVersion(1, 43)).Network.Endpoints["bridge"].MacAddress.ShouldBe("02:00:00:00:00:01");
        Map("""{"Image":"a","hostconfig":{"kernelmemory":4194304}}""", new ApiVersion(1, 41)).Resources.Memory.ShouldBeNull();
    }

    internal static ContainerSpec Map(string json, ApiVersion? version = null)
    {
        var document = JsonNode.Parse(json).ShouldNotBeNull().AsObject();
        ApiVersionShims.Lift(Shape.ContainerCreate, version ?? ApiVersion.Newest, document);
        var request = JsonSerializer.Deserialize(document, DockerApiJson.Wire.ContainerCreateRequest).ShouldNotBeNull();
        return ContainerRequestMapper.FromRequest(request, platform: null);
    }
}
