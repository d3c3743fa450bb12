using System.Text;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>A program in a container that watches its source on the host: it hears of edits made there.</summary>
public sealed class DevelopmentLoopTests(SharedEngine engine) : EngineTest(engine)
{
    // Perl has no words for inotify; the numbers of its calls are those of arm64 and of x86-64.
    private const string Watcher = """
        use POSIX;
        my ($init, $add) = (POSIX::uname())[4] eq "aarch64" ? (26, 27) : (294, 254);
        my $fd = syscall($init, 0);
        my $path = "/app\0";
        my $created = 0x100;
        syscall($add, $fd, $path, $created) >= 0 or die $!;
        $| = 1;
        print "watching\n";
        open(my $events, "<&=", $fd) or die $!;
        while (sysread($events, my $event, 4096)) {
            print "edited ", unpack("Z*", substr($event, 16)), "\n";
        }
        """;

    [Theory, MemberData(nameof(Both))]
    public async Task Inotify_in_a_container_sees_edits_on_the_host(string client)
    {
        await Shared.WithAsync("debian");
        using var source = new Scratch();
        var name = NewName("watcher");
        (await RunAsync(client, "run", "-d", "--name", name, "-v", $"{source.Path}:/app", "debian", "perl", "-e", Watcher)).Succeeded();
        await Eventually.HoldsAsync("it watches", async () => (await RunAsync(client, "logs", name)).Stdout.Contains("watching", StringComparison.Ordinal));

        await File.WriteAllTextAsync(Path.Combine(source.Path, "server.js"), "x");

        await Eventually.HoldsAsync("the edit is seen", async () => (await RunAsync(client, "logs", name)).Stdout.Contains("edited server.js", StringComparison.Ordinal));
        (await RunAsync(client, "rm", "-f", name)).Succeeded();
    }

    [Fact]
    public async Task A_node_server_reloads_when_its_source_is_edited_on_the_host()
    {
        if (!File.Exists(Path.Combine(Checkout.Root, "artifacts", "images", "node.tar")))
            Assert.Skip("on request, as it takes an image of node: make test-apps");
        await Shared.WithAsync("node");
        using var source = new Scratch();
        var name = NewName("node");
        await WriteAsync(source, "one");
        (await Daemon.SampanAsync("run", "-d", "--init", "--name", name, "-w", "/app", "-v", $"{source.Path}:/app", "node", "sh", "-c", "exec node --watch server.js")).Succeeded();

        await AnswersAsync(name, "one", () => Task.CompletedTask);
        foreach (var answer in new[] { "two", "six" })
        {
            await WriteAsync(source, answer);
            await AnswersAsync(name, answer, () => WriteAsync(source, answer));
        }
    }

    // In one write and in place: node watches the file itself, and would start with half of it, or watch one that is gone.
    private static async Task WriteAsync(Scratch source, string answer)
    {
        await using var file = new FileStream(Path.Combine(source.Path, "server.js"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        await file.WriteAsync(Encoding.UTF8.GetBytes($"require('http').createServer((request, response) => response.end('{answer}')).listen(3000, '127.0.0.1');\n"));
    }

    // An edit that comes while node starts anew may be missed: it is made again now and then.
    private async Task AnswersAsync(string name, string answer, Func<Task> again)
    {
        var asked = 0;
        await Eventually.HoldsAsync($"the server answers {answer}", async () =>
        {
            if (++asked % 40 == 0)
                await again();
            return (await Daemon.SampanAsync("exec", name, "node", "-e", "require('http').get('http://127.0.0.1:3000', r => r.on('data', d => process.stdout.write(d))).on('error', () => {})")).Text == answer;
        });
    }
}
