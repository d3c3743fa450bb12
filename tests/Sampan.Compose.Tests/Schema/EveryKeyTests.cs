using System.Reflection;
using System.Text.Json;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Running;
using Sampan.Compose.Schema;
using Sampan.DockerApi;

namespace Sampan.Compose.Tests.Schema;

/// <summary>No key is silently ignored: each one changes a request to the engine, or something that is named here, or is refused by its name and line.</summary>
public sealed class EveryKeyTests
{
    // What the specification's schema has for a service.
    private const string Specified = """
        annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period
        cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment
        expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit mem_reservation
        mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider
        pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits
        use_api_socket user userns_mode uts volumes volumes_from working_dir
        """;

    private const string Rest = """
        , b: {image: y}}
        networks: {n: {}, m: {}}
        volumes: {v: {}}
        secrets: {s: {file: ./s}, t: {content: c}}
        configs: {c: {file: ./c}, d: {content: d}}
        """;

    // A value that differs from what is there without the key; where it shows, if not in the request for the container.
    private static readonly Dictionary<string, (string Value, Func<Service, object?>? Elsewhere)> s_service = new(StringComparer.Ordinal)
    {
        ["annotations"] = ("{a: b}", null),
        ["attach"] = ("false", static s => s.IsAttached),
        ["blkio_config"] = ("{weight: 300}", null),
        ["build"] = ("./dir", static s => s.IsBuilt),
        ["cap_add"] = ("[NET_ADMIN]", null),
        ["cap_drop"] = ("[ALL]", null),
        ["cgroup"] = ("host", null),
        ["cgroup_parent"] = ("/p", null),
        ["command"] = ("echo", null),
        ["configs"] = ("[c]", null),
        ["container_name"] = ("named", static s => s.ContainerName),
        ["cpu_period"] = ("50000", null),
        ["cpu_quota"] = ("25000", null),
        ["cpu_rt_period"] = ("50000", null),
        ["cpu_rt_runtime"] = ("25000", null),
        ["cpu_shares"] = ("7", null),
        ["cpus"] = ("0.5", null),
        ["cpuset"] = ("\"0\"", null),
        ["depends_on"] = ("[b]", null),
        ["deploy"] = ("{resources: {limits: {memory: 9M}}}", null),
        ["develop"] = ("{watch: [{path: ., action: restart}]}", static s => s.Watches.Count),
        ["device_cgroup_rules"] = ("[\"c 1:3 rwm\"]", null),
        ["devices"] = ("[/dev/null]", null),
        ["dns"] = ("9.9.9.9", null),
        ["dns_opt"] = ("[ndots:1]", null),
        ["dns_search"] = ("example.org", null),
        ["domainname"] = ("d", null),
        ["entrypoint"] = ("/bin/e", null),
        ["env_file"] = ("./vars.env", null),
        ["environment"] = ("{A: b}", null),
        ["expose"] = ("[\"80\"]", null),
        ["extends"] = ("{service: b}", static s => s.Image),
        ["external_links"] = ("[other:o]", null),
        ["extra_hosts"] = ("[\"h=1.2.3.4\"]", null),
        ["gpus"] = ("all", null),
        ["group_add"] = ("[audio]", null),
        ["healthcheck"] = ("{test: exit 0}", null),
        ["hostname"] = ("h", null),
        ["image"] = ("other", null),
        ["init"] = ("true", null),
        ["ipc"] = ("host", null),
        ["label_file"] = ("./vars.env", null),
        ["labels"] = ("{a: b}", null),
        ["links"] = ("[b]", null),
        ["logging"] = ("{driver: none}", null),
        ["mac_address"] = ("\"02:00:00:00:00:01\"", null),
        ["mem_limit"] = ("9M", null),
        ["mem_reservation"] = ("8M", null),
        ["mem_swappiness"] = ("5", null),
        ["memswap_limit"] = ("10M", null),
        ["network_mode"] = ("none", null),
        ["networks"] = ("[n]", null),
        ["oom_kill_disable"] = ("true", null),
        ["oom_score_adj"] = ("5", null),
        ["pid"] = ("host", null),
        ["pids_limit"] = ("5", null),
        ["platform"] = ("linux/arm64", static s => s.Tree.Text("platform")),
        ["ports"] = ("[\"80\"]", null),
        ["post_start"] = ("[{command: x}]", static s => s.Tree.Items("post_start").Count),
        ["pre_stop"] = ("[{command: x}]", static s => s.Tree.Items("pre_stop").Count),
        ["privileged"] = ("true", null),
        ["profiles"] = ("[]", static s => s.Profiles.Count + 1),
        ["pull_policy"] = ("never", static s => s.PullPolicy),
        ["read_only"] = ("true", null),
        ["restart"] = ("always", null),
        ["runtime"] = ("r", null),
        ["scale"] = ("3", static s => s.Replicas),
        ["secrets"] = ("[s]", null),
        ["security_opt"] = ("[no-new-privileges]", null),
        ["shm_size"] = ("9M", null),
        ["stdin_open"] = ("true", null),
        ["stop_grace_period"] = ("3s", null),
        ["stop_signal"] = ("SIGINT", null),
        ["storage_opt"] = ("{size: 1G}", null),
        ["sysctls"] = ("{a: b}", null),
        ["tmpfs"] = ("/t", null),
        ["tty"] = ("true", null),
        ["ulimits"] = ("{nofile: 9}", null),
        ["user"] = ("u", null),
        ["userns_mode"] = ("host", null),
        ["uts"] = ("host", null),
        ["volumes"] = ("[\"v:/v\"]", null),
        ["volumes_from"] = ("[b]", null),
        ["working_dir"] = ("/w", null),
    };

