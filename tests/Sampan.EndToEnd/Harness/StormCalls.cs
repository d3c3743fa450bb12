using System.Formats.Tar;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>Valid calls of the API in an order that nobody would choose, all of them on a few names: most are possible at the moment, the others are refused.</summary>
/// <param name="random">Where the order comes from.</param>
/// <param name="plugin">A plugin's archive.</param>
internal sealed class StormCalls(Random random, byte[] plugin)
{
    /// <summary>How many; they are called <c>storm0:1</c> and so on.</summary>
    public const int Images = 4;

    private static readonly string[] s_projects = ["alpha", "beta"];
    private static readonly string[] s_services = ["web", "db"];

    // Each ends in a moment; what differs by its number is made anew, the rest may come from the cache.
    private static readonly string[] s_dockerfiles =
    [
        "FROM busybox\nCOPY a /a\nRUN cat /a > /b\nCMD [\"sleep\",\"3600\"]\n",
        "FROM busybox\nLABEL number=NUMBER\n",
        "FROM busybox\nRUN echo NUMBER > /number\nENV N=NUMBER\n",
        "FROM busybox AS one\nRUN --mount=type=cache,id=storm,target=/c echo NUMBER >> /c/lines && wc -l < /c/lines > /lines\nFROM scratch\nCOPY --from=one /lines /\n",
        "FROM busybox\nRUN echo fails && false\n",
        "FROM busybox\nCOPY missing /\n",
        "FROM busybox\nRUN sleep 3600\n",
    ];

    /// <summary>The next one.</summary>
    public StormCall Next() => random.Next(22) switch
    {
        0 => Build(),
        20 => OfPlugins(),
        21 => Sessions(),
        1 or 2 or 3 => OfCompose(),
        _ => Ordinary(),
    };

    private string Image => $"storm{random.Next(Images)}:1";

    private bool Coin => random.Next(2) == 0;

    private TimeSpan Moment => TimeSpan.FromMilliseconds(random.Next(1, 400));

    private StormCall Ordinary()
    {
        var container = $"storm{random.Next(6)}";
        var network = $"stormnet{random.Next(3)}";
        var volume = $"stormvol{random.Next(3)}";
        return random.Next(38) switch
        {
            < 6 => new("POST", $"containers/create?name={container}", Create(volume, network)),
            < 11 => new("POST", $"containers/{container}/start"),
            11 => new("POST", $"containers/{container}/stop?t=0"),
            12 => new("POST", $"containers/{container}/kill"),
            13 => new("POST", $"containers/{container}/restart?t=0"),
            14 => new("POST", $"containers/{container}/pause"),
            15 => new("POST", $"containers/{container}/unpause"),
            16 => new("POST", $"containers/{container}/rename?name=storm{random.Next(6)}"),
            17 => new("POST", $"containers/{container}/update", """{"Memory":67108864,"MemorySwap":134217728}"""),
            18 or 19 => new("DELETE", $"containers/{container}?force=true&v=true"),
            20 => new("GET", $"containers/{container}/json?size={random.Next(2)}"),
            21 => new("GET", $"containers/json?all={random.Next(2)}&size={random.Next(2)}"),
            22 => new("GET", $"containers/{container}/logs?stdout=1&tail=5"),
            23 => new("GET", Coin ? $"containers/{container}/top" : $"containers/{container}/changes"),
            24 => new("GET", $"containers/{container}/stats?stream=false&one-shot=true"),
            25 => new("POST", $"containers/{container}/exec", """{"Cmd":["true"],"AttachStdout":true}"""),
            26 => new("POST", "networks/create", $$$"""{"Name":"{{{network}}}","Labels":{"storm":"1"}}"""),
            27 => new("DELETE", $"networks/{network}"),
            28 => new("POST", $"networks/{network}/{(Coin ? "connect" : "disconnect")}", $$"""{"Container":"{{container}}"}"""),
            29 => new("POST", "volumes/create", $$"""{"Name":"{{volume}}"}"""),
            30 => new("DELETE", $"volumes/{volume}"),
            31 => Coin ? new("POST", $"images/busybox/tag?repo=storm{random.Next(Images)}&tag=1") : new("DELETE", $"images/{Image}"),
            32 => new("GET", random.Next(6) switch { 0 => "info", 1 => "version", 2 => "images/json", 3 => "system/df", 4 => "networks", _ => "volumes" }),
            33 => new("POST", $"commit?container={container}&repo=storm{random.Next(Images)}&tag=1"),
            34 => new("GET", $"containers/{container}/{(random.Next(3) switch { 0 => "logs?stdout=1&follow=1", 1 => "stats", _ => "attach/ws?stream=1" })}") { Patience = Moment },
            35 => new("GET", $"images/{Image}/{(Coin ? "json" : "history")}"),
            36 => new("GET", $"containers/{container}/archive?path=/etc"),
            _ => new("POST", random.Next(4) switch { 0 => "containers/prune", 1 => "networks/prune", 2 => "images/prune?filters={\"dangling\":[\"true\"]}", _ => "volumes/prune" }),
        };
    }

