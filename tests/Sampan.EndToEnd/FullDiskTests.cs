using System.Security.Cryptography;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>A full disk where the client or a registry writes; the engine's own phases are tried in Sampan.Kernel.Tests.</summary>
public sealed class FullDiskTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task What_the_client_writes_is_whole_or_not_there()
    {
        await using var disk = await SmallDisk.MountAsync("512k");
        var name = NewName("full");
        (await RunAsync(Clients.Sampan, "run", "--name", name, "busybox", "sh", "-c", "mkdir /d; head -c 2000000 /dev/urandom >/d/file")).Succeeded();
        await File.WriteAllTextAsync(Path.Combine(disk.Path, "file"), "old");
        await File.WriteAllTextAsync(Path.Combine(disk.Path, "image.tar"), "old");

        foreach (var command in new[]
        {
            new[] { "save", "-o", Path.Combine(disk.Path, "image.tar"), "busybox" },
            ["export", "-o", Path.Combine(disk.Path, "files.tar"), name],
            ["cp", $"{name}:/d/file", disk.Path],
        })
        {
            var ended = (await RunAsync(Clients.Sampan, command)).Ended(1).Saying("No space left on device");
            ended.Stderr.Trim().ShouldNotContain("\n");
            Directory.EnumerateFileSystemEntries(disk.Path).ShouldBe([Path.Combine(disk.Path, "file"), Path.Combine(disk.Path, "image.tar")], ignoreOrder: true, string.Join(' ', command));
            (await File.ReadAllTextAsync(Path.Combine(disk.Path, "file"))).ShouldBe("old");
            (await File.ReadAllTextAsync(Path.Combine(disk.Path, "image.tar"))).ShouldBe("old");
        }
    }

    [Fact]
    public async Task What_the_client_writes_does_not_take_the_place_of_a_device()
    {
        using var scratch = new Scratch();
        var device = Path.Combine(scratch.Path, "null");
        (await Shell.ShAsync($"mknod {device} c 1 3; echo 'FROM busybox' >{scratch.Path}/Dockerfile; printf 'services:\n  a: {{image: busybox}}\n' >{scratch.Path}/compose.yaml")).Succeeded();

        foreach (var command in new[] { $"save -o {device} busybox", $"build --iidfile {device} --metadata-file {device} {scratch.Path}", $"compose -f {scratch.Path}/compose.yaml config -o {device}" })
        {
            (await RunAsync(Clients.Sampan, command.Split(' '))).Succeeded();
            (await Shell.RunAsync("stat", ["-c", "%F", device])).Text.ShouldBe("character special file", command);
        }
    }

    [Fact]
    public async Task A_copy_of_another_registry_that_finds_no_room_keeps_nothing_of_the_blob()
    {
        await using var disk = await SmallDisk.MountAsync("1m");
        using var scratch = new Scratch();
        await using var origin = await OwnRegistry.StartAsync("--root", Path.Combine(scratch.Path, "origin"));
        var settings = Path.Combine(scratch.Path, "registry.json");
        await File.WriteAllTextAsync(settings, $$"""{"mirrors":[{"prefix":"copy","upstream":"http://{{origin.Host}}"}]}""");
        var root = Path.Combine(disk.Path, "root");
        await using var copy = await OwnRegistry.StartAsync("--root", root, "--config", settings);
        using var http = new HttpClient { Timeout = Shell.Patience };
        var (small, large) = (RandomNumberGenerator.GetBytes(100_000), RandomNumberGenerator.GetBytes(1_500_000));
        foreach (var blob in new[] { small, large })
        {
            using var pushed = await http.PostAsync(new Uri($"http://{origin.Host}/v2/app/blobs/uploads/?digest={DigestOf(blob)}"), new ByteArrayContent(blob));
            ((int)pushed.StatusCode).ShouldBe(201);
        }

        // Its head was sent before the disk was full: the connection ends before the last byte.
        await Should.ThrowAsync<HttpRequestException>(() => http.GetByteArrayAsync(new Uri($"http://{copy.Host}/v2/copy/app/blobs/{DigestOf(large)}")));

        await Eventually.HoldsAsync("nothing is left of it", () => !Directory.EnumerateFiles(Path.Combine(root, "incoming")).Any());
        Directory.EnumerateFiles(Path.Combine(root, "blobs"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
        (await http.GetByteArrayAsync(new Uri($"http://{copy.Host}/v2/copy/app/blobs/{DigestOf(small)}"))).ShouldBe(small);
    }

    private static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
}
