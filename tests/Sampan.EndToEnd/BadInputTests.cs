using System.Formats.Tar;
using System.Net;
using System.Text;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What must be refused: docker's status code, a message that says what to do, nothing half-made left behind.</summary>
public sealed class BadInputTests(SharedEngine engine) : EngineTest(engine)
{
    public static TheoryData<string> Archives => ["empty", "noise", "truncated", "wrong digest", "missing layer", "missing config", "no manifest", "manifest of the wrong shape", "layer is noise"];

    [Theory, MemberData(nameof(Archives))]
    public async Task A_damaged_archive_is_refused_and_leaves_nothing(string damage)
    {
        var sound = ImageArchive.OnBusybox().Layer(ImageArchive.File("file", new string('x', 10_000)));
        var bytes = damage switch
        {
            "empty" => [],
            "noise" => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("this is no archive ", 500))),
            "truncated" => sound.DockerArchive("bad:v1")[..^9_000],
            "wrong digest" => WrongDigest(),
            "missing layer" => Without(sound, name => name.EndsWith("layer.tar", StringComparison.Ordinal)),
            "missing config" => Without(sound, name => name.EndsWith(".json", StringComparison.Ordinal) && name != "manifest.json"),
            "no manifest" => Without(sound, name => name == "manifest.json"),
            "manifest of the wrong shape" => ImageArchive.Tar([("manifest.json", """{"Config": 1}"""u8.ToArray())]),
            _ => ImageArchive.OnBusybox().RawLayer(Encoding.ASCII.GetBytes(new string('?', 5_000))).DockerArchive("bad:v1"),
        };
        var before = await Census.TakeAsync(Daemon);
        var size = await DataSizeAsync();

        foreach (var client in new[] { Clients.Sampan, Clients.Docker })
        {
            (await Daemon.ClientWithBytesAsync(client, bytes, "load")).Failed();
        }

        (await RunAsync(Clients.Sampan, "images", "-q", "bad")).Text.ShouldBeEmpty();
        await Census.ReturnsToAsync(Daemon, before);
        await Eventually.PassesAsync(async () => (await DataSizeAsync()).ShouldBeInRange(size - 64, size + 64, "kilobytes of half-made layers left"));
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("../../../../../../../../tmp/sampan-escaped")]
    [InlineData("/tmp/sampan-escaped")]
    public async Task A_path_out_of_the_layer_stays_inside(string path)
    {
        const string Outside = "/tmp/sampan-escaped";
        File.Delete(Outside);
        var archive = ImageArchive.OnBusybox().Layer(ImageArchive.File(path, "evil"));

        var load = await Daemon.ClientWithBytesAsync(Clients.Sampan, archive.DockerArchive("evil:v1"), "load");

        File.Exists(Outside).ShouldBeFalse();
        if (load.ExitCode == 0)
        {
            // Not refused: then the file is in the container, below its own root, and nowhere else.
            (await RunAsync(Clients.Sampan, "run", "--rm", "evil:v1", "sh", "-c", "cat /escaped /tmp/sampan-escaped 2>/dev/null")).Text.ShouldBe("evil");
            (await RunAsync(Clients.Sampan, "rmi", "evil:v1")).Succeeded();
        }
    }

    [Fact]
    public async Task A_symlink_out_of_the_layer_is_not_written_through()
    {
        using var outside = new Scratch();
        var archive = ImageArchive.OnBusybox()
            .Layer(ImageArchive.Link(TarEntryType.SymbolicLink, "door", outside.Path))
            .Layer(ImageArchive.File("door/evil", "evil"));
        await Daemon.ClientWithBytesAsync(Clients.Sampan, archive.DockerArchive("door:v1"), "load");
        await RunAsync(Clients.Sampan, "rmi", "door:v1");

        var same = ImageArchive.OnBusybox().Layer(
            ImageArchive.Link(TarEntryType.SymbolicLink, "door", outside.Path),
            ImageArchive.File("door/evil", "evil"),
            ImageArchive.Link(TarEntryType.HardLink, "stolen", "door/../etc/shadow"));
        await Daemon.ClientWithBytesAsync(Clients.Sampan, same.DockerArchive("door:v2"), "load");
        await RunAsync(Clients.Sampan, "rmi", "door:v2");

        Directory.EnumerateFileSystemEntries(outside.Path).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task An_image_that_is_not_there_is_said_to_be_missing(string client)
    {
        (await RunAsync(client, "run", "--rm", "--pull", "never", "no-such-image", "true")).Ended(125).Saying("No such image: no-such-image:latest");
        (await RunAsync(client, "create", "--pull", "never", "no-such-image")).Ended(1).Saying("No such image");
        (await RunAsync(client, "rmi", "no-such-image")).Ended(1).Saying("No such image: no-such-image:latest");
        (await RunAsync(client, "tag", "no-such-image", "x")).Ended(1).Saying("No such image");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Names_are_unique_and_well_formed(string client)
    {
        var name = NewName("taken");
        (await RunAsync(client, "create", "--name", name, "busybox")).Succeeded();

        (await RunAsync(client, "create", "--name", name, "busybox")).Ended(1).Saying($"The container name \"/{name}\" is already in use");
        (await RunAsync(client, "run", "--name", name, "busybox", "true")).Ended(125).Saying("already in use");
        (await RunAsync(client, "create", "--name", "not/valid", "busybox")).Ended(1).Saying("Invalid container name (not/valid)");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Upper_case_in_a_reference_is_refused_with_the_reason(string client)
        => (await RunAsync(client, "tag", "busybox", "repo/imageName")).Ended(1).Saying("must be lowercase");

    [Theory, MemberData(nameof(Both))]
    public async Task A_command_not_in_the_image_is_127_and_a_directory_126(string client)
    {
        var before = await Census.TakeAsync(Daemon);

        (await RunAsync(client, "run", "--rm", "busybox", "no-such-command")).Ended(127)
            .Saying("exec: \"no-such-command\": executable file not found in $PATH");
        (await RunAsync(client, "run", "--rm", "busybox", "/no/such/file")).Ended(127).Saying("no such file or directory");
        (await RunAsync(client, "run", "--rm", "busybox", "/etc")).Ended(126).Saying("/etc");
        (await RunAsync(client, "run", "--rm", "busybox", "/etc/passwd")).Ended(126).Saying("permission denied");

        await Census.ReturnsToAsync(Daemon, before);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_root_without_a_shell_says_what_is_missing(string client)
    {
        var archive = ImageArchive.Empty().Layer(ImageArchive.Directory("etc"), ImageArchive.File("etc/os-release", "NAME=nothing\n"));
        (await Daemon.ClientWithBytesAsync(client, archive.DockerArchive("shell-less:v1"), "load")).Succeeded();

        (await RunAsync(client, "run", "--rm", "shell-less:v1")).Ended(127).Saying("exec: \"sh\": executable file not found in $PATH");

        (await RunAsync(client, "rmi", "shell-less:v1")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Unknown_flags_and_commands_are_named(string client)
    {
        (await RunAsync(client, "run", "--no-such-flag", "busybox")).Ended(125).Saying("unknown flag: --no-such-flag").Saying("--help");
        (await RunAsync(client, "no-such-command")).Ended(1).Saying("no-such-command");
        (await RunAsync(client, "run")).Ended(1).Saying("requires at least 1 argument");
        (await RunAsync(client, "run", "-p", "nonsense:80", "busybox")).Ended(125).Saying("nonsense");
        (await RunAsync(client, "run", "--memory", "lots", "busybox")).Ended(125).Saying("lots");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Options_that_cannot_be_are_refused_together_with_nothing_left(string client)
    {
        var before = await Census.TakeAsync(Daemon);

        (await RunAsync(client, "run", "--rm", "-v", "relative:path:ro:extra", "busybox", "true")).Ended(125);
        (await RunAsync(client, "run", "--rm", "-v", "/tmp:relative", "busybox", "true")).Ended(125).Saying("mount path must be absolute").Saying("relative");
        (await RunAsync(client, "run", "--rm", "-v", "/tmp:/", "busybox", "true")).Ended(125).Saying("destination can't be '/'");
        (await RunAsync(client, "run", "--rm", "-w", "relative", "busybox", "true")).Ended(125).Saying("relative");
        (await RunAsync(client, "run", "--rm", "--network", "no-such-network", "busybox", "true")).Ended(125).Saying("network no-such-network not found");
        (await RunAsync(client, "run", "--rm", "--network", "container:no-such", "busybox", "true")).Ended(125).Saying("No such container");
        (await RunAsync(client, "run", "--rm", "--cpus", "100000", "busybox", "true")).Ended(125).Saying("CPUs");
        (await RunAsync(client, "run", "--rm", "--security-opt", "seccomp=/no/such/profile", "busybox", "true")).Ended(125).Saying("/no/such/profile");
        (await RunAsync(client, "run", "--rm", "--stop-signal", "NOSUCH", "busybox", "true")).Ended(125).Saying("NOSUCH");

        (await RunAsync(client, "ps", "-aq")).Text.ShouldBeEmpty();
        await Census.ReturnsToAsync(Daemon, before);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Containers_that_are_not_there_are_said_to_be_missing(string client)
    {
        foreach (var command in new[] { "start", "stop", "kill", "restart", "rm", "logs", "wait", "pause", "unpause", "top", "port", "attach" })
        {
            (await RunAsync(client, command, "no-such")).Ended(1).Saying("No such container: no-such");
        }
    }

    [Theory]
    [InlineData("POST", "v1.45/containers/create", "{\"Image\": 5}", 400)]
    [InlineData("POST", "v1.45/containers/create", "{\"Image\":", 400)]
    [InlineData("POST", "v1.45/containers/create", "[]", 400)]
    [InlineData("POST", "v1.45/containers/create", "{}", 400)]
    [InlineData("POST", "v1.45/containers/create", "{\"Image\":\"no-such-image\"}", 404)]
    [InlineData("POST", "v1.45/containers/create?name=a/b", "{\"Image\":\"busybox\"}", 400)]
    [InlineData("GET", "v1.45/containers/no-such/json", null, 404)]
    [InlineData("POST", "v1.45/containers/no-such/start", null, 404)]
    [InlineData("DELETE", "v1.45/containers/no-such", null, 404)]
    [InlineData("GET", "v1.45/images/no-such/json", null, 404)]
    [InlineData("DELETE", "v1.45/images/no-such", null, 404)]
    [InlineData("GET", "v1.45/no/such/endpoint", null, 404)]
    [InlineData("GET", "v1.45/exec/no-such/json", null, 404)]
    [InlineData("GET", "v1.45/networks/no-such", null, 404)]
    [InlineData("GET", "v1.45/volumes/no-such", null, 404)]
    [InlineData("GET", "v1.45/containers/json?filters=nonsense", null, 400)]
    [InlineData("GET", "v1.45/containers/json?limit=many", null, 400)]
    [InlineData("GET", "v1.9/containers/json", null, 400)]
    [InlineData("GET", "v9.99/containers/json", null, 400)]
    public async Task The_api_answers_with_dockers_code_and_a_json_message(string method, string path, string? body, int status)
    {
        var answer = await Daemon.SendAsync(new HttpMethod(method), path, body);

        answer.Status.ShouldBe(status, answer.Body);
        using var json = System.Text.Json.JsonDocument.Parse(answer.Body);
        json.RootElement.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task A_body_that_never_ends_well_does_not_harm_the_daemon()
    {
        var deep = new string('[', 100_000);
        (await Daemon.SendAsync(HttpMethod.Post, "v1.45/containers/create", deep)).Status.ShouldBe((int)HttpStatusCode.BadRequest);

        (await Daemon.SendAsync(HttpMethod.Get, "_ping")).Status.ShouldBe(200);
    }

    private static byte[] WrongDigest()
    {
        var archive = ImageArchive.OnBusybox().Layer(ImageArchive.File("file", "content"));
        archive.LastDiffId = $"sha256:{new string('0', 64)}";
        return archive.DockerArchive("bad:v1");
    }

    private static byte[] Without(ImageArchive archive, Func<string, bool> dropped)
    {
        using var scratch = new Scratch();
        var path = Path.Combine(scratch.Path, "archive.tar");
        File.WriteAllBytes(path, archive.DockerArchive("bad:v1"));
        return ImageArchive.Tar(ImageArchive.ReadTar(path).Where(file => !dropped(file.Key)).Select(file => (file.Key, file.Value)));
    }

    private async Task<long> DataSizeAsync()
        => long.Parse((await Shell.RunAsync("du", ["-sxk", "--exclude=.ahead-*", Daemon.DataRoot])).Text.Split('\t')[0], System.Globalization.CultureInfo.InvariantCulture);
}