    private static readonly Dictionary<string, string> s_refused = new(StringComparer.Ordinal)
    {
        ["cpu_count"] = "2",
        ["cpu_percent"] = "5",
        ["credential_spec"] = "{file: x}",
        ["isolation"] = "hyperv",
        ["models"] = "{m: {}}",
        ["provider"] = "{type: x}",
        ["pull_refresh_after"] = "24h",
        ["use_api_socket"] = "true",
    };

    // Keys below others, each with its place (KEY stands for it), its value, and where it shows.
    private static readonly Dictionary<string, string> s_nested = new(StringComparer.Ordinal)
    {
        ["blkio_config: {KEY}"] = "weight=9|weight_device=[{path: /d, weight: 9}]|device_read_bps=[{path: /d, rate: 9}]|device_read_iops=[{path: /d, rate: 9}]|device_write_bps=[{path: /d, rate: 9}]|device_write_iops=[{path: /d, rate: 9}]",
        ["depends_on: {b: {KEY}}"] = "condition=service_healthy|restart=true",
        ["deploy: {resources: {limits: {KEY}}}"] = "cpus=\"0.5\"|memory=9M|pids=9",
        ["deploy: {resources: {reservations: {KEY}}}"] = "cpus=\"0.5\"|memory=9M|devices=[{capabilities: [gpu]}]",
        ["deploy: {resources: {reservations: {devices: [{capabilities: [gpu], KEY}]}}}"] = "driver=d|count=2|device_ids=[\"1\"]|options={a: b}",
        ["deploy: {restart_policy: {condition: on-failure, KEY}}"] = "delay=5s|max_attempts=3|window=5s",
        ["deploy: {restart_policy: {KEY}}"] = "condition=none",
        ["devices: [{source: /dev/null, KEY}]"] = "target=/dev/other|permissions=r",
        ["env_file: [{path: ./vars.env, KEY}]"] = "format=raw",
        ["gpus: [{KEY}]"] = "capabilities=[compute]|driver=d|count=2|device_ids=[\"1\"]|options={a: b}",
        ["healthcheck: {test: \"true\", KEY}"] = "interval=5s|timeout=5s|retries=5|start_period=5s|start_interval=5s|disable=true",
        ["logging: {KEY}"] = "driver=none|options={a: b}",
        ["networks: {n: {KEY}}"] = "aliases=[x]|driver_opts={a: b}|gw_priority=5|interface_name=eth7|ipv4_address=10.0.0.9|ipv6_address=\"fd00::9\"|link_local_ips=[169.254.1.1]|mac_address=\"02:00:00:00:00:01\"",
        ["networks: {m: {}, n: {KEY}}"] = "priority=5",
        ["ports: [{target: 80, KEY}]"] = "host_ip=127.0.0.1|published=\"81\"|protocol=udp",
        ["secrets: [{source: t, KEY}]"] = "target=/t|uid=\"5\"|gid=\"5\"|mode=0400",
        ["secrets: [{source: s, KEY}]"] = "target=/t|uid=\"5\"|gid=\"5\"|mode=0400",
        ["configs: [{source: d, KEY}]"] = "target=/t|uid=\"5\"|gid=\"5\"|mode=0400",
        ["ulimits: {nofile: {KEY}}"] = "soft=1, hard=2",
        ["volumes: [{type: bind, source: /s, target: /t, KEY}]"] = "read_only=true|bind={propagation: rshared}|bind={create_host_path: false}|bind={selinux: z}|bind={recursive: disabled}",
        ["volumes: [{type: volume, source: v, target: /t, KEY}]"] = "read_only=true|volume={nocopy: true}|volume={subpath: p}|volume={labels: {a: b}}",
        ["volumes: [{type: tmpfs, target: /t, KEY}]"] = "tmpfs={size: 9M}|tmpfs={mode: 0700}|read_only=true",
        ["volumes: [{type: image, source: i, target: /t, KEY}]"] = "image={subpath: p}",
    };

