using Sampan.Compose.Documents;

namespace Sampan.Compose.Schema;

/// <summary>The keys of a service, in the order in which docker's tool writes them.</summary>
internal static class ServiceSchema
{
    private const string Windows = "it is for Windows";

    public static RecordShape Service() => new(
        new Key("profiles", ListShape.Texts()),
        new Key("annotations", Common.Pairs()),
        new Key("attach", ScalarShape.Boolean),
        new Key("build", BuildSchema.Build()),
        new Key("develop", DeploySchema.Develop()),
        new Key("blkio_config", Blkio()),
        new Key("cap_add", ListShape.Texts()),
        new Key("cap_drop", ListShape.Texts()),
        new Key("cgroup_parent", ScalarShape.Text),
        new Key("cgroup", ScalarShape.Choice("host", "private")),
        new Key("cpu_count", ScalarShape.Integer(0)) { Refusal = Windows + "; 'cpus' limits processors" },
        new Key("cpu_percent", ScalarShape.Number) { Refusal = Windows + "; 'cpus' limits processors" },
        new Key("cpu_period", ScalarShape.Microseconds),
        new Key("cpu_quota", ScalarShape.Microseconds),
        new Key("cpu_rt_period", ScalarShape.Microseconds),
        new Key("cpu_rt_runtime", ScalarShape.Microseconds),
        new Key("cpus", ScalarShape.Number),
        new Key("cpuset", ScalarShape.Text),
        new Key("cpu_shares", ScalarShape.Integer(0)),
        new Key("command", CommandShape.Instance),
        new Key("configs", Common.Grants()),
        new Key("container_name", ScalarShape.Checked("a name of letters, digits, '_', '.' and '-' that begins with a letter or digit", static t => t.Length > 1 && char.IsAsciiLetterOrDigit(t[0]) && Common.IsName(t))),
        new Key("credential_spec", AnyShape.Instance) { Refusal = Windows },
        new Key("depends_on", DependsOn()),
        new Key("deploy", DeploySchema.Deploy()),
        new Key("device_cgroup_rules", ListShape.Texts()),
        new Key("devices", Devices()),
        new Key("dns", ListShape.OneOrMore()),
        new Key("dns_opt", ListShape.Texts()),
        new Key("dns_search", ListShape.OneOrMore()),
        new Key("domainname", ScalarShape.Text),
        new Key("entrypoint", CommandShape.Instance),
        new Key("provider", AnyShape.Instance) { Refusal = "services that other programs provide are not run here" },
        new Key("environment", Common.Pairs()),
        new Key("env_file", EnvFiles()),
        new Key("expose", new ListShape(new ScalarShape("a port such as 80 or 8000-8010/tcp", static (s, _) => PortForm.Range(s.Text.Split('/')[0]) is null ? null : s with { Kind = ScalarKind.Text }))),
        new Key("extends", Extends()),
        new Key("external_links", ListShape.Texts()),
        new Key("extra_hosts", Common.ExtraHosts()),
        new Key("group_add", new ListShape(ScalarShape.Any)),
        new Key("gpus", new ListShape(Common.Device()) { Key = null, AllowsOne = true, Short = static (s, reading, path) => Gpus(s, reading, path) }),
        new Key("hostname", ScalarShape.Text),
        new Key("healthcheck", Healthcheck()),
        new Key("image", ScalarShape.Checked("the name of an image", static t => t.Length > 0)),
        new Key("init", ScalarShape.Boolean),
        new Key("ipc", ScalarShape.Text),
        new Key("isolation", ScalarShape.Text) { Refusal = Windows },
        new Key("labels", Common.Pairs()),
        new Key("label_file", new ListShape(ScalarShape.HostPath) { AllowsOne = true }),
        new Key("links", ListShape.Texts()),
        new Key("logging", Logging()),
        new Key("mem_limit", ScalarShape.Bytes),
        new Key("mem_reservation", ScalarShape.Bytes),
        new Key("memswap_limit", ScalarShape.Bytes),
        new Key("mem_swappiness", ScalarShape.Integer(0, 100)),
        new Key("mac_address", ScalarShape.Text),
        new Key("models", AnyShape.Instance) { Refusal = "models need a model runner, which Sampan is not" },
        new Key("network_mode", ScalarShape.Text),
        new Key("networks", Networks()),
        new Key("oom_kill_disable", ScalarShape.Boolean),
        new Key("oom_score_adj", ScalarShape.Integer(-1000, 1000)),
        new Key("pid", ScalarShape.Text),
        new Key("pids_limit", ScalarShape.Integer(-1)),
        new Key("platform", ScalarShape.Text),
        new Key("ports", Ports()),
        new Key("privileged", ScalarShape.Boolean),
        new Key("pull_policy", ScalarShape.Checked("one of always, never, missing, if_not_present, build, daily, weekly, every_DURATION", IsPullPolicy)),
        new Key("pull_refresh_after", ScalarShape.Text) { Refusal = "write 'pull_policy: every_DURATION'" },
        new Key("read_only", ScalarShape.Boolean),
        new Key("restart", ScalarShape.Checked("one of \"no\", always, unless-stopped, on-failure, on-failure:TIMES", IsRestart)),
        new Key("runtime", ScalarShape.Text),
        new Key("scale", ScalarShape.Integer(0, 10_000)),
        new Key("secrets", Common.Grants()),
        new Key("security_opt", ListShape.Texts()),
        new Key("shm_size", ScalarShape.Bytes),
        new Key("stdin_open", ScalarShape.Boolean),
        new Key("stop_grace_period", ScalarShape.Duration),
        new Key("stop_signal", ScalarShape.Text),
        new Key("storage_opt", Common.Options()),
        new Key("sysctls", Common.Pairs()),
        new Key("tmpfs", ListShape.OneOrMore()),
        new Key("tty", ScalarShape.Boolean),
        new Key("ulimits", Common.Ulimits()),
        new Key("use_api_socket", ScalarShape.Boolean) { Refusal = "mount the engine's socket as a volume" },
        new Key("user", ScalarShape.Text),
        new Key("userns_mode", ScalarShape.Text),
        new Key("uts", ScalarShape.Text),
        new Key("volumes", Volumes()),
        new Key("volumes_from", ListShape.Texts()),
        new Key("working_dir", ScalarShape.Text),
        new Key("post_start", new ListShape(Common.Hook()) { Key = null }),
        new Key("pre_stop", new ListShape(Common.Hook()) { Key = null }),
        new Key(GatewaySchema.Key, GatewaySchema.Gateway()));

