using Sampan.Kernel.Tests.Runtime;
using Sampan.Network;
using Sampan.Network.Firewall;

namespace Sampan.Kernel.Tests.Network;

/// <summary>What is counted before and after many containers came and went; the kernel takes links down on its own time, so those are waited for.</summary>
[Collection(CountingCollection.Name)]
public class LeakTests
{
    private const int Many = 100;

    [Fact]
    public async Task A_hundred_containers_one_after_the_other_leave_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var before = Count(net);

        for (var i = 0; i < Many; i++)
            await ComeAndGoAsync(net, $"c{i}", (ushort)(18000 + i));

        await NothingIsLeftAsync(net, before);
    }

    [Fact]
    public async Task A_hundred_containers_at_once_leave_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        var before = Count(net);

        var attachments = await Task.WhenAll(Enumerable.Range(0, Many).Select(i => net.ConnectAsync($"c{i}", new PortRequest { ContainerPort = 80, HostPort = (ushort)(18000 + i) })));
        attachments.Select(a => a.Address).Distinct().Count().ShouldBe(Many);
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress).ShouldBe(Many);
        net.Host.Links().Count(l => l.Kind == "veth").ShouldBeGreaterThanOrEqualTo(Many);
        await Task.WhenAll(Enumerable.Range(0, Many).Select(i => net.Service.DisconnectAsync($"c{i}", CancellationToken.None)));

        await NothingIsLeftAsync(net, before);
    }

    [Fact]
    public async Task A_failed_connection_leaves_nothing()
    {
        await using var net = await NetworkFixture.OpenAsync();
        await net.ConnectAsync("holder", new PortRequest { ContainerPort = 80, HostPort = 18000 });
        var before = Count(net);

        for (var i = 0; i < Many; i++)
        {
            // The second port is taken: the first and the address are given back.
            var refusal = await Should.ThrowAsync<NetworkException>(() => net.ConnectAsync($"c{i}", new PortRequest { ContainerPort = 80, HostPort = 18001 }, new PortRequest { ContainerPort = 81, HostPort = 18000 }));
            refusal.Kind.ShouldBe(NetworkError.PortInUse);
        }

        await NothingIsLeftAsync(net, before);
    }

    private static async Task ComeAndGoAsync(NetworkFixture net, string id, ushort port)
    {
        await net.ConnectAsync(id, new PortRequest { ContainerPort = 80, HostPort = port }, new PortRequest { Protocol = PortProtocol.Udp, ContainerPort = 80, HostPort = port, HostAddress = System.Net.IPAddress.Loopback });
        await net.Service.DisconnectAsync(id, CancellationToken.None);
    }

    private static async Task NothingIsLeftAsync(NetworkFixture net, Counts before)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Count(net) != before && !patience.IsCancellationRequested)
            await Task.Delay(20);
        Count(net).ShouldBe(before);
    }

    private static Counts Count(NetworkFixture net) => new(
        net.Host.Links().Count,
        net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnAnyAddress) + net.Host.Elements(NetworkFixture.Bridge, FirewallRules.OnOneAddress),
        File.ReadLines("/proc/self/mountinfo").Count(l => l.Contains(net.Directory)),
        Directory.EnumerateFileSystemEntries(Path.Combine(net.Directory, "netns")).Count(),
        NetworkDescriptors(),
        net.Service.Networks.Sum(n => n.Members.Count));

    // Other tests of this process open files of their own: only what this service could leave open is counted.
    private static int NetworkDescriptors() => Directory.EnumerateFiles("/proc/self/fd")
        .Select(f => new FileInfo(f).LinkTarget)
        .Count(t => t is not null && t.StartsWith("net:", StringComparison.Ordinal));

    private sealed record Counts(int Links, int Elements, int Mounts, int Files, int Descriptors, int Members);
}