    public static TheoryData<string> ServiceKeys => [.. s_service.Keys];

    public static TheoryData<string> RefusedKeys => [.. s_refused.Keys];

    public static TheoryData<string, string> NestedKeys
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (place, keys) in s_nested)
                foreach (string key in keys.Split('|')) data.Add(place, key);
            return data;
        }
    }

    /// <summary>What the tests here load, without a key and with it.</summary>
    internal static IEnumerable<(Project Without, Project With)> Changes()
    {
        var plain = Load("image: x");
        foreach (var (key, (value, _)) in s_service)
            if (key != "profiles") yield return (plain, Load($"{(key is "image" or "extends" ? "" : "image: x, ")}{key}: {value}"));
        foreach (var (place, key) in s_nested.SelectMany(n => n.Value.Split('|').Select(k => (n.Key, k))))
        {
            var (without, with) = Nested(place, key);
            yield return (Load($"image: x, {without}"), Load($"image: x, {with}"));
        }
        foreach (string pair in Pairs(nameof(A_key_of_a_build_has_an_effect_or_is_refused))) yield return (Load("image: x, build: {context: .}"), Load($"image: x, build: {{context: ., {pair}}}"));
        foreach (string pair in Pairs(nameof(A_key_of_a_network_reaches_the_engine))) yield return (plain, Files.Load($"services: {{}}\nnetworks: {{n: {{{pair}}}}}"));
        foreach (string pair in Pairs(nameof(A_key_of_a_volume_reaches_the_engine))) yield return (plain, Files.Load($"services: {{}}\nvolumes: {{v: {{{pair}}}}}"));

        static IEnumerable<string> Pairs(string method) => typeof(EveryKeyTests).GetMethod(method)!.GetCustomAttributes<InlineDataAttribute>().Select(a => (string)a.Data[0]!);
    }

    [Fact]
    public void The_tables_have_every_key_of_the_schema_and_the_schema_every_key_of_the_specification()
    {
        s_service.Keys.Concat(s_refused.Keys).Order(StringComparer.Ordinal).ShouldBe(ComposeSchema.Service.Keys.Select(k => k.Name).Where(k => !k.StartsWith("x-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Specified.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Except(ComposeSchema.Service.Keys.Select(k => k.Name)).ShouldBeEmpty();
        ComposeSchema.Service.Keys.Where(k => k.Refusal is not null).Select(k => k.Name).Order(StringComparer.Ordinal).ShouldBe(s_refused.Keys.Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(ServiceKeys))]
    public void A_key_of_a_service_has_an_effect(string key)
    {
        var (value, elsewhere) = s_service[key];
        // What a service extends is not the image that would stand in its own way.
        string image = key is "image" or "extends" ? "" : "image: x, ";
        var without = Load("image: x");
        var with = Load($"{image}{key}: {value}");
        if (elsewhere is null) Json(with).ShouldNotBe(Json(without));
        else if (key == "profiles") Load("image: x, profiles: [p]", expectService: false).Disabled.Keys.ShouldBe(["a"]);
        else elsewhere(with.Services["a"]).ShouldNotBe(elsewhere(without.Services["a"]));
    }

    [Theory, MemberData(nameof(NestedKeys))]
    public void A_key_below_another_has_an_effect(string place, string key)
    {
        var (without, with) = Nested(place, key);
        Json(Load($"image: x, {with}")).ShouldNotBe(Json(Load($"image: x, {without}")), $"{place} {key}");
    }

    private static (string Without, string With) Nested(string place, string key) => (
        // A limit needs both of its parts.
        place.StartsWith("ulimits", StringComparison.Ordinal) ? "ulimits: {}" : place.Replace(", KEY", "", StringComparison.Ordinal).Replace("KEY", "", StringComparison.Ordinal),
        place.Replace("KEY", key.Replace("=", ": ", StringComparison.Ordinal), StringComparison.Ordinal));

    [Theory, MemberData(nameof(RefusedKeys))]
    public void A_key_without_anything_behind_it_is_refused_by_name_and_line(string key) =>
        Files.Problems($"services:\n  a:\n    image: x\n    {key}: {s_refused[key]}\n").ShouldContain(p => p.StartsWith($"/app/compose.yaml:4:5: services.a.{key}: '{key}' is not supported: ", StringComparison.Ordinal));

    [Theory]
    [InlineData("additional_contexts: {a: ./b}", "Source")]
    [InlineData("additional_contexts: {a: \"oci-layout://x\"}", null)]
    [InlineData("args: {A: b}", "Arguments")]
    [InlineData("cache_from: [x]", "Source")]
    [InlineData("cache_to: [x]", "Source")]
    [InlineData("dockerfile: other", "Source")]
    [InlineData("dockerfile_inline: FROM x", "Source")]
    [InlineData("entitlements: [security.insecure]", "Allow")]
    [InlineData("entitlements: [device]", null)]
    [InlineData("extra_hosts: [\"h=1.2.3.4\"]", "ExtraHosts")]
    [InlineData("isolation: hyperv", null)]
    [InlineData("labels: {a: b}", "Labels")]
    [InlineData("network: host", "Network")]
    [InlineData("no_cache: true", "NoCache")]
    [InlineData("platforms: [linux/arm64]", "Platform")]
    [InlineData("platforms: [linux/arm64, linux/amd64]", null)]
    [InlineData("privileged: true", "Allow")]
    [InlineData("provenance: true", null)]
    [InlineData("pull: true", "Pull")]
    [InlineData("sbom: true", null)]
    [InlineData("secrets: [s]", "Source")]
    [InlineData("secrets: [{source: s, target: other}]", "Source")]
    [InlineData("secrets: [{source: s, uid: \"5\"}]", null)]
    [InlineData("secrets: [{source: s, gid: \"5\"}]", null)]
    [InlineData("secrets: [{source: s, mode: 0400}]", null)]
    [InlineData("shm_size: 9M", "ShmSize")]
    [InlineData("ssh: [default, other=~/key]", "Source")]
    [InlineData("tags: [other]", "Tags")]
    [InlineData("target: t", "Target")]
    [InlineData("ulimits: {nofile: 9}", "Ulimits")]
    [InlineData("ulimits: {nofile: {soft: 1, hard: 2}}", "Ulimits")]
    public void A_key_of_a_build_has_an_effect_or_is_refused(string pair, string? member)
    {
        string key = pair.Split(':')[0];
        ComposeSchema.Service.Keys.Single(k => k.Name == "build").Shape.ShouldBeOfType<RecordShape>().Keys.ShouldContain(k => k.Name == key);
        var project = Load($"image: x, build: {{context: ., {pair}}}");
        if (member is null)
        {
            Should.Throw<ComposeException>(() => BuildRequests.Create(project, project.Services["a"], new BuildChanges())).Message.ShouldContain($"services.a.build.{key}: '{key}' is not supported: ");
            return;
        }
        var plain = Load("image: x, build: {context: .}");
        string Shown(Project p)
        {
            var (source, options) = BuildRequests.Create(p, p.Services["a"], new BuildChanges());
            return member == "Source" ? $"{source.Dockerfile} {source.Text} {string.Join(',', source.Secrets)} {string.Join(',', source.Contexts)} {string.Join(',', source.Ssh)} {string.Join(',', source.CacheFrom)} {string.Join(',', source.CacheTo)}" : string.Join('|', member switch
            {
                "Arguments" => options.Arguments.Select(x => x.ToString()),
                "Labels" => options.Labels.Select(x => x.ToString()),
                "Allow" => options.Allow,
                "ExtraHosts" => options.ExtraHosts,
                "Tags" => options.Tags,
                "Ulimits" => options.Ulimits.Select(x => $"{x.Name} {x.Soft} {x.Hard}"),
                _ => [$"{options.Network} {options.NoCache} {options.Platform} {options.Pull} {options.ShmSize} {options.Target}"],
            });
        }
        Shown(project).ShouldNotBe(Shown(plain));
    }

    [Theory]
    [InlineData("attachable: true")]
    [InlineData("driver: macvlan")]
    [InlineData("driver_opts: {a: b}")]
    [InlineData("enable_ipv4: false")]
    [InlineData("enable_ipv6: true")]
    [InlineData("internal: true")]
    [InlineData("ipam: {driver: d}")]
    [InlineData("ipam: {options: {a: b}}")]
    [InlineData("ipam: {config: [{subnet: 10.0.0.0/8}]}")]
    [InlineData("ipam: {config: [{gateway: 10.0.0.1}]}")]
    [InlineData("ipam: {config: [{ip_range: 10.0.0.0/9}]}")]
    [InlineData("ipam: {config: [{aux_addresses: {a: 10.0.0.2}}]}")]
    [InlineData("labels: {a: b}")]
    [InlineData("name: other")]
    public void A_key_of_a_network_reaches_the_engine(string pair) => Network(pair).ShouldNotBe(Network(""));

    [Theory]
    [InlineData("driver: d")]
    [InlineData("driver_opts: {a: b}")]
    [InlineData("labels: {a: b}")]
    [InlineData("name: other")]
    public void A_key_of_a_volume_reaches_the_engine(string pair) => Volume(pair).ShouldNotBe(Volume(""));

    private static string Network(string pair) =>
        JsonSerializer.Serialize(ResourceRequests.Network("p", "n", Files.Load($"services: {{}}\nnetworks: {{n: {{{pair}}}}}").Networks["n"]) with { Labels = pair.StartsWith("labels", StringComparison.Ordinal) ? Files.Load($"services: {{}}\nnetworks: {{n: {{{pair}}}}}").Networks["n"].Pairs("labels") : null }, DockerApiJson.Wire.NetworkCreateRequest);

    private static string Volume(string pair) =>
        JsonSerializer.Serialize(ResourceRequests.Volume("p", "v", Files.Load($"services: {{}}\nvolumes: {{v: {{{pair}}}}}").Volumes["v"]) with { Labels = pair.StartsWith("labels", StringComparison.Ordinal) ? Files.Load($"services: {{}}\nvolumes: {{v: {{{pair}}}}}").Volumes["v"].Pairs("labels") : null }, DockerApiJson.Wire.VolumeCreateRequest);

    private static Project Load(string service, bool expectService = true)
    {
        var files = new Files { ["/app/compose.yaml"] = $"services: {{a: {{{service}}}{Rest}", ["/app/vars.env"] = "FROM_FILE=\"quoted\"\n" };
        var project = files.Load(["/app/compose.yaml"]);
        project.Services.ContainsKey("a").ShouldBe(expectService);
        return project;
    }

    // What would be sent, the files that would be copied in with it, and nothing of the hash that every key changes.
    private static string Json(Project project)
    {
        var service = project.Services["a"];
        var request = ContainerRequests.Create(project, service, 1, "a", new RequestContext { Hash = "", ContainersOf = static other => [other] });
        return JsonSerializer.Serialize(request, DockerApiJson.Wire.ContainerCreateRequest)
            + string.Join('|', InjectedFiles.Copied(project, service).Select(f => $"{f.Target} {f.UserId} {f.GroupId} {f.Mode} {f.Content}"))
            + string.Join('|', ContainerRequests.Endpoints(project, service, "a", new RequestContext { Hash = "" }).Select(e => e.Name));
    }
}