    private string Create(string volume, string network)
    {
        var mount = random.Next(3) switch { 0 => $"\"Binds\":[\"{volume}:/data\"],", 1 => "\"Tmpfs\":{\"/t\":\"\"},", _ => "" };
        var mode = random.Next(5) switch { 0 => "none", 1 => "host", 2 => network, _ => "bridge" };
        var command = random.Next(4) switch { 0 => "[\"true\"]", 1 => "[\"no-such-program\"]", _ => "[\"sleep\",\"3600\"]" };
        var port = mode is "bridge" && Coin ? "\"PortBindings\":{\"80/tcp\":[{}]}," : "";
        var volumes = random.Next(4) == 0 ? "{\"/anonymous\":{}}" : "{}";
        var remove = random.Next(4) == 0 ? "true" : "false";
        var image = random.Next(8) == 0 ? Image : "busybox";
        return "{\"Image\":\"" + image + "\",\"Cmd\":" + command + ",\"Volumes\":" + volumes + ",\"HostConfig\":{" + mount + port + "\"AutoRemove\":" + remove + ",\"NetworkMode\":\"" + mode + "\"}}";
    }

    private StormCall Build()
    {
        if (random.Next(6) == 0)
        {
            return new("POST", $"build/prune?all={random.Next(2)}");
        }

        var which = random.Next(s_dockerfiles.Length);
        var query = $"build?q={random.Next(2)}&rm=1&forcerm=1&nocache={random.Next(2)}" + (random.Next(4) == 0 ? "" : $"&t={Image}") + (random.Next(4) == 0 ? "&labels={\"com.docker.compose.project\":\"alpha\"}" : "");
        return new("POST", query)
        {
            Archive = Context(s_dockerfiles[which].Replace("NUMBER", $"{random.Next(3)}", StringComparison.Ordinal)),
            // The last one takes an hour; any other may be given up too.
            Patience = which == s_dockerfiles.Length - 1 || random.Next(8) == 0 ? Moment : null,
        };
    }

    /// <summary>A plugin as <c>plugin create</c> sends it.</summary>
    public static byte[] PluginArchive(string scratch)
    {
        var directory = ManagedPlugin.Make(System.IO.Path.Combine(scratch, "storm-plugin"));
        using var bytes = new MemoryStream();
        TarFile.CreateFromDirectory(directory, bytes, includeBaseDirectory: false);
        return bytes.ToArray();
    }

    private StormCall OfPlugins()
    {
        var name = $"storm{random.Next(2)}";
        return random.Next(10) switch
        {
            0 or 1 => new("POST", $"plugins/create?name={name}") { Archive = plugin },
            2 or 3 => new("POST", $"plugins/{name}/enable?timeout=30"),
            4 => new("POST", $"plugins/{name}/disable?force={random.Next(2)}"),
            5 => new("POST", $"plugins/{name}/set", $"[\"GREETING={random.Next(3)}\"]"),
            6 => new("GET", Coin ? "plugins" : $"plugins/{name}/json"),
            7 => new("POST", "volumes/create", $$"""{"Name":"{{name}}-volume","Driver":"{{name}}"}"""),
            8 => new("DELETE", $"volumes/{name}-volume"),
            _ => new("DELETE", $"plugins/{name}?force={random.Next(2)}"),
        };
    }

    // Connections for builds, by clients that go away before anything was built.
    private StormCall Sessions() => random.Next(4) switch
    {
        0 => new("POST", "grpc") { Upgrade = "", Patience = Moment },
        1 => new("POST", $"build?version=2&session=storm{random.Next(2)}&remote=client-session") { Patience = Moment },
        2 => new("POST", $"build/cancel?id=storm{random.Next(2)}"),
        _ => new("POST", "session") { Upgrade = $"X-Docker-Expose-Session-Uuid: storm{random.Next(2)}\r\nX-Docker-Expose-Session-Name: storm\r\n", Patience = Moment },
    };

