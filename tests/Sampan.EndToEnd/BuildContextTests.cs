using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary><c>sampan build</c> sends what changed, not what the engine has from the build before.</summary>
public sealed class BuildContextTests(SharedEngine engine) : EngineTest(engine)
{
    private const int Files = 300;

    [Fact]
    public async Task The_second_build_sends_only_what_changed_and_gives_what_a_whole_context_gives()
    {
        using var context = new Scratch();
        for (var i = 0; i < Files; i++)
            await File.WriteAllTextAsync(Path.Combine(context.Path, $"file{i}"), $"content of {context.Path} {i}\n");
        await File.WriteAllTextAsync(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nCOPY . /all/\nRUN cat /all/file7 /all/file8\n");
        File.CreateSymbolicLink(Path.Combine(context.Path, "link"), "file7");

        (await BuildAsync()).ShouldContain($"context: {Files + 1} files, 0 of them known from before");
        // Files that were made a moment ago are sent once more: a change within the clock's grain would not show.
        await Eventually.HoldsAsync("all of it is known", async () => (await BuildAsync()).Contains($"context: {Files + 1} files, {Files + 1} of them known from before", StringComparison.Ordinal));
        var image = await InspectAsync(Clients.Docker, "context-own", "{{.Id}}");

        // The same size, so that only times tell.
        await File.WriteAllTextAsync(Path.Combine(context.Path, "file7"), (await File.ReadAllTextAsync(Path.Combine(context.Path, "file7"))).Replace("content", "CONTENT", StringComparison.Ordinal));
        File.Delete(Path.Combine(context.Path, "file9"));
        var changed = await BuildAsync();
        changed.ShouldContain($"context: {Files} files, {Files - 1} of them known from before");
        changed.ShouldContain($"CONTENT of {context.Path} 7");
        (await RunAsync(Clients.Docker, "run", "--rm", "context-own", "sh", "-c", "cat /all/link; ls /all | wc -l; cat /all/file* | wc -l")).Lines.ShouldBe([$"CONTENT of {context.Path} 7", $"{Files + 1}", $"{Files - 1}"]);

        // Docker's client sends all of it, and gets the same steps.
        var whole = (await Shell.RunAsync(Clients.Path(Clients.Docker), ["build", "-t", "context-own", context.Path], new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "0" })).Succeeded();
        whole.Split("Using cache").Length.ShouldBe(3, whole);
        (await InspectAsync(Clients.Docker, "context-own", "{{.Id}}")).ShouldNotBe(image);

        (await RunAsync(Clients.Docker, "system", "df", "-v", "--format", "{{json .BuildCache}}")).Succeeded().ShouldContain($"context {context.Path}");
        (await RunAsync(Clients.Docker, "builder", "prune", "-f", "--filter", $"description=context {context.Path}")).Succeeded();
        (await BuildAsync()).ShouldContain($"context: {Files} files, 0 of them known from before");

        async Task<string> BuildAsync() => (await RunAsync(Clients.Sampan, "build", "-t", "context-own", context.Path)).Succeeded();
    }

    [Fact]
    public async Task Large_files_are_read_by_the_engine_itself_and_give_what_a_whole_context_gives()
    {
        using var context = new Scratch();
        var (first, second) = (new byte[9_000_001], new byte[4 << 20]);
        new Random(context.Path.GetHashCode(StringComparison.Ordinal)).NextBytes(first);
        new Random(context.Path.Length).NextBytes(second);
        await File.WriteAllBytesAsync(Path.Combine(context.Path, "first"), first);
        await File.WriteAllBytesAsync(Path.Combine(context.Path, "second"), second);
        await File.WriteAllTextAsync(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nCOPY first /all/\nRUN --mount=type=bind,target=/context sha256sum /all/first /context/first /context/second\n");
        try
        {
            var built = (await RunAsync(Clients.Sampan, "build", "-t", "large-own", context.Path)).Succeeded();
            // Older kernels do not say by a descriptor who connected: then they are sent.
            if (Environment.OSVersion.Version >= new Version(6, 5))
                built.ShouldContain("context: 3 files, 0 of them known from before, 2 read where they are");
            var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(first));
            built.ShouldContain($"{hash}  /all/first");
            built.ShouldContain($"{hash}  /context/first");
            built.ShouldContain($"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(second))}  /context/second");

            // Docker's client sends all of it, and gets the same steps.
            var sent = (await Shell.RunAsync(Clients.Path(Clients.Docker), ["build", "-t", "large-own", context.Path], new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "0" })).Succeeded();
            sent.ShouldContain("Using cache");

            // What was removed with its layer is not taken for known.
            (await RunAsync(Clients.Sampan, "rmi", "-f", "large-own")).Succeeded();
            await File.WriteAllTextAsync(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nCOPY first /other/\nRUN sha256sum /other/first\n");
            (await RunAsync(Clients.Sampan, "build", "-t", "large-own", context.Path)).Succeeded().ShouldContain($"{hash}  /other/first");
        }
        finally
        {
            await RunAsync(Clients.Sampan, "rmi", "-f", "large-own");
        }
    }

