using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>
/// <c>docker buildx</c>, and <c>docker build</c> with the plugin installed, over <c>POST /grpc</c> and <c>POST /session</c>. <c>scripts/buildx</c> fetches the
/// plugin. Each test has images and words of its own, so that no other's cache answers.
/// </summary>
public sealed class BuildxTests(SharedEngine engine) : EngineTest(engine)
{
    private static int _numbers;

    private readonly string _own = $"buildx-{Environment.ProcessId}-{Interlocked.Increment(ref _numbers)}";

    [Fact]
    public async Task The_builder_is_listed_and_inspected_and_its_cache_is_shown_and_pruned()
    {
        using var place = new Place(("Dockerfile", $"FROM busybox\nRUN echo {_own}"));

        (await BuildxAsync(place, "ls")).Saying("default").Saying("linux/amd64").Saying("+sampan");
        (await BuildxAsync(place, "inspect")).Saying("Status:").Saying("running").Saying("host-gateway-ip");
        (await BuildAsync(place)).Succeeded();
        (await BuildxAsync(place, "du", "--verbose")).Saying($"RUN echo {_own}");
        (await BuildxAsync(place, "du", "--filter", "type=exec.cachemount")).Succeeded().ShouldNotContain(_own);
        (await BuildxAsync(place, "du", "--filter", "nonsense=1")).Failed().Saying("nonsense");
    }

    [Fact]
    public async Task Docker_build_shows_steps_makes_the_image_and_takes_it_from_the_cache_again()
    {
        using var place = new Place(
            ("Dockerfile", $"FROM busybox AS base\nARG who\nENV OWN={_own}\nCOPY sub/file /file\nRUN --mount=type=secret,id=word echo \"$who $(cat /file) $(wc -c < /run/secrets/word)\" | tee /said\nCMD [\"cat\", \"/said\"]\n"),
            ("sub/file", "content"),
            ("ignored", "not sent"),
            (".dockerignore", "ignored\n"),
            ("../secret", "12345"));

        var built = await BuildAsync(place, "--build-arg", "who=you", "--label", "a=b", "--secret", $"id=word,src={place.At("../secret")}", "--iidfile", place.At("../iid"), "--metadata-file", place.At("../metadata"));

        built.Succeeded();
        built.Saying("[internal] load build definition from Dockerfile").Saying("RUN --mount=type=secret").Saying("you content 5").Saying("naming to docker.io/library/" + _own);
        (await RunAsync(Clients.Docker, "run", "--rm", _own)).Succeeded().ShouldBe("you content 5");
        var id = await InspectAsync(Clients.Docker, _own, "{{.Id}}");
        File.ReadAllText(place.At("../iid")).ShouldBe(id);
        JsonDocument.Parse(File.ReadAllText(place.At("../metadata"))).RootElement.GetProperty("containerimage.config.digest").GetString().ShouldBe(id);
        (await InspectAsync(Clients.Docker, _own, "{{.Config.Labels}}")).ShouldBe("map[a:b]");

        var again = await BuildAsync(place, "--build-arg", "who=you", "--label", "a=b", "--secret", $"id=word,src={place.At("../secret")}");
        again.Succeeded();
        again.Saying("CACHED");
        (await InspectAsync(Clients.Docker, _own, "{{.Id}}")).ShouldBe(id);
        (await DockerAsync(place, ["build", "-q", "-t", _own, place.Path, "--build-arg", "who=you", "--label", "a=b", "--secret", $"id=word,src={place.At("../secret")}"])).Succeeded().ShouldBe(id);
    }

