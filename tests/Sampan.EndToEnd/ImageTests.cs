using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

public sealed class ImageTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Load_prints_the_name_and_images_lists_it(string client)
    {
        (await RunAsync(client, "load", "-i", Checkout.Image("busybox"))).Succeeded().ShouldContain("Loaded image: busybox:latest");

        var listing = (await RunAsync(client, "images", "busybox")).Succeeded().Split('\n');
        listing[0].ShouldMatch(@"^REPOSITORY\s+TAG\s+IMAGE ID\s+CREATED\s+SIZE\s*$");
        listing[1].ShouldMatch(@"^busybox\s+latest\s+[0-9a-f]{12}\s+.+ ago\s+[\d.]+[kM]?B\s*$");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Load_reads_standard_input_in_every_compression(string client)
    {
        var plain = ImageArchive.OnBusybox().DockerArchive("packed:plain");
        (await Daemon.ClientWithBytesAsync(client, plain, "load")).Succeeded().ShouldContain("Loaded image: packed:plain");

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(ImageArchive.OnBusybox().DockerArchive("packed:gzip"));
        }

        (await Daemon.ClientWithBytesAsync(client, packed.ToArray(), "load")).Succeeded().ShouldContain("Loaded image: packed:gzip");
        (await RunAsync(client, "run", "--rm", "packed:gzip", "echo", "unpacked")).Succeeded().ShouldBe("unpacked");
        (await RunAsync(client, "rmi", "packed:plain", "packed:gzip")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Load_reads_an_oci_layout(string client)
    {
        var layout = ImageArchive.OnBusybox().Layer(ImageArchive.File("layout", client)).OciLayout("layout:v1");

        (await Daemon.ClientWithBytesAsync(client, layout, "load")).Succeeded().ShouldContain("Loaded image: layout:v1");
        (await RunAsync(client, "run", "--rm", "layout:v1", "cat", "/layout")).Succeeded().ShouldBe(client);
        (await RunAsync(client, "rmi", "layout:v1")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Layers_keep_modes_owners_times_links_devices_and_attributes(string client)
    {
        var archive = ImageArchive.OnBusybox().Layer(
            ImageArchive.Directory("kept", (UnixFileMode)0b1_111_000_111),
            ImageArchive.File("kept/setuid", "x", (UnixFileMode)0b100_111_101_101, uid: 1234, gid: 2345),
            ImageArchive.Link(TarEntryType.HardLink, "kept/hard", "kept/setuid", (UnixFileMode)0b100_111_101_101, uid: 1234, gid: 2345),
            ImageArchive.Link(TarEntryType.SymbolicLink, "kept/soft", "../etc/passwd"),
            ImageArchive.Device(TarEntryType.CharacterDevice, "kept/null", 1, 3),
            ImageArchive.Fifo("kept/fifo"),
            ImageArchive.File("kept/attributed", "y", attributes: new Dictionary<string, string>(StringComparer.Ordinal) { ["SCHILY.xattr.user.colour"] = "green" }));
        (await Daemon.ClientWithBytesAsync(client, archive.DockerArchive("faithful:v1"), "load")).Succeeded();

        var seen = (await RunAsync(client, "run", "--rm", "faithful:v1", "stat", "-c", "%n %a %u %g %F %h %Y", "/kept", "/kept/setuid", "/kept/hard", "/kept/null", "/kept/fifo")).Succeeded();

        var stamp = ImageArchive.Stamp.ToUnixTimeSeconds();
        seen.ShouldContain($"/kept 1707 0 0 directory 2 {stamp}");
        seen.ShouldContain($"/kept/setuid 4755 1234 2345 regular file 2 {stamp}");
        seen.ShouldContain($"/kept/hard 4755 1234 2345 regular file 2 {stamp}");
        seen.ShouldContain($"/kept/null 666 0 0 character special file 1 {stamp}");
        seen.ShouldContain($"/kept/fifo 666 0 0 fifo 1 {stamp}");
        (await RunAsync(client, "run", "--rm", "faithful:v1", "readlink", "/kept/soft")).Succeeded().ShouldBe("../etc/passwd");

        var directory = (await RunAsync(client, "image", "inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", "faithful:v1")).Text; // gone from the API since 1.52
        if (directory.StartsWith('/') && Shell.Find("getfattr") is { } getfattr)
        {
            (await Shell.RunAsync(getfattr, ["--only-values", "-n", "user.colour", Path.Combine(directory, "kept/attributed")])).Succeeded().ShouldBe("green");
        }

        (await RunAsync(client, "rmi", "faithful:v1")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Whiteouts_hide_and_opaque_directories_replace(string client)
    {
        var archive = ImageArchive.OnBusybox()
            .Layer(
                ImageArchive.Directory("a"), ImageArchive.File("a/gone", "1"), ImageArchive.File("a/stays", "1"),
                ImageArchive.Directory("b"), ImageArchive.File("b/old", "1"),
                ImageArchive.Directory("c"), ImageArchive.File("c/file", "1"))
            .Layer(
                ImageArchive.File("a/.wh.gone", ""),
                ImageArchive.Directory("b"), ImageArchive.File("b/.wh..wh..opq", ""), ImageArchive.File("b/new", "2"),
                ImageArchive.File(".wh.c", ""));
        (await Daemon.ClientWithBytesAsync(client, archive.DockerArchive("whiteouts:v1"), "load")).Succeeded();

        (await RunAsync(client, "run", "--rm", "whiteouts:v1", "sh", "-c", "ls -A /a /b; ls -d /c 2>&1 || true")).Lines
            .ShouldBe(["/a:", "stays", "/b:", "new", "ls: /c: No such file or directory"]);
        (await RunAsync(client, "rmi", "whiteouts:v1")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Tag_gives_a_second_name_and_rmi_takes_names_first(string client)
    {
        var unique = ImageArchive.OnBusybox().Layer(ImageArchive.File("unique", $"{client} tag"));
        (await Daemon.ClientWithBytesAsync(client, unique.DockerArchive("tagged:v1"), "load")).Succeeded();
        (await RunAsync(client, "tag", "tagged:v1", "example.test:5000/team/tagged:v2")).Succeeded();

        (await RunAsync(client, "rmi", "tagged:v1")).Succeeded().ShouldBe("Untagged: tagged:v1");
        var last = (await RunAsync(client, "rmi", "example.test:5000/team/tagged:v2")).Lines;

        last[0].ShouldBe("Untagged: example.test:5000/team/tagged:v2");
        last[1].ShouldMatch("^Deleted: sha256:[0-9a-f]{64}$");
        (await RunAsync(client, "image", "inspect", "tagged:v1")).Ended(1).Saying("No such image: tagged:v1");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Save_of_a_repository_has_all_its_tags_though_none_is_called_latest(string client)
    {
        var repository = NewName("several");
        using var scratch = new Scratch();
        var (file, small) = (Path.Combine(scratch.Path, "all.tar"), ImageArchive.OnBusybox().Layer(ImageArchive.File("several", client)).DockerArchive($"{repository}:1"));
        (await Daemon.ClientWithBytesAsync(client, small, "load")).Succeeded();
        (await RunAsync(client, "tag", $"{repository}:1", $"{repository}:2")).Succeeded();

        (await RunAsync(client, "save", "-o", file, repository)).Succeeded();
        (await RunAsync(client, "rmi", $"{repository}:1", $"{repository}:2")).Succeeded();
        var loaded = (await RunAsync(client, "load", "-i", file)).Succeeded();

        loaded.ShouldContain($"{repository}:1");
        loaded.ShouldContain($"{repository}:2");
        (await RunAsync(client, "rmi", $"{repository}:1", $"{repository}:2")).Succeeded();
        (await RunAsync(client, "save", "-o", file, repository)).Ended(1).Saying("No such image");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_trees_root_takes_what_its_only_branch_takes(string client)
    {
        var lines = (await RunAsync(client, "images", "--tree", "-a", "busybox:latest")).Succeeded().Split('\n');

        var root = lines.Single(line => line.Contains("busybox:latest", StringComparison.Ordinal));
        var branch = lines.Single(line => line.Contains("└─", StringComparison.Ordinal));
        Sizes(root).ShouldBe(Sizes(branch));
        Sizes(root).Length.ShouldBe(2);

        static string[] Sizes(string line) => [.. line.Split(' ').Where(word => word.EndsWith('B') && char.IsDigit(word[0]))];
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Rmi_refuses_while_a_container_uses_the_image(string client)
    {
        const string Image = "in-use:v1";
        await LoadOwnAsync(Image);
        (await RunAsync(client, "run", "-d", "--name", NewName("user"), Image, "sleep", "3600")).Succeeded();

        (await RunAsync(client, "rmi", Image)).Ended(1).Saying($"conflict: unable to remove repository reference \"{Image}\"").Saying("is using its referenced image");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task History_lists_the_layers_newest_first(string client)
    {
        await Shared.WithAsync("nginx");

        var history = (await RunAsync(client, "history", "--no-trunc", "--format", "{{.CreatedBy}}", "nginx")).Lines;

        history.ShouldBe(["scripts/images nginx, layer 2", "scripts/images nginx, layer 1"]);
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Import_makes_an_image_of_a_bare_tar(string client)
    {
        var files = ImageArchive.ReadTar(Checkout.Image("busybox"));
        using var manifest = JsonDocument.Parse(files["manifest.json"]);
        var layer = files[manifest.RootElement[0].GetProperty("Layers")[0].GetString()!];

        var id = (await Daemon.ClientWithBytesAsync(client, layer, "import", "-c", "CMD [\"echo\",\"imported\"]", "-c", "ENV COLOUR=green", "-", "imported:v1")).Succeeded();

        id.ShouldMatch("^sha256:[0-9a-f]{64}$");
        (await RunAsync(client, "run", "--rm", "imported:v1")).Succeeded().ShouldBe("imported");
        (await RunAsync(client, "run", "--rm", "imported:v1", "sh", "-c", "echo $COLOUR")).Succeeded().ShouldBe("green");
        (await RunAsync(client, "rmi", "imported:v1")).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Import_fetches_what_lies_at_an_address(string client)
    {
        var name = $"{NewName("fetched")}:v1";
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(ImageArchive.LayerOf(ImageArchive.File("kept", "from afar")));
        await using var server = new OneAnswer(packed.ToArray(), "application/gzip");
        await using var empty = new OneAnswer([], "text/plain", "404 Not Found");
        try
        {
            (await RunAsync(client, "import", "--platform", "linux/arm64", $"http://127.0.0.1:{server.Port}/root.tar.gz", name)).Succeeded().ShouldMatch($"Downloading from http://127.0.0.1:{server.Port}/root.tar.gz\\s+sha256:[0-9a-f]{{64}}");

            (await RunAsync(client, "image", "inspect", "-f", "{{.Architecture}} {{.Comment}}", name)).Succeeded().ShouldBe($"arm64 Imported from http://127.0.0.1:{server.Port}/root.tar.gz");
            (await RunAsync(client, "import", "-m", "a remark", $"http://127.0.0.1:{server.Port}/root.tar.gz", name)).Succeeded();
            (await RunAsync(client, "history", "--format", "{{.Comment}}", name)).Succeeded().ShouldBe("a remark");
            (await RunAsync(client, "import", $"http://127.0.0.1:{empty.Port}/no", name)).Ended(1).Saying("the server answered 404");
        }
        finally
        {
            await RunAsync(client, "rmi", "-f", name);
        }
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Inspect_shows_what_the_configuration_says(string client)
    {
        await Shared.WithAsync("nginx");

        using var document = JsonDocument.Parse((await RunAsync(client, "image", "inspect", "nginx")).Succeeded());

        var image = document.RootElement[0];
        image.GetProperty("RepoTags")[0].GetString().ShouldBe("nginx:latest");
        image.GetProperty("Os").GetString().ShouldBe("linux");
        image.GetProperty("RootFS").GetProperty("Layers").GetArrayLength().ShouldBe(2);
        image.GetProperty("Config").GetProperty("Cmd").EnumerateArray().Select(word => word.GetString()).ShouldBe(["nginx", "-g", "daemon off;"]);
        image.GetProperty("Config").GetProperty("ExposedPorts").TryGetProperty("80/tcp", out _).ShouldBeTrue();
        image.GetProperty("Size").GetInt64().ShouldBeGreaterThan(50_000_000);
    }

    [Fact]
    public async Task Two_images_share_the_layer_they_have_in_common()
    {
        await Shared.WithAsync("debian");
        await Shared.WithAsync("nginx");

        var debian = await InspectAsync(Clients.Sampan, "debian", "{{index .RootFS.Layers 0}}");
        var nginx = await InspectAsync(Clients.Sampan, "nginx", "{{index .RootFS.Layers 0}}");

        nginx.ShouldBe(debian);
        var disk = (await Shell.RunAsync("du", ["-sxk", Daemon.DataRoot])).Succeeded().Split('\t')[0];
        var both = new FileInfo(Checkout.Image("debian")).Length + new FileInfo(Checkout.Image("nginx")).Length;
        long.Parse(disk, System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThan(both / 1024 * 2, "each layer's blob and tree at most once");
    }
}
