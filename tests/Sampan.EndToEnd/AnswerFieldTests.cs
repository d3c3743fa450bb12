using System.Globalization;
using System.Text.Json;
using Sampan.EndToEnd.Answers;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>
/// Every member of every answer of the newest version (Answers/fields.txt): there in an answer of a daemon that was given everything to tell, or on the list of what cannot be, with its reason.
/// </summary>
public sealed class AnswerFieldTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Net = "answer-fields", Volume = "answer-fields", Image = "answer:fields", Label = "answer-fields";

    // A path, or all below it with a star, and why no answer has it.
    private static readonly (string Endpoint, string Path, string Why)[] s_absent =
    [
        ("*", "*urls", "layers from elsewhere are copied at the pull"),
        ("*", "*data", "nothing is embedded in descriptors"),
        ("*", "*artifactType", "images are not artifacts"),
        ("*", "*os.version", "Windows"),
        ("*", "*os.features", "Windows"),
        ("*", "*OsVersion", "Windows"),
        ("*", "*ArgsEscaped", "Windows"),
        ("*", "*Signature*", "signatures are not verified"),
        ("*", "*ClusterVolume", "swarm"),
        ("*", "*Peers*", "swarm"),
        ("*", "*variant", "of ARM"),
        ("*", "*Variant", "of ARM"),
        ("*", "*Descriptor/platform*", "an index is for no platform"),
        ("*", "*Descriptor/annotations", "those of an archive's or a registry's name are not the image's"),
        ("*", "*UsageData*", "told by system df"),
        ("GET /volumes", "Volumes/Status", "told by plugins (VolumeDriverTests)"),
        ("GET /volumes/{name}", "Status", "told by plugins (VolumeDriverTests)"),
        ("POST /volumes/create", "Status", "told by plugins (VolumeDriverTests)"),
        ("GET /containers/{id}/json", "Storage*", "snapshotters: this engine tells GraphDriver"),
        ("GET /containers/{id}/json", "HostConfig/StorageOpt", "a size needs a file system with quotas (see containers.md)"),
        ("GET /containers/{id}/stats", "memory_stats/failcnt", "told when a limit was hit"),
        ("GET /containers/{id}/stats", "memory_stats/commit*", "Windows"),
        ("GET /containers/{id}/stats", "memory_stats/privateworkingset", "Windows"),
        ("GET /containers/{id}/stats", "storage_stats/*", "Windows"),
        ("GET /containers/{id}/stats", "networks/*", "endpoint_id and instance_id: Windows"),
        ("GET /containers/{id}/stats", "blkio_stats/io_service_bytes_recursive/*", "told when a device was read or written"),
        ("GET /containers/{id}/stats", "blkio_stats/io_serviced_recursive/*", "told when a device was read or written"),
        ("GET /containers/{id}/stats", "blkio_stats/io_queue_recursive/*", "kernels before 5.0"),
        ("GET /containers/{id}/stats", "blkio_stats/io_service_time_recursive/*", "kernels before 5.0"),
        ("GET /containers/{id}/stats", "blkio_stats/io_wait_time_recursive/*", "kernels before 5.0"),
        ("GET /containers/{id}/stats", "blkio_stats/io_merged_recursive/*", "kernels before 5.0"),
        ("GET /containers/{id}/stats", "blkio_stats/io_time_recursive/*", "kernels before 5.0"),
        ("GET /containers/{id}/stats", "blkio_stats/sectors_recursive/*", "kernels before 5.0"),
        ("POST /containers/{id}/wait", "Error*", "told when the removal that is waited for fails"),
        ("GET /info", "GenericResources/*", "swarm"),
        ("GET /info", "Swarm/*", "outside of a swarm all but the state is zero or absent"),
        ("GET /info", "Runtimes/*/runtimeArgs", "told of runtimes that were given some"),
        ("GET /info", "Runtimes/*/status", "runtimes are not asked for their features"),
        ("GET /info", "ProductLicense", "there is none"),
        ("GET /info", "FirewallBackend/Info", "nothing more is known than the driver"),
        ("GET /info", "NRI*", "there is none"),
        ("GET /info", "Containerd*", "there is none"),
        ("GET /version", "Experimental", "told when it is so"),
        ("GET /version", "BuildTime", "builds can be repeated: they have no time"),
        ("GET /networks/{id}", "Services", "told when there are services (ServiceTests)"),
    ];

    // Members of ours that the specification does not have.
    private static readonly (string Endpoint, string Path, string Why)[] s_added =
    [
        ("GET /images/{name}/json", "Parent", "as Docker: told of images that were made here from another"),
        ("GET /networks/{id}", "Shortcut", "whether containers talk past the bridge"),
    ];

    private readonly Dictionary<string, List<JsonElement>> _answers = new(StringComparer.Ordinal);

    [Fact]
    public async Task Every_member_of_every_answer_is_there_or_has_a_reason_not_to_be()
    {
        var shapes = FieldShape.Read(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Answers", "fields.txt")));
        var wrong = new List<string>();
        var needed = new HashSet<(string Endpoint, string Path, string Why)>();
        try
        {
            await AskAsync();
        }
        finally
        {
            await Daemon.SampanAsync("rm", "-fv", "answer-fields", "answer-probe");
            await Daemon.SampanAsync("network", "rm", Net);
            await Daemon.SampanAsync("volume", "rm", "-f", Volume);
        }

        foreach (var (endpoint, shape) in shapes)
        {
            if (!_answers.TryGetValue(endpoint, out var answers))
            {
                wrong.Add($"{endpoint}: was not asked");
                continue;
            }

            SortedSet<string> found = new(StringComparer.Ordinal), unknown = new(StringComparer.Ordinal);
            foreach (var answer in answers)
            {
                shape.Compare(answer, "", found, unknown);
            }

            wrong.AddRange(shape.Paths().Distinct().Where(path => !found.Contains(path) && !Names(s_absent, endpoint, path)).Select(path => $"{endpoint}: {path} is missing"));
            foreach (var path in shape.Paths().Where(path => !found.Contains(path)))
                needed.UnionWith(s_absent.Where(entry => Names([entry], endpoint, path)));
            wrong.AddRange(s_absent.Where(entry => entry.Endpoint == endpoint && found.Contains(entry.Path)).Select(entry => $"{endpoint}: {entry.Path} is there, though listed as absent"));
            wrong.AddRange(unknown.Where(path => !Names(s_added, endpoint, path)).Select(path => $"{endpoint}: {path} is not in the specification"));
        }

        // What is told at times may have been told this time.
        wrong.AddRange(s_absent.Except(needed).Where(entry => !entry.Why.StartsWith("told", StringComparison.Ordinal)).Select(entry => $"{entry.Endpoint}: {entry.Path} is listed as absent, and nothing is"));
        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }

    private static bool Names((string Endpoint, string Path, string Why)[] list, string endpoint, string path) => Array.Exists(list, entry => (entry.Endpoint == "*" || entry.Endpoint == endpoint) && Fits(entry.Path, path));

    private static bool Fits(string pattern, string path) => (pattern.StartsWith('*'), pattern.EndsWith('*')) switch
    {
        (true, true) => path.Contains(pattern.Trim('*'), StringComparison.Ordinal),
        (true, false) => path == pattern[1..] || path.EndsWith("/" + pattern[1..], StringComparison.Ordinal) || path.EndsWith(pattern[1..], StringComparison.Ordinal),
        (false, true) => path.StartsWith(pattern[..^1], StringComparison.Ordinal),
        _ => path == pattern,
    };

    private async Task<JsonElement> Ask(string endpoint, string path, string? json = null, int status = 200)
    {
        var method = new HttpMethod(endpoint.Split(' ')[0]);
        var answer = await Daemon.SendAsync(method, path, json);
        answer.Status.ShouldBe(status, $"{method} {path}: {answer.Body}");
        using var body = JsonDocument.Parse(answer.Body.Split('\n')[0]);
        var root = body.RootElement.Clone();
        (_answers.TryGetValue(endpoint, out var answers) ? answers : _answers[endpoint] = []).Add(root);
        return root;
    }

    private async Task AskAsync()
    {
        var since = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        await MakeImageAsync();
        await Ask("POST /networks/create", "networks/create", $$$"""
            {"Name":"{{{Net}}}","Driver":"bridge","EnableIPv6":true,"Options":{"com.docker.network.driver.mtu":"1400"},"Labels":{"{{{Label}}}":"1"},
             "IPAM":{"Config":[{"Subnet":"{{{Daemon.Pool}}}.0/24","IPRange":"{{{Daemon.Pool}}}.128/25","Gateway":"{{{Daemon.Pool}}}.1","AuxiliaryAddresses":{"router":"{{{Daemon.Pool}}}.200"}},{"Subnet":"fd00:7a::/64"}]}}
            """, 201);
        await Ask("POST /volumes/create", "volumes/create", $$$"""{"Name":"{{{Volume}}}","Driver":"local","DriverOpts":{"type":"tmpfs","device":"tmpfs","o":"size=1m"},"Labels":{"{{{Label}}}":"1"}}""", 201);
        await ContainerAsync();
        await OriginAsync();
        await EngineAsync(since);
        await PruneAsync();
    }

    private async Task MakeImageAsync()
    {
        using var scratch = new Scratch();
        await File.WriteAllTextAsync(Path.Combine(scratch.Path, "Dockerfile"), """
            FROM busybox
            MAINTAINER somebody
            ENV A=b
            EXPOSE 80/tcp
            VOLUME /data
            WORKDIR /tmp
            USER root
            LABEL answer-fields=1
            STOPSIGNAL SIGINT
            SHELL ["/bin/sh", "-c"]
            HEALTHCHECK --interval=2s --timeout=20s --start-period=1s --start-interval=1s --retries=2 CMD true
            ONBUILD RUN true
            RUN echo made >/made
            ENTRYPOINT ["sleep"]
            CMD ["3600"]
            """);
        (await RunAsync(Clients.Sampan, "build", "-q", "-t", Image, scratch.Path)).Succeeded();
    }

    private async Task ContainerAsync()
    {
        var created = await Ask("POST /containers/create", "containers/create?name=answer-fields", Wish(), 201);
        var id = created.GetProperty("Id").GetString()!;
        await Ask("GET /containers/{id}/json", "containers/answer-fields/json");
        (await Daemon.SendAsync(HttpMethod.Post, "containers/answer-fields/start")).Status.ShouldBe(204);
        await Eventually.HoldsAsync("a probe has succeeded", async () => (await InspectAsync(Clients.Sampan, "answer-fields", "{{.State.Health.Status}}")) == "healthy");
        (await RunAsync(Clients.Sampan, "exec", "answer-fields", "sh", "-c", "echo changed >/changed; dd if=/dev/zero of=/root/block bs=4096 count=64 conv=fsync")).Succeeded();

        var exec = await Ask("POST /containers/{id}/exec", $"containers/{id}/exec", """{"Cmd":["sleep","3600"],"User":"0","Privileged":false,"AttachStdout":true,"DetachKeys":"ctrl-a"}""", 201);
        (await Daemon.SendAsync(HttpMethod.Post, $"exec/{exec.GetProperty("Id").GetString()}/start", """{"Detach":true}""")).Status.ShouldBe(200);
        await Ask("GET /exec/{id}/json", $"exec/{exec.GetProperty("Id").GetString()}/json");
        await Ask("GET /containers/{id}/json", $"containers/{id}/json?size=1");
        await Ask("GET /containers/json", $"containers/json?size=1&filters={Filter("name", "answer-fields")}");
        await Ask("GET /containers/{id}/top", $"containers/{id}/top");
        await Ask("GET /containers/{id}/changes", $"containers/{id}/changes");
        await Ask("GET /containers/{id}/stats", $"containers/{id}/stats?stream=false");
        await Ask("GET /containers/{id}/stats", $"containers/{id}/stats?stream=false&one-shot=1");
        await Ask("POST /containers/{id}/update", $"containers/{id}/update", """{"PidsLimit":101}""");
        await Ask("POST /commit", $"commit?container={id}&repo=answer&tag=commit&comment=said&author=somebody", "{}", 201);
        await Ask("GET /images/{name}/json", "images/answer:commit/json");
        await Ask("GET /networks", $"networks?filters={Filter("name", Net)}");
        await Ask("GET /networks/{id}", $"networks/{Net}?verbose=true");
        await Ask("GET /volumes", $"volumes?filters={Filter("name", Volume)}");
        await Ask("GET /volumes/{name}", $"volumes/{Volume}");
        await Ask("GET /system/df", "system/df?verbose=1");
        await Ask("GET /images/json", $"images/json?manifests=1&identity=1&shared-size=1&filters={Filter("reference", Image)}");
        await Ask("GET /images/{name}/json", $"images/{Image}/json?manifests=1");
        await Ask("GET /images/{name}/history", $"images/{Image}/history");

        (await RunAsync(Clients.Sampan, "kill", "answer-fields")).Succeeded();
        await Ask("POST /containers/{id}/wait", $"containers/{id}/wait");
        await Ask("GET /containers/{id}/json", $"containers/{id}/json");
    }

    // What only an image has that came from elsewhere, and a container that is never started.
    private async Task OriginAsync()
    {
        using var scratch = new Scratch();
        var users = Path.Combine(scratch.Path, "users");
        await File.WriteAllTextAsync(users, DockerRegistry.Users);
        await using var registry = await OwnRegistry.StartAsync("--root", Path.Combine(scratch.Path, "root"), "--users", users);
        var name = $"{registry.Host}/answer:origin";
        var archive = PlatformArchive.Create("answer:origin", ("https://example.invalid/built", """{"how":"by hand"}"""), ImageArchive.OnBusybox());
        (await Daemon.ClientWithBytesAsync(Clients.Sampan, archive, "load", "-q")).Succeeded();
        (await RunAsync(Clients.Sampan, "tag", "answer:origin", name)).Succeeded();
        await Ask("POST /auth", "auth", $$"""{"username":"{{DockerRegistry.User}}","password":"{{DockerRegistry.Password}}","serveraddress":"{{registry.Host}}"}""");
        (await Daemon.ClientWithInputAsync(Clients.Sampan, DockerRegistry.Password, "login", "-u", DockerRegistry.User, "--password-stdin", registry.Host)).Succeeded();
        try
        {
            (await RunAsync(Clients.Sampan, "push", name)).Succeeded();
            using var request = new HttpRequestMessage(HttpMethod.Get, $"distribution/{name}/json");
            request.Headers.Add("X-Registry-Auth", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($$"""{"username":"{{DockerRegistry.User}}","password":"{{DockerRegistry.Password}}"}""")));
            using var answer = await Daemon.Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            answer.IsSuccessStatusCode.ShouldBeTrue(text);
            using var body = JsonDocument.Parse(text);
            _answers["GET /distribution/{name}/json"] = [body.RootElement.Clone()];
        }
        finally
        {
            await RunAsync(Clients.Sampan, "logout", registry.Host);
        }

        await using var index = new OneAnswer("""{"results":[{"name":"a","description":"b","is_official":true,"is_automated":false,"star_count":3}]}""");
        await Ask("GET /images/search", $"images/search?term=localhost:{index.Port}/a");
        (await Ask("GET /images/{name}/attestations", $"images/{name}/attestations?statement=1&type=https://example.invalid/built"))[0].GetProperty("Statement").GetProperty("how").GetString().ShouldBe("by hand");
        (await Ask("GET /images/{name}/attestations", $"images/{name}/attestations?type=other")).GetArrayLength().ShouldBe(0);
        await Ask("GET /images/{name}/json", $"images/{name}/json?manifests=1");
        await Ask("GET /images/json", $"images/json?manifests=1&identity=1&filters={Filter("reference", name)}");
        await Ask("POST /containers/create", "containers/create?name=answer-probe", $$$"""
            {"Image":"{{{name}}}","NetworkDisabled":true,"OnBuild":["RUN true"],"Shell":["/bin/sh"],
             "HostConfig":{"MemorySwappiness":10,"BlkioWeight":300,"BlkioWeightDevice":[{"Path":"/dev/null","Weight":200}],"BlkioDeviceReadBps":[{"Path":"/dev/null","Rate":1}],"BlkioDeviceWriteBps":[{"Path":"/dev/null","Rate":2}],
               "BlkioDeviceReadIOps":[{"Path":"/dev/null","Rate":3}],"BlkioDeviceWriteIOps":[{"Path":"/dev/null","Rate":4}],"DeviceRequests":[{"Driver":"cdi","Count":0,"DeviceIDs":["a.invalid/b=c"],"Capabilities":[["gpu"]],"Options":{"a":"b"}}],
               "Mounts":[{"Type":"bind","Source":"/tmp","Target":"/bound","ReadOnly":true,"BindOptions":{"ReadOnlyForceRecursive":true}},{"Type":"volume","Source":"{{{Volume}}}","Target":"/part","VolumeOptions":{"Subpath":"part"}}]}}
            """, 201);
        await Ask("GET /containers/{id}/json", "containers/answer-probe/json");
        await Ask("GET /containers/json", $"containers/json?all=1&filters={Filter("name", "answer-probe")}");
        (await RunAsync(Clients.Sampan, "rm", "answer-probe")).Succeeded();
    }

    // All that one container can be told, but what excludes something else.
    private string Wish() => $$$$$"""
        {"Image":"{{{{{Image}}}}}","Hostname":"host","Domainname":"example","Labels":{"{{{{{Label}}}}}":"1"},"StopTimeout":5,"Healthcheck":null,
         "NetworkingConfig":{"EndpointsConfig":{"{{{{{Net}}}}}":{"IPAMConfig":{"IPv4Address":"{{{{{Daemon.Pool}}}}}.9","IPv6Address":"fd00:7a::9","LinkLocalIPs":["169.254.77.9"]},"Aliases":["other"],"GwPriority":1,"MacAddress":"02:42:0a:00:00:09",
           "DriverOpts":{"com.docker.network.endpoint.sysctls":"net.ipv4.conf.IFNAME.log_martians=1"}}}},
         "HostConfig":{"NetworkMode":"{{{{{Net}}}}}","Memory":67108864,"MemoryReservation":33554432,"MemorySwap":134217728,"CpuShares":512,"NanoCpus":500000000,"CpusetCpus":"0","PidsLimit":100,
           "OomKillDisable":false,"OomScoreAdj":100,"Init":true,"Annotations":{"a":"b"},"ContainerIDFile":"/nowhere/cid","Ulimits":[{"Name":"nofile","Soft":100,"Hard":200}],
           "Devices":[{"PathOnHost":"/dev/null","PathInContainer":"/dev/nothing","CgroupPermissions":"rw"}],"DeviceCgroupRules":["c 1:3 r"],
           "Binds":["/tmp:/host:ro"],"Mounts":[{"Type":"volume","Source":"{{{{{Volume}}}}}","Target":"/volume","VolumeOptions":{"NoCopy":true,"Labels":{"a":"b"},"DriverConfig":{"Name":"local","Options":{"type":"tmpfs","device":"tmpfs","o":"size=1m"}}}},
             {"Type":"bind","Source":"/tmp","Target":"/bound","ReadOnly":true,"Consistency":"cached","BindOptions":{"Propagation":"rprivate","NonRecursive":true,"CreateMountpoint":true,"ReadOnlyNonRecursive":true}},
             {"Type":"tmpfs","Target":"/ram","TmpfsOptions":{"SizeBytes":1048576,"Mode":448,"Options":[["noexec"]]}},
             {"Type":"image","Source":"busybox","Target":"/image","ImageOptions":{"Subpath":"bin"}}],
           "PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":""}]},"PublishAllPorts":true,"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":2},
           "CapAdd":["NET_RAW"],"CapDrop":["MKNOD"],"Dns":["192.0.2.1"],"DnsOptions":["ndots:1"],"DnsSearch":["example"],"ExtraHosts":["friend:192.0.2.2"],"GroupAdd":["7"],
           "SecurityOpt":["no-new-privileges"],"Tmpfs":{"/tmpfs":"size=1m"},"Sysctls":{"net.ipv4.ip_unprivileged_port_start":"80"},"ShmSize":1048576,"ConsoleSize":[24,80],
           "LogConfig":{"Type":"json-file","Config":{"max-size":"1m"}}}}
        """;

    private async Task EngineAsync(long since)
    {
        await Ask("GET /info", "info");
        await Ask("GET /version", "version");
        var until = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1;
        await Ask("GET /events", $"events?since={since}&until={until}&filters={Filter("container", "answer-fields")}");
    }

    private async Task PruneAsync()
    {
        var ours = Filter("label", Label);
        await Ask("POST /containers/prune", $"containers/prune?filters={ours}");
        await Ask("POST /networks/prune", $"networks/prune?filters={ours}");
        await Ask("POST /volumes/prune", $"volumes/prune?filters={Uri.EscapeDataString($$"""{"label":["{{Label}}"],"all":["1"]}""")}");
        await Ask("DELETE /images/{name}", "images/answer:commit");
        await Ask("POST /images/prune", $"images/prune?filters={Uri.EscapeDataString($$"""{"label":["{{Label}}"],"dangling":["false"]}""")}");
        await Ask("POST /build/prune", $"build/prune?filters={Filter("id", "none")}");
    }

    private static string Filter(string name, string value) => Uri.EscapeDataString(string.Create(CultureInfo.InvariantCulture, $$"""{"{{name}}":["{{value}}"]}"""));
}