    private static RecordShape Blkio() => new(
        new Key("weight", ScalarShape.Integer(0, 1000)),
        new Key("weight_device", new ListShape(new RecordShape(new Key("path", ScalarShape.Text) { IsRequired = true }, new Key("weight", ScalarShape.Integer(0, 1000)) { IsRequired = true })) { Key = PathOf }),
        new Key("device_read_bps", Throttle(ScalarShape.Bytes)),
        new Key("device_read_iops", Throttle(ScalarShape.Integer(0))),
        new Key("device_write_bps", Throttle(ScalarShape.Bytes)),
        new Key("device_write_iops", Throttle(ScalarShape.Integer(0))));

    private static ListShape Throttle(Shape rate) => new(new RecordShape(new Key("path", ScalarShape.Text) { IsRequired = true }, new Key("rate", rate) { IsRequired = true })) { Key = PathOf };

    private static string PathOf(Node node) => node is Mapping m ? m.Text("path") ?? "" : "";

    private static MapShape DependsOn() => new(new RecordShape(
        new Key("condition", ScalarShape.Choice("service_started", "service_healthy", "service_completed_successfully")),
        new Key("restart", ScalarShape.Boolean),
        new Key("required", ScalarShape.Boolean)))
    {
        FromItem = static item => (item, Nodes.Of(Position.None, ("condition", Scalar.Of("service_started")), ("required", Scalar.Of(true)))),
        AcceptsKey = Common.IsName,
        ExpectedKey = "the name of a service",
    };

    private static ListShape Devices() => new(new RecordShape(
        new Key("source", ScalarShape.Text) { IsRequired = true },
        new Key("target", ScalarShape.Text),
        new Key("permissions", ScalarShape.Text)))
    {
        Key = static node => node is Mapping m ? m.Text("target") ?? m.Text("source") ?? "" : "",
        Short = static (s, _, _) =>
        {
            string[] parts = s.Text.Split(':');
            return [Nodes.Of(s.At, ("source", Scalar.Of(parts[0])), ("target", Scalar.Of(parts.Length > 1 ? parts[1] : parts[0])), ("permissions", Scalar.Of(parts.Length > 2 ? parts[2] : "rwm")))];
        },
    };