    [Fact]
    public async Task What_fails_is_told_with_its_output_its_lines_and_its_code_and_leaves_no_image()
    {
        using var place = new Place(("Dockerfile", $"FROM busybox\nRUN echo {_own} before; exit 7\n"), ("Wrong", "FROM busybox\nRUNX true\n"));

        (await BuildAsync(place)).Failed().Saying($"{_own} before").Saying(">>> RUN echo").Saying("did not complete successfully: exit code: 7");
        (await BuildAsync(place, "-f", place.At("Wrong"))).Failed().Saying("unknown instruction: RUNX").Saying("Wrong:2");
        (await BuildAsync(place, "--platform", "plan9/none/of/these")).Failed();
        (await BuildAsync(place, "--build-context", "x=oci-layout:///nowhere")).Failed();
        (await RunAsync(Clients.Docker, "images", "-q", _own)).Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task Files_come_from_further_contexts_standard_input_and_go_to_directories_and_archives()
    {
        using var place = new Place(
            ("Dockerfile", "FROM base\nCOPY --from=other page /page\nCOPY own /own\n"),
            ("own", _own),
            ("../other/page", "from elsewhere"));
        string[] contexts = ["--build-context", "base=docker-image://busybox", "--build-context", $"other={place.At("../other")}"];

        (await BuildAsync(place, contexts)).Succeeded();
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/page", "/own")).Succeeded().ShouldBe("from elsewhere" + _own);

        var piped = await Shell.RunAsync(Clients.Path(Clients.Docker), ["buildx", "build", "-t", _own + "-in", "-"], place.Environment(Daemon), stdin: $"FROM busybox\nRUN echo {_own} > /in\n");
        piped.Succeeded();
        (await RunAsync(Clients.Docker, "run", "--rm", _own + "-in", "cat", "/in")).Succeeded().ShouldBe(_own);

        File.WriteAllText(place.At("Out"), "FROM scratch\nCOPY own /sub/own\n");
        (await BuildxAsync(place, "build", "-f", place.At("Out"), "-o", place.At("../out"), place.Path)).Succeeded();
        File.ReadAllText(place.At("../out/sub/own")).ShouldBe(_own);
        (await BuildxAsync(place, "build", "-f", place.At("Out"), "-o", $"type=tar,dest={place.At("../out.tar")}", place.Path)).Succeeded();
        (await Shell.RunAsync("tar", ["-tf", place.At("../out.tar")])).Lines.ShouldContain("sub/own");
        var archive = await Shell.RunAsync("tar", ["-C", place.Path, "-cf", place.At("../in.tar"), "."]);
        archive.Succeeded();
        (await Shell.RunAsync(Clients.Path(Clients.Docker), ["buildx", "build", "-t", _own + "-tar", "-f", "Out", "-"], place.Environment(Daemon), stdinBytes: File.ReadAllBytes(place.At("../in.tar")))).Succeeded();
        (await RunAsync(Clients.Docker, "images", "-q", _own + "-tar")).Lines.Length.ShouldBe(1);
    }

    [Fact]
    public async Task Bake_builds_targets_that_stand_on_each_other()
    {
        using var place = new Place(
            ("docker-bake.hcl", $$"""
                target "below" {
                  dockerfile-inline = "FROM busybox\nENV WHO={{_own}}\nRUN echo below > /below\n"
                }
                target "above" {
                  dockerfile-inline = "FROM base\nRUN echo $WHO > /who && cat /below\n"
                  contexts = { base = "target:below" }
                  tags = ["{{_own}}"]
                }
                """));

        (await BuildxAsync(place, "bake", "--progress", "plain", "-f", place.At("docker-bake.hcl"), "above")).Succeeded();

        (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/who", "/below")).Lines.ShouldBe([_own, "below"]);
    }

    [Fact]
    public async Task Settings_of_steps_hold()
    {
        using var place = new Place(("Flags", $"FROM busybox\nRUN echo {_own}; grep 10.1.2.3 /etc/hosts; ulimit -n; df -k /dev/shm | tail -n 1; ls /sys/class/net\n"));

        (await BuildAsync(place, "-f", place.At("Flags"), "--add-host", "there:10.1.2.3", "--ulimit", "nofile=100:200", "--shm-size", "16m", "--network", "none"))
            .Saying("10.1.2.3").Saying("there").Saying(" 100\n").Saying("16384").Succeeded();
    }

    [Fact]
    public async Task What_this_builder_cannot_do_is_refused_by_its_name()
    {
        using var place = new Place(("Dockerfile", $"FROM busybox\nRUN echo {_own}\n"));

        (await BuildAsync(place, "--cache-from", "type=gha")).Ended(0);
        (await BuildAsync(place, "--cache-from", "type=s3,region=x,bucket=y,name=z")).Ended(0);
        (await BuildAsync(place, "--sbom=true")).Failed().Saying("not supported");
    }

    private Task<Outcome> BuildAsync(Place place, params string[] options) => DockerAsync(place, ["buildx", "build", .. options.Contains("-q") ? Array.Empty<string>() : ["--progress", "plain"], "-t", _own, .. options, place.Path]);

    private Task<Outcome> BuildxAsync(Place place, params string[] arguments) => DockerAsync(place, ["buildx", .. arguments]);

    private Task<Outcome> DockerAsync(Place place, IEnumerable<string> arguments) => Shell.RunAsync(Clients.Path(Clients.Docker), arguments, place.Environment(Daemon), within: TimeSpan.FromMinutes(5));

    /// <summary>A context, and a configuration of docker's client that has the plugin.</summary>
    private sealed class Place : IDisposable
    {
        private readonly Scratch _scratch = new();

        internal Place(params (string Name, string Content)[] files)
        {
            if (!File.Exists(Plugin))
                Assert.Skip("docker's plugin buildx could not be had on this machine (scripts/buildx)");
            Directory.CreateDirectory(Path);
            Directory.CreateDirectory(System.IO.Path.Combine(Configuration, "cli-plugins"));
            File.CreateSymbolicLink(System.IO.Path.Combine(Configuration, "cli-plugins", "docker-buildx"), Plugin);
            foreach (var (name, content) in files)
            {
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(name))!);
                File.WriteAllText(At(name), content);
            }
        }

        internal static string Plugin { get; } = System.IO.Path.Combine(Checkout.Root, "artifacts", "clients", "cli-plugins", "docker-buildx");

        internal string Path => System.IO.Path.Combine(_scratch.Path, "context");

        private string Configuration => System.IO.Path.Combine(_scratch.Path, "docker");

        internal string At(string name) => System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, name));

        internal Dictionary<string, string> Environment(Daemon daemon) => new(StringComparer.Ordinal) { ["DOCKER_HOST"] = daemon.Host, ["DOCKER_CONFIG"] = Configuration, ["DOCKER_BUILDKIT"] = "1", ["BUILDX_EXPERIMENTAL"] = "0" };

        public void Dispose() => _scratch.Dispose();
    }
}