    private byte[] Context(string dockerfile)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            foreach (var (name, text) in new[] { ("Dockerfile", dockerfile), ("a", $"file {random.Next(3)}\n") })
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        return bytes.ToArray();
    }

    // What "compose up", "ps", "logs" and "down" call: everything has a project's labels, services wait for others.
    private StormCall OfCompose()
    {
        var project = s_projects[random.Next(s_projects.Length)];
        var service = s_services[random.Next(s_services.Length)];
        var container = $"{project}-{service}-1";
        var filter = "filters={\"label\":[\"com.docker.compose.project=" + project + "\"]}";
        return random.Next(20) switch
        {
            0 or 1 => new("POST", "networks/create", $$$"""{"Name":"{{{project}}}_{{{(Coin ? "default" : "back")}}}","Internal":{{{(Coin ? "true" : "false")}}},"Labels":{"com.docker.compose.project":"{{{project}}}","com.docker.compose.network":"default"}}"""),
            2 => new("POST", "volumes/create", $$$"""{"Name":"{{{project}}}_data","Labels":{"com.docker.compose.project":"{{{project}}}"}}"""),
            3 or 4 or 5 => new("POST", $"containers/create?name={container}", Service(project, service)),
            6 or 7 or 8 => new("POST", $"containers/{container}/start"),
            9 => new("POST", $"networks/{project}_back/connect", $$$"""{"Container":"{{{container}}}","EndpointConfig":{"Aliases":["{{{service}}}","again"]}}"""),
            10 => new("POST", $"networks/{project}_default/disconnect", $$"""{"Container":"{{container}}","Force":true}"""),
            // depends_on: service_healthy looks again and again, service_completed_successfully waits.
            11 => new("GET", $"containers/{container}/json"),
            12 => new("POST", $"containers/{container}/wait?condition={(random.Next(3) switch { 0 => "not-running", 1 => "next-exit", _ => "removed" })}") { Patience = Moment },
            13 => new("GET", $"containers/json?all=1&{filter}"),
            14 => new("GET", (Coin ? "networks?" : "volumes?") + filter),
            15 => new("GET", $"events?{filter}") { Patience = Moment },
            16 => new("POST", $"containers/{container}/rename?name={project}-{service}-{random.Next(1, 3)}"),
            17 => new("DELETE", $"containers/{container}?force=1&v=1"),
            18 => new("DELETE", $"networks/{project}_{(Coin ? "default" : "back")}"),
            _ => new("DELETE", $"volumes/{project}_data"),
        };
    }

    private string Service(string project, string service) => $$$"""
        {
          "Image": "{{{(random.Next(3) == 0 ? Image : "busybox")}}}",
          "Cmd": ["sh", "-c", "{{{(random.Next(4) == 0 ? "exit 3" : "touch /tmp/ready; exec sleep 3600")}}}"],
          "Labels": {
            "com.docker.compose.project": "{{{project}}}", "com.docker.compose.service": "{{{service}}}", "com.docker.compose.container-number": "1", "com.docker.compose.oneoff": "False",
            "com.docker.compose.config-hash": "{{{random.Next(3)}}}", "com.docker.compose.depends_on": "{{{(service == "web" ? "db:service_healthy:false" : "")}}}"
          },
          "Healthcheck": { "Test": ["CMD", "{{{(Coin ? "test" : "false")}}}", "-e", "/tmp/ready"], "Interval": 50000000, "Timeout": 5000000000, "Retries": 2, "StartPeriod": {{{(Coin ? "1000000000" : "0")}}} },
          "HostConfig": {
            "NetworkMode": "{{{project}}}_default", "RestartPolicy": { "Name": "{{{(random.Next(4) switch { 0 => "always", 1 => "on-failure", _ => "no" })}}}" },
            "Binds": ["{{{project}}}_data:/data"], "PortBindings": { "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "" }] }, "Init": {{{(Coin ? "true" : "false")}}}
          },
          "NetworkingConfig": { "EndpointsConfig": { "{{{project}}}_default": { "Aliases": ["{{{service}}}"] }{{{(Coin ? $", \"{project}_back\": {{ \"Aliases\": [\"{service}\"] }}" : "")}}} } }
        }
        """;
}