    [Fact]
    public async Task What_changed_is_seen_whatever_its_size_and_times_say()
    {
        using var scratch = new Scratch();
        var (context, copy) = (Path.Combine(scratch.Path, "context"), Path.Combine(scratch.Path, "copy"));
        Directory.CreateDirectory(Path.Combine(context, "d"));
        for (var i = 0; i < Files; i++)
            await File.WriteAllTextAsync(Path.Combine(context, "d", $"file{i}"), $"content of {context} {i}\n");
        await File.WriteAllTextAsync(Path.Combine(context, "a\nb"), "a name of two lines");
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), "FROM scratch\nCOPY . /\n");
        await File.WriteAllBytesAsync(Path.Combine(context, "large"), new byte[5_000_000]);
        await Shell.RunAsync("/bin/ln", [Path.Combine(context, "d/file1"), Path.Combine(context, "again")]);

        await ShouldBeCopiedAsync();
        await ChangeAsync(() => ReplaceKeepingTime("d/file7", text => text.Replace("content", "CONTENT", StringComparison.Ordinal)));
        await ChangeAsync(() => ReplaceKeepingTime("large", text => "x" + text[1..]));
        await ChangeAsync(() => File.SetUnixFileMode(Path.Combine(context, "d/file8"), UnixFileMode.UserRead));
        await ChangeAsync(() =>
        {
            File.Move(Path.Combine(context, "d/file9"), Path.Combine(context, "moved"));
            File.Move(Path.Combine(context, "d/file10"), Path.Combine(context, "d/file9"));
        });
        await ChangeAsync(() =>
        {
            Directory.Move(Path.Combine(context, "d"), Path.Combine(context, "e"));
            File.CreateSymbolicLink(Path.Combine(context, "d"), "e");
        });

        async Task ChangeAsync(Action change)
        {
            await Eventually.HoldsAsync("all of it is known", async () => Regex.IsMatch(await BuildAsync(), @"context: (?<all>\d+) files, \k<all> of them known from before", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10)));
            change();
            await ShouldBeCopiedAsync();
        }

        void ReplaceKeepingTime(string name, Func<string, string> edit)
        {
            var path = Path.Combine(context, name);
            var time = File.GetLastWriteTimeUtc(path);
            File.WriteAllText(path, edit(File.ReadAllText(path)));
            File.SetLastWriteTimeUtc(path, time);
        }

        async Task ShouldBeCopiedAsync()
        {
            await BuildAsync();
            (await LookAsync(copy)).ShouldBe(await LookAsync(context));
        }

        async Task<string> BuildAsync()
        {
            if (Directory.Exists(copy))
                Directory.Delete(copy, recursive: true);
            return (await RunAsync(Clients.Sampan, "build", "-o", $"type=local,dest={copy}", context)).Succeeded();
        }

        static async Task<string> LookAsync(string directory) =>
            (await Shell.RunAsync("/bin/sh", ["-c", "cd \"$1\" && find . -printf '%P %m %y %l\\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum", "sh", directory])).Succeeded();
    }

    [Fact]
    public async Task Offers_that_make_no_sense_are_refused()
    {
        (await SendAsync("/sampan/builds/contexts?key=short", "a\0b\0")).ShouldBe((400, "the offer of a context needs a key of 16 to 128 characters"));
        (await SendAsync("/sampan/builds/contexts?key=0123456789abcdef", "a\0b\0c\0")).ShouldBe((400, "the offer of a context is no list of names and fingerprints, each followed by a zero byte"));
        (await SendAsync("/sampan/builds/contexts?key=0123456789abcdef", "a")).ShouldBe((400, "the offer of a context is no list of names and fingerprints, each followed by a zero byte"));
        (await SendAsync("/build?knowncontext=0123456789abcdef", "")).Message.ShouldContain("was forgotten meanwhile, so parts of the context are missing: build again");

        async Task<(int Status, string Message)> SendAsync(string path, string body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path.TrimStart('/')) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/octet-stream") };
            using var answer = await Daemon.Http.SendAsync(request);
            var text = (await answer.Content.ReadAsStringAsync()).Trim();
            return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? text : System.Text.Json.JsonDocument.Parse(text).RootElement.GetProperty("message").GetString() ?? "");
        }
    }
}
