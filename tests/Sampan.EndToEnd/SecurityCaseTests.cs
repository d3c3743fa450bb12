using System.Globalization;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Attacks on engines that worked elsewhere; docs/security.md says which other tests belong to them.</summary>
public sealed class SecurityCaseTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task CVE_2025_9074_no_container_reaches_the_engine()
    {
        // Where it listens on nothing but its socket there is nothing to be reached.
        var inodes = Directory.EnumerateFileSystemEntries($"/proc/{Daemon.Pid}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "").Where(target => target.StartsWith("socket:[", StringComparison.Ordinal)).Select(target => target[8..^1]).ToHashSet();
        var listening = new[] { "tcp", "tcp6" }.SelectMany(table => File.ReadLines($"/proc/{Daemon.Pid}/net/{table}").Skip(1)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && inodes.Contains(fields[9])).Select(fields => fields[1]).ToList();
        listening.ShouldBeEmpty();

        (await BusyboxAsync(Clients.Sampan, $"for port in 2375 2376; do nc -w 2 {Daemon.Subnet}.1 $port < /dev/null && echo open $port; done; echo done")).ShouldBe("done");
    }

    [Fact]
    public async Task CVE_2019_13509_secrets_are_in_no_log_of_the_engine()
    {
        const string Secret = "not-for-the-log";
        await using var daemon = await Daemon.StartAsync("--debug");
        await daemon.LoadAsync("busybox");

        (await daemon.SampanAsync("run", "--rm", "-e", $"PASSWORD={Secret}", "--label", $"token={Secret}", "busybox", "true")).Succeeded();
        (await daemon.SampanAsync("login", "-u", "someone", "-p", Secret, "127.0.0.1:1")).Failed();

        await Eventually.HoldsAsync("the calls are in the log", () => daemon.Log.Contains("/containers/create", StringComparison.Ordinal) && daemon.Log.Contains("/auth", StringComparison.Ordinal));
        daemon.Log.ShouldNotContain(Secret);
    }

    [Fact]
    public async Task CVE_2023_25173_groups_are_those_of_the_user_and_those_asked_for()
    {
        (await BusyboxAsync(Clients.Sampan, "id -G", "--user", "1000:1001")).ShouldBe("1001");
        (await BusyboxAsync(Clients.Sampan, "id -G", "--user", "1000:1001", "--group-add", "44")).Split(' ').Select(group => int.Parse(group, CultureInfo.InvariantCulture)).ShouldBe([1001, 44]);
    }
}