    private static ListShape EnvFiles()
    {
        var shape = new RecordShape(
            new Key("path", ScalarShape.HostPath) { IsRequired = true },
            new Key("required", ScalarShape.Boolean),
            new Key("format", ScalarShape.Choice("raw")));
        return new ListShape(shape)
        {
            AllowsOne = true,
            Key = PathOf,
            Short = (s, reading, path) => shape.Read(Nodes.Of(s.At, ("path", s)), reading, path) is { } node ? [node] : null,
        };
    }

    private static RecordShape Extends() => new(
        new Key("service", ScalarShape.Text) { IsRequired = true },
        new Key("file", ScalarShape.ReadPath))
    {
        Short = static (s, _, _) => Nodes.Of(s.At, ("service", s)),
        ShortExpected = "the name of a service",
        IsExtensible = false,
    };

    private static RecordShape Healthcheck() => new(
        new Key("test", new TestShape()),
        new Key("timeout", ScalarShape.Duration),
        new Key("interval", ScalarShape.Duration),
        new Key("retries", ScalarShape.Integer(0)),
        new Key("start_period", ScalarShape.Duration),
        new Key("start_interval", ScalarShape.Duration),
        new Key("disable", ScalarShape.Boolean));

    private static RecordShape Logging() => new(
        new Key("driver", ScalarShape.Text),
        new Key("options", Common.Options()))
    {
        // Options of one driver mean nothing to another.
        Replaces = static (lower, upper) => lower.Text("driver") is { } one && upper.Text("driver") is { } other && one != other,
    };

    private static MapShape Networks() => new(new RecordShape(
        new Key("aliases", ListShape.Texts()),
        new Key("driver_opts", Common.Options()),
        new Key("gw_priority", ScalarShape.Integer()),
        new Key("interface_name", ScalarShape.Text),
        new Key("ipv4_address", ScalarShape.Text),
        new Key("ipv6_address", ScalarShape.Text),
        new Key("link_local_ips", ListShape.Texts()),
        new Key("mac_address", ScalarShape.Text),
        new Key("priority", ScalarShape.Integer())))
    {
        FromItem = static item => (item, null),
        AcceptsKey = Common.IsName,
        ExpectedKey = "the name of a network",
    };

    private static ListShape Ports() => new(new RecordShape(
        new Key("name", ScalarShape.Text),
        new Key("mode", ScalarShape.Choice("ingress", "host")),
        new Key("host_ip", ScalarShape.Text),
        new Key("target", ScalarShape.Integer(1, 65535)) { IsRequired = true },
        new Key("published", new ScalarShape("a port or a range of ports", static (s, _) => s.Text is "" or "0" || PortForm.Range(s.Text) is not null ? s with { Kind = ScalarKind.Text } : null)),
        new Key("protocol", ScalarShape.Choice("tcp", "udp", "sctp")),
        new Key("app_protocol", ScalarShape.Text)))
    {
        Key = PortForm.Key,
        Short = PortForm.Read,
    };

    private static ListShape Volumes() => new(new VolumeShape())
    {
        Key = static node => node is Mapping m ? m.Text("target") ?? "" : "",
    };

    private static Node[]? Gpus(Scalar s, Reading reading, DocumentPath path)
    {
        if (s.Text == "all") return [Nodes.Of(s.At, ("count", Scalar.Of(-1)))];
        reading.Expected(s, path, "'all' or a list of devices");
        return null;
    }

    private static bool IsPullPolicy(string text) => text is "always" or "never" or "missing" or "if_not_present" or "build" or "refresh" or "daily" or "weekly"
        || (text.StartsWith("every_", StringComparison.Ordinal) && Quantity.TryDuration(text[6..], out _));

    private static bool IsRestart(string text) => text is "no" or "always" or "unless-stopped" or "on-failure" || (text.StartsWith("on-failure:", StringComparison.Ordinal) && uint.TryParse(text[11..], out _));
}
